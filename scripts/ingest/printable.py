"""Names and reasons as a terminal may show them: whoever names a file could otherwise command the terminal."""

_JOINER = "\u200d"
"""Holds the parts of an emoji together."""


def printable(text: str) -> str:
    """`red\\x1b[31m.md` instead of a red terminal; line breaks, bidirectional marks and broken letters likewise."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each == _JOINER else each.encode("unicode_escape").decode() for each in text
    )
