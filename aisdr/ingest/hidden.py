"""Passages of a web page that nobody sees: they were written for machines, and often against them.

Only what stands in the element itself is judged (attributes and inline style). A style sheet may hide a panel until it
is clicked, which is no reason not to know what is in it.
"""

import re

from lxml.html import HtmlElement  # type: ignore[import-untyped]

_FAR = 900
"""Pixels, or any other unit: what is moved this far stands beside every screen."""

_NUMBER = re.compile(r"-?\d*\.?\d+")
_OUT_OF_SIGHT = re.compile(
    r"rect\((?:\s*[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:50|[6-9]\d|100)%|circle\(\s*0"
    r"|scale[xy]?\(\s*0(?:\.0+)?\s*[,)]|translate(?:x|y|3d)?\([^)]*-\d{3,}"
)
_COLOURS = {"white": "#ffffff", "black": "#000000", "transparent": "transparent"}
_NO_COLOUR = ("", "none", "inherit", "initial", "unset")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")
_NEAR = 12
"""Of 255 in each of red, green and blue: nobody tells these two colours apart."""


def take_out_hidden(root: HtmlElement, *, is_styled: bool) -> int:
    """Takes them out of the tree; how many there were that said something.

    `is_styled`: the page has a style sheet, so that its ground need not be white.
    """
    count = 0
    element = _next_after(root, root, inside=True)
    while element is not None:
        if not isinstance(element.tag, str) or not _is_hidden(element, not is_styled):
            element = _next_after(element, root, inside=True)
            continue
        following = _next_after(element, root, inside=False)
        count += bool(element.text_content().strip())
        element.drop_tree()
        element = following
    return count


def _next_after(element: HtmlElement, root: HtmlElement, *, inside: bool) -> HtmlElement | None:
    """In the order of the page, without or with what stands inside of this one."""
    if inside and len(element):
        return element[0]
    while element is not None and element is not root:
        if (following := element.getnext()) is not None:
            return following
        element = element.getparent()
    return None


def _is_hidden(element: HtmlElement, plain: bool) -> bool:
    if element.tag in ("html", "head", "body"):
        return False  # a page that its own script shows when it is ready
    if "hidden" in element.attrib and element.get("hidden", "").lower() != "until-found":
        return True
    if element.get("aria-hidden", "").strip().lower() == "true":
        return True
    style = _style(element)
    return _is_not_drawn(style) or _is_out_of_sight(style) or _has_the_colour_of_its_ground(element, style, plain)


def _style(element: HtmlElement) -> dict[str, str]:
    declared: dict[str, str] = {}
    if element.tag == "font" and (colour := element.get("color")):
        declared["color"] = colour.strip().lower()
    if ground := element.get("bgcolor"):
        declared["background-color"] = ground.strip().lower()
    text = re.sub(r"/\*.*?\*/", "", element.get("style", "")[:10_000], flags=re.DOTALL)
    for declaration in text.lower().split(";"):
        name, _, value = declaration.partition(":")
        declared[name.strip()] = value.replace("!important", "").strip()
    if "background" in declared:
        declared.setdefault("background-color", declared["background"])
    return declared


def _is_not_drawn(style: dict[str, str]) -> bool:
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("content-visibility") == "hidden"
        or _number(style.get("opacity"), 1) < 0.05
        or _number(style.get("font-size"), 16) < (0.1 if "em" in style.get("font-size", "") else 1.5)
    )


def _is_out_of_sight(style: dict[str, str]) -> bool:
    placed = style.get("position") in ("absolute", "fixed")
    if placed and any(abs(_number(style.get(side), 0)) >= _FAR for side in ("left", "top", "right", "bottom")):
        return True
    if _number(style.get("text-indent"), 0) <= -_FAR or _number(style.get("margin-left"), 0) <= -_FAR:
        return True
    clipped = style.get("overflow", "").startswith(("hidden", "clip"))
    if clipped and any(_number(style.get(side), 100) <= 1 for side in ("height", "width", "max-height", "max-width")):
        return True
    return any(_OUT_OF_SIGHT.search(style.get(name, "")) for name in ("clip", "clip-path", "transform"))


def _has_the_colour_of_its_ground(element: HtmlElement, style: dict[str, str], plain: bool) -> bool:
    """Where it can be known: a ground that is written at an element, or the white of a page without a style sheet."""
    colour = _colour(style.get("color", ""))
    if colour is None:
        return False
    if colour == "transparent":
        return True
    for each in (element, *element.iterancestors()):
        its = style if each is element else _style(each)
        if "url(" in its.get("background", "") + its.get("background-image", "") or "gradient" in str(its.values()):
            return False
        written = its.get("background-color", "")
        ground = _colour(written)
        if written not in _NO_COLOUR and ground is None:
            return False  # a colour with a name of its own
        if ground and ground != "transparent":
            return _is_near(colour, ground)
    return plain and _is_near(colour, "#ffffff")


def _colour(value: str) -> str | None:
    """`#rrggbb` or `transparent`; None for what we do not know the value of."""
    value = _COLOURS.get(value, value)
    if value == "transparent" or re.fullmatch(r"#[0-9a-f]{6}", value):
        return value
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return "#" + "".join(digit * 2 for digit in value[1:])
    if found := _RGB.fullmatch(value):
        if found[4] and _number(found[4], 1) == 0:
            return "transparent"
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in found.groups()[:3])
    return None


def _is_near(one: str, other: str) -> bool:
    return all(abs(int(one[n : n + 2], 16) - int(other[n : n + 2], 16)) <= _NEAR for n in (1, 3, 5))


def _number(value: str | None, otherwise: float) -> float:
    found = _NUMBER.match(value) if value else None
    return float(found[0]) if found else otherwise
