"""What Word's styles make of a paragraph or a run: a heading of some level, part of a list, something nobody sees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from docx.document import Document as WordDocument

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NEAR = 12
_TINY = 3
"""Half points: a letter of one and a half points is a speck."""


@dataclass(frozen=True)
class Look:
    """How something looks as far as readers need to know. Colours are `rrggbb`, empty for one that nobody knows."""

    ground: str
    colour: str = ""
    level: int = 0
    """1 for the highest heading, 0 for what is none."""
    is_title: bool = False
    list_id: str = ""
    list_level: str = "0"
    vanishes: bool = False
    half_points: int = 22

    @property
    def is_hidden(self) -> bool:
        return self.vanishes or self.half_points <= _TINY or _is_near(self.colour, self.ground)


@dataclass
class Styles:
    """The styles of a document, and its paper."""

    paper: str = "ffffff"
    default: str = ""
    by_id: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, document: WordDocument) -> "Styles":
        styles = cls()
        for style in document.styles.element.iterchildren(f"{W}style"):
            styles.by_id[style.get(f"{W}styleId", "")] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
                styles.default = style.get(f"{W}styleId", "")
        background = document.element.find(f"{W}background")
        if background is not None:
            styles.paper = _colour(background.get(f"{W}color", ""))
        return styles

    def paragraph(self, properties: Any, ground: str) -> Look:
        """The look of a paragraph's text, by its `w:pPr`."""
        look = Look(ground)
        for style in self._chain(attribute(properties, "pStyle") or self.default):
            look = _named(look, attribute(style, "name").lower())
            look = _run(_paragraph(look, style.find(f"{W}pPr")), style.find(f"{W}rPr"))
        return _paragraph(look, properties)

    def run(self, properties: Any, look: Look) -> Look:
        """The look of some letters, by their `w:rPr`, in a paragraph of a look."""
        for style in self._chain(attribute(properties, "rStyle")):
            look = _run(look, style.find(f"{W}rPr"))
        return _run(look, properties)

    def table_ground(self, properties: Any, ground: str) -> str:
        """A table's style may colour its rows in more ways than we follow."""
        style = self.by_id.get(attribute(properties, "tblStyle"))
        plain = style is None or attribute(style, "name").lower() in ("normal table", "table grid")
        return filled(properties, ground) if plain else ""

    def _chain(self, style_id: str) -> Iterator[Any]:
        """A style after those that it is based on; one that is based on itself ends somewhere."""
        chain: list[Any] = []
        while (style := self.by_id.get(style_id)) is not None and style not in chain:
            chain.append(style)
            style_id = attribute(style, "basedOn")
        yield from reversed(chain)


def attribute(element: Any, name: str) -> str:
    """The value of a property such as `<w:pStyle w:val="Title"/>`; empty where there is none."""
    found = element.find(f"{W}{name}") if element is not None else None
    return str(found.get(f"{W}val", "")) if found is not None else ""


def is_on(element: Any, name: str, otherwise: bool = False) -> bool:
    """Whether a switch such as `<w:vanish/>` is there, and not turned off."""
    switch = element.find(f"{W}{name}") if element is not None else None
    return otherwise if switch is None else switch.get(f"{W}val", "true") not in ("0", "false", "off")


def filled(element: Any, ground: str) -> str:
    """The ground of what has these properties: its own filling, or that behind it."""
    shade = element.find(f"{W}shd") if element is not None else None
    if shade is None or shade.get(f"{W}fill", "auto") == "auto":
        return ground
    return _colour(shade.get(f"{W}fill"))


def _named(look: Look, name: str) -> Look:
    if name == "title":
        return replace(look, level=1, is_title=True)
    heading = re.fullmatch(r"heading ([1-9])", name)
    return replace(look, level=int(heading[1]), is_title=False) if heading else look


def _paragraph(look: Look, properties: Any) -> Look:
    if properties is None:
        return look
    outline = attribute(properties, "outlineLvl")
    if outline.isdigit() and not look.is_title:
        look = replace(look, level=int(outline) + 1 if int(outline) < 9 else 0)
    number = properties.find(f"{W}numPr")
    if number is not None:
        list_id = attribute(number, "numId") or look.list_id
        look = replace(look, list_id="" if list_id == "0" else list_id, list_level=attribute(number, "ilvl") or "0")
    return replace(look, ground=filled(properties, look.ground))


def _run(look: Look, properties: Any) -> Look:
    if properties is None:
        return look
    size, highlight = attribute(properties, "sz"), attribute(properties, "highlight")
    return replace(
        look,
        vanishes=is_on(properties, "vanish", look.vanishes),
        colour=_colour(attribute(properties, "color")) if attribute(properties, "color") else look.colour,
        half_points=int(size) if size.isdigit() else look.half_points,
        ground="" if highlight not in ("", "none") else filled(properties, look.ground),
    )


def _colour(value: str) -> str:
    return value.lower() if re.fullmatch(r"[0-9a-fA-F]{6}", value) else ""


def _is_near(one: str, other: str) -> bool:
    if not one or not other:
        return False
    return all(abs(int(one[n : n + 2], 16) - int(other[n : n + 2], 16)) <= _NEAR for n in (0, 2, 4))
