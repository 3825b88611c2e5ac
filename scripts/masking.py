"""What a command may show of a configuration: everything but its secrets."""

import hashlib
import re
from typing import Any

SECRET_KEYS = frozenset({"secret", "secrets"})
HIDDEN = "(hidden)"


def masked(value: Any, *, secret: bool = False) -> Any:
    """The same value with a fingerprint in place of each secret, so that a change of one can be seen."""
    match value:
        case dict():
            return {key: masked(inner, secret=secret or key in SECRET_KEYS) for key, inner in value.items()}
        case list() | tuple():
            return [masked(inner, secret=secret) for inner in value]
        case str() if secret or value.startswith("whsec_"):
            return f"(secret {hashlib.sha256(value.encode()).hexdigest()[:8]})"
        case _ if secret:
            return HIDDEN
        case _:
            return value


def shown(place: tuple[str | int, ...], value: Any) -> str:
    """A wrong value as an error may quote it. A wrong secret is not random, so that even its fingerprint would tell."""
    if SECRET_KEYS.intersection(map(str, place)):
        return HIDDEN
    text = re.sub(r"\(secret \w+\)", HIDDEN, repr(masked(value)))
    return re.sub(r"//[^/@\s]*@", f"//{HIDDEN}@", text)
