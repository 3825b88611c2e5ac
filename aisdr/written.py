"""How single values of a configuration are written; whoever wrote one differently is told the form."""

import re
from base64 import b64decode
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

_ORIGIN = re.compile(r"https?://([a-z0-9_.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
"""As a browser writes it: no user, no wildcard, other alphabets in Punycode."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|[0-9a-f:.]+", re.IGNORECASE)
"""A name or a number; other alphabets in Punycode. A dot stands between all labels: were it optional, a long name could
be read in more ways than there is time."""


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("write an origin as scheme://host or scheme://host:port, lower case, without a path")
    return value


def _accent(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("write a colour as #rrggbb")
    return value


def _split(value: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError:
        raise ValueError("write an address whose host is a name or a number") from None  # Python's words repeat it


def _web_address(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("write an address that begins with https://")
    return value


def _private_address(value: str) -> str:
    """Where a company's own data goes: encrypted, or to this very machine."""
    parts = _split(value)
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))
    ):
        raise ValueError("write an address that begins with https:// (http:// only for localhost)")
    if parts.username or parts.password:
        raise ValueError("write the address without a user name or password")
    if not _HOST.fullmatch(parts.hostname) or not _has_port(value):
        raise ValueError("write a host name of letters, digits, '-' and '.', and a port between 1 and 65535 if any")
    return value


def _has_port(value: str) -> bool:
    """True as well for an address without one."""
    try:
        return urlsplit(value).port != 0
    except ValueError:
        return False


def _webhook_secret(value: str) -> str:
    """Standard Webhooks: `whsec_` and 24 to 64 random bytes in base64."""
    try:
        size = len(b64decode(value.removeprefix("whsec_"), validate=True))
    except ValueError:
        size = 0
    if not value.startswith("whsec_") or not 24 <= size <= 64:
        raise ValueError("write a secret as whsec_ and 24 to 64 random bytes in base64")
    return value


def _property_name(value: str) -> str:
    """Tavus's rule for names; it keeps those that begin with `tavus_` for itself."""
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}", value) or value.startswith("tavus_"):
        raise ValueError("write names of letters, digits and _ that do not begin with a digit or with tavus_")
    return value


Host = Annotated[str, Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$", max_length=253)]
"""As browsers write it: lower case, other alphabets in Punycode."""
Origin = Annotated[str, AfterValidator(_origin)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PrivateAddress = Annotated[str, AfterValidator(_private_address)]
WebhookSecret = Annotated[str, AfterValidator(_webhook_secret)]
PropertyName = Annotated[str, AfterValidator(_property_name)]
Accent = Annotated[str, AfterValidator(_accent)]
