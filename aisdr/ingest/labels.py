"""Labels of a source: title, language, tags, and whether Tavus shall know it, too.

They come from `meta.toml` of the folder and of the folders above (its own keys for all files below, a table named like
a file for that file), then from `<name>.toml` beside the file, then from front matter; the nearest wins.
"""

import difflib
import re
import reprlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from aisdr.errors import InvalidInput

META = "meta.toml"
KEYS = frozenset({"title", "language", "tags", "tavus", "alt", "caption", "visibility", "expires"})
Visibility = Literal["public", "visitors", "internal"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
MAX_BYTES = 256 << 10
"""Of a TOML file: labels of a thousand files fit; what is longer was not written by hand."""
_FORMS = {
    "language": "a code such as en, de or pt-BR",
    "tavus": "true or false",
    "tags": "a list of strings",
    "visibility": "one of " + ", ".join(VISIBILITIES),
    "expires": "a date such as 2027-01-31",
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8})*")
_short = reprlib.Repr()
"""A value of ten lines of YAML can be terabytes long, each line naming the one before it nine times."""
_short.maxlevel, _short.maxstring, _short.maxother = 1, 80, 80
_ALIKE = 0.8
"""How alike a misspelt key is to the key that was meant: `visibilty`, `expire`, `tag`, `titel`."""


@dataclass(frozen=True)
class Labels:
    """What an operator says about a source."""

    title: str = ""
    language: str = "en"
    tags: tuple[str, ...] = ()
    tavus: bool = False
    alt: str = ""
    """What a picture shows, for someone who does not see it."""
    caption: str = ""
    """A sentence about a picture or a clip."""
    visibility: Visibility = "public"
    """`public`: everybody who has its address may open it. `visitors`: its address is signed and ends soon.
    `internal`: it is for the company's own people and does not enter the index."""
    expires: date | None = None
    """The last day on which it is true."""

    def with_values(self, values: Mapping[str, Any], where: str) -> "Labels":
        """These labels, overridden by `values`. Keys we do not know are left alone: front matter serves others, too.

        Raises:
            InvalidInput: a value has the wrong type, or a key is nearly one of ours: what was to be `internal` must not
                be published for the sake of one letter. The message names place, key and remedy.
        """
        for key in values.keys() - KEYS:
            if meant := difflib.get_close_matches(str(key).lower(), KEYS - {"alt"}, 1, _ALIKE):
                raise InvalidInput(f"{where}: key '{key}' is unknown; write '{meant[0]}'")
        known = {key: value for key, value in values.items() if key in KEYS}
        for key, value in known.items():
            match key, value:
                case "tavus", bool():
                    pass
                case "tags", list() if all(isinstance(tag, str) for tag in value):
                    known[key] = tuple(value)
                case "language", str() if _LANGUAGE.fullmatch(value.strip()):
                    known[key] = value.strip().replace("_", "-")
                case (("title" | "alt" | "caption"), str()):
                    known[key] = value.strip()
                case "visibility", str() if value in VISIBILITIES:
                    pass
                case "expires", datetime():
                    known[key] = value.date()
                case "expires", date():
                    pass
                case "expires", str() if _DATE.fullmatch(value.strip()):
                    known[key] = _date(value.strip(), where)
                case _:
                    form = _FORMS.get(key, "text in quotes")
                    raise InvalidInput(f"{where}: '{key}' must be {form}, not {_short.repr(value)}")
        return replace(self, **known)


def labels_of(root: Path, path: Path, language: str = "en") -> Labels:
    """The labels that TOML files give to a file of the folder; `language` is that of a file of which nothing is said.

    Raises:
        InvalidInput: a TOML file cannot be read, or says something that is no label.
    """
    labels = Labels(language=language)
    folders = [folder for folder in reversed(path.parents) if folder.is_relative_to(root)]
    for folder in folders:
        values = _read(folder / META)
        tables = {key: value for key, value in values.items() if isinstance(value, dict)}
        labels = labels.with_values(_known(values, tables, folder / META), str(folder / META))
        if folder == path.parent and path.name in tables:
            table = tables[path.name]
            labels = labels.with_values(_known(table, {}, folder / META), f"{folder / META} [{path.name}]")
    for name in (f"{path.stem}.toml", f"{path.name}.toml"):
        file = path.with_name(name)
        if name != META:
            labels = labels.with_values(_known(_read(file), {}, file), str(file))
    return labels


def labelled_and_missing(root: Path) -> list[str]:
    """Files that some `meta.toml` below speaks of and that are not there: a misspelt name keeps nothing internal."""
    missing = []
    for meta in sorted(root.rglob(META)):
        try:
            tables = [key for key, value in _read(meta).items() if isinstance(value, dict)]
        except InvalidInput:
            continue  # each of its files says so
        missing += [
            (meta.parent / name).relative_to(root).as_posix() for name in tables if not (meta.parent / name).exists()
        ]
    return missing


def _date(value: str, where: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(f"{where}: 'expires' must be {_FORMS['expires']}, not {value!r} ({error})") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InvalidInput(f"{file}: labels longer than {MAX_BYTES >> 10} kB are not read; shorten it")
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except RecursionError:
        raise InvalidInput(f"{file}: it is nested deeper than anything that people write") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: not valid TOML ({error}); mend the line it names") from None


def _known(values: Mapping[str, Any], tables: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Our own files may only hold our own keys: a misspelt `tavos = true` must not pass in silence."""
    plain = {key: value for key, value in values.items() if key not in tables}
    for key in plain:
        if key not in KEYS:
            raise InvalidInput(f"{file}: key '{key}' is unknown; the keys are {', '.join(sorted(KEYS))}")
    return plain
