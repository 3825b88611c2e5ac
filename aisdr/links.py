"""What becomes of addresses in an answer: a model writes whatever a document, a page or a visitor made it write.

An address in an answer's text stays one only where it leads to one of the company's destinations. Any other loses what
makes it an address (scheme, query, fragment) and stays readable; a picture in the text is left out altogether. Whoever
draws the answer must not fetch from a host that nobody has chosen, nor lead there, nor carry away what was said.
"""

import re

from aisdr.destination import Destinations, host_of

_ANYTHING_THERE = (
    r"\(\s*(?P<to><[^>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"""(?:\s+(?:"[^"\n]*"|'[^'\n]*'|\([^)\n]*\)))?\s*\)"""
)
_PICTURE = re.compile(rf"!\[(?P<label>[^\]\n]{{0,300}})\](?:{_ANYTHING_THERE}|\[[^\]\n]{{0,300}}\])?")
_LINK = re.compile(rf"\[(?P<label>[^\]\n]{{1,300}})\]{_ANYTHING_THERE}")
_WORD = r"[^\s<>\"'`()\[\]]+"
_SCHEME = r"[a-z][a-z0-9+.-]{0,30}:"
"""Wherever it begins: languages that are written without spaces have a letter before it."""
_WWW = r"(?<![a-z0-9])www\."
_BARE = re.compile(
    rf"{_SCHEME}[/\\]{{2,}}{_WORD}|(?<![/\\:])[/\\]{{2,}}(?=\w[^\s/?#]*(?:\.\w|[/?#])){_WORD}|{_WWW}{_WORD}",
    re.IGNORECASE,
)
"""With backslashes, too, which browsers read as the others."""
_OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?[/\\]{2,}(?:[^/?#]*@)?|^www\.", re.IGNORECASE)
_INSIDE = re.compile(rf"(?:{_SCHEME})?[/\\]{{2,}}|{_WWW}", re.IGNORECASE)
_BEGINS_ONE = re.compile(rf"[/\\]{{2,}}|{_WWW}|\]\(|!\[", re.IGNORECASE)
_MOST_LOOKS = 20
_OF_THIS_SITE = re.compile(r"(?!//)[\w./#?=%~+-]+")
"""A path: it leads nowhere else, however it is read."""
_HELD = 4000
"""Characters: more than any link has."""


def without_foreign_links(text: str, destinations: Destinations) -> str:
    """The text with the addresses that lead home; of any other its words and its host are left.

    Looked through until nothing changes any more: what is left of one address may be another that stood inside of it.
    """
    for _ in range(_MOST_LOOKS):
        plainer = _looked_through(text, destinations)
        if plainer == text:
            return text
        text = plainer
    # Addresses or pictures in each other without an end: nobody writes so who means well.
    while (without := _BEGINS_ONE.sub("", text)) != text:
        text = without
    return text


def _looked_through(text: str, destinations: Destinations) -> str:
    text = _PICTURE.sub(lambda found: found["label"], text)
    parts, done = [], 0
    for found in _LINK.finditer(text):
        address, label = found["to"].strip("<>"), found["label"]
        parts.append(_plain(text[done : found.start()], destinations))
        done = found.end()
        if destinations.include(address) or _OF_THIS_SITE.fullmatch(address):
            # A reader of addresses alone would open the one that stands in the words.
            parts.append(f"[{_plain(label, destinations)}{found[0][1 + len(label) :]}")
            continue
        parts.append(_plain(label, destinations))
        where = host_of(address) or _called(address)
        if where and where not in label:
            parts.append(f" ({where})")
    return "".join((*parts, _plain(text[done:], destinations)))


class Links:
    """The same rule for a text that is still being written: what may become an address is held until it is whole."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._held = ""

    def feed(self, text: str) -> str:
        """Takes the next piece, returns what can be shown."""
        text = self._held + text
        cut = _settled(text)
        self._held = text[cut:]
        return without_foreign_links(text[:cut], self._destinations)

    def finish(self) -> str:
        rest, self._held = self._held, ""
        return without_foreign_links(rest, self._destinations)


def _settled(text: str) -> int:
    """How much of it no further piece can turn into an address, or into another one.

    That is up to a space; up to a letter that addresses have not, too, where none has begun: those run on to the space.
    """
    settled = opened = 0
    begun = False
    for place, character in enumerate(text):
        if character == "\n":
            opened = 0
        elif character == "[" or (character == "(" and (opened or text[place - 1 : place] == "]")):
            opened += 1
        elif character in "])":
            opened = max(0, opened - 1)
        elif character in "/\\":
            begun = begun or text[place - 1 : place] in ("/", "\\")
        elif character == ".":
            begun = begun or text[max(0, place - 3) : place].lower() == "www"
        if not opened and (character.isspace() or (not begun and not "!" <= character <= "~")):
            settled, begun = place + 1, False
    return settled if len(text) - settled <= _HELD else len(text)


def _plain(text: str, destinations: Destinations) -> str:
    """What stands between links: addresses that readers make links of by themselves, and links too odd to be read."""

    def bare(found: re.Match[str]) -> str:
        address = found[0].rstrip(".,;:!?*_")
        without_scheme = address[:4].lower() == "www."
        whole = f"https://{address}" if without_scheme else address
        # A reader who knows addresses by their scheme alone would open the one that stands inside.
        leads_home = destinations.include(whole) and not (without_scheme and _INSIDE.search(address, 4))
        return (address if leads_home else _disarmed(address)) + found[0][len(address) :]

    return _BARE.sub(bare, text.replace("](", "] ("))


def _called(address: str) -> str:
    """What a mailbox or a telephone is called, without anything to do with it."""
    named = re.fullmatch(r"(?:mailto:([\w.+-]+@[\w.-]+)|tel:([+\d().-]+))(?:\?.*)?", address, re.IGNORECASE)
    return (named[1] or named[2]) if named else ""


def _disarmed(address: str) -> str:
    """`https://www.evil.example/a?b=c` → `evil.example/a`, which nothing opens by itself.

    Nor does one that stands inside of it stay, not even of our own: what follows in the text could make it another's.
    """
    bare, before = re.split(r"[?#]", address, maxsplit=1)[0], ""
    while bare != before:
        before, bare = bare, _OUTSIDE.sub("", bare)
    return _INSIDE.sub("", bare)
