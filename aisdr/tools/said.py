"""What visitors say about themselves, typed or spoken, as types of arguments with their labels."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from aisdr.tools.form import Shown

_ADDRESS = re.compile(r"[^@\s<>()\[\]\\,;:\"\x00-\x1f]+@([^@\s<>()\[\]\\,;:\"\x00-\x1f.]+\.)+[^@\W\d_.]{2,}")
_SPOKEN = (("dot", "."), ("underscore", "_"), ("dash", "-"), ("hyphen", "-"), ("minus", "-"), ("plus", "+"))


def _as_written(value: object) -> object:
    """A spoken address arrives as words: "jane dot doe at example dot com", or half of it does, or letter by letter."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if "@" not in text:
        text = re.sub(r"\s+at\s+", "@", text, count=1, flags=re.IGNORECASE)
    for word, sign in _SPOKEN:
        text = re.sub(rf"\s+{word}\s+", sign, text, flags=re.IGNORECASE)
    text = re.sub(r"\s*@\s*", "@", text)
    text = re.sub(r"(?<=\b\w) (?=\w\b)", "", text)  # "j a n e" was spelled
    return text.rstrip(".,;!?") or None


def _address(value: str | None) -> str | None:
    if value is not None and (not _ADDRESS.fullmatch(value) or ".." in value or value.startswith(".")):
        raise ValueError("write an address like name@example.com")
    return value


def _number(value: str | None) -> str | None:
    if value is not None and not (re.fullmatch(r"[\d\s()+./-]+", value) and len(re.findall(r"\d", value)) >= 5):
        raise ValueError("write a phone number with its digits, like +1 555 0100")
    return value


def _or_nothing(value: object) -> object:
    """Models write an empty text where they mean that nothing was said."""
    return None if isinstance(value, str) and not value.strip() else value


_SAID = BeforeValidator(_or_nothing)
_MOST = Field(max_length=254)
_EMAIL = Shown("E-mail address", "email")

Email = Annotated[str, BeforeValidator(_as_written), _MOST, AfterValidator(_address), _EMAIL]
OptionalEmail = Annotated[Annotated[str, _MOST] | None, BeforeValidator(_as_written), AfterValidator(_address), _EMAIL]
Name = Annotated[Annotated[str, Field(max_length=120)] | None, _SAID, Shown("Name")]
Employer = Annotated[Annotated[str, Field(max_length=120)] | None, _SAID, Shown("Company")]
Phone = Annotated[
    Annotated[str, Field(max_length=40)] | None, _SAID, AfterValidator(_number), Shown("Phone number", "tel")
]
Message = Annotated[Annotated[str, Field(max_length=2000)] | None, _SAID, Shown("Message", "multiline")]
