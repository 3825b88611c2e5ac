"""Ids of headings, which citations open: made of their words, each given once."""

import re


class Anchors:
    """The anchors of one page."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> str:
        """A new one: `prices`, and for the second heading of these words `prices-2`."""
        plain = re.sub(r"[^\w]+", "-", text.lower()).strip("-")[:80] or "section"
        anchor, number = plain, self._numbers.get(plain, 1)
        while anchor in self._taken:
            number += 1
            anchor = f"{plain}-{number}"
        self._numbers[plain] = number
        self._taken.add(anchor)
        return anchor

    def keep(self, anchor: str) -> None:
        """One that is there already: no heading gets it."""
        self._taken.add(anchor)
