"""How a document at Tavus tells whose it is: by its tags, which are still there when our own notes are lost.

One Tavus account may serve several deployments, and several companies of each. A mark therefore names the deployment,
too: nobody takes another's documents for its own orphans. Source: https://docs.tavus.io/api-reference/documents
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

OURS = "aisdr"
"""The tag of whatever we made in the account."""
_SOURCE_DIGITS = 16


@dataclass(frozen=True)
class Mark:
    """Which source of which company a document is made of, and of which version of it."""

    company_id: str
    deployment: str
    """Host of our public address."""
    source: str
    """See `source_mark`."""
    version: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        named = (
            ("company", self.company_id),
            ("at", self.deployment),
            ("source", self.source),
            ("version", self.version),
        )
        return (OURS, *(f"{name}:{value}" for name, value in named if value))


def source_mark(source_id: str) -> str:
    """A source's path or address as a tag: of any length and with any characters, commas among them."""
    return hashlib.sha256(source_id.encode("utf-8", "surrogatepass")).hexdigest()[:_SOURCE_DIGITS]


def mark_of(tags: Iterable[str]) -> Mark | None:
    """None for a document that somebody else has registered."""
    all_tags = [str(tag) for tag in tags]
    if OURS not in all_tags:
        return None
    named = dict(tag.split(":", 1) for tag in all_tags if ":" in tag)
    return Mark(named.get("company", ""), named.get("at", ""), named.get("source", ""), named.get("version", ""))


def address(url: str) -> str:
    """An address without the signature that it was told with, which is another one each time."""
    return url.partition("#")[0].partition("?Expires=")[0]
