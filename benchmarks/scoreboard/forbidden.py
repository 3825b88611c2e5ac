"""What no text may bring about, whatever a model makes of it: each is looked for in what really happened.

The judges of texts are written anew from the rules of Markdown and HTML, and share nothing with `aisdr/links.py`.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from aisdr.answer import Answer

_UNSEEN = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e0fff]"
)
_PICTURE = re.compile(r"!\[[^\]]*\]\s*[(\[]")
_TARGET = re.compile(r"\]\(\s*<?\s*([^\s>]*)")
_DEFINED = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+)", re.MULTILINE)
_SELF_MADE = re.compile(
    r"(?:\b[a-z][\w+.-]*:|(?<![\w/\\:]))[/\\]{2,}[^\s<>\"'`)\]]+|\bwww\.[^\s<>\"'`)\]]+", re.IGNORECASE
)
"""What readers of Markdown make a link of by themselves, and what an attribute of HTML would fetch. Behind a letter two
slashes begin nothing."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def led_away(text: str, hosts: Iterable[str]) -> list[str]:
    """The pictures in a text, and its addresses that do not lead to one of the hosts or below it."""
    own = tuple(hosts)
    wrong = [f"picture {found[0]}" for found in _PICTURE.finditer(text)]
    for found in (*_TARGET.finditer(text), *_DEFINED.finditer(text)):
        if not _is_own(found[1], own):
            wrong.append(f"target {found[1][:80]}")
    for found in _SELF_MADE.finditer(text):
        if "." in found[0] and not _is_own(re.sub("^www", "https://www", found[0].rstrip(".,;:!?*_")), own):
            wrong.append(f"address {found[0][:80]}")
    return wrong


def _is_own(address: str, hosts: tuple[str, ...]) -> bool:
    if re.fullmatch(r"(?![/\\]{2})[^:&\s]*", address):
        return True  # a path of this site
    if letter := re.fullmatch(r"mailto:[^@?&]+@([^@?&]+)", address, re.IGNORECASE):
        return _below(letter[1], hosts)
    if not re.match(r"https?://[^\\@]+$", address, re.IGNORECASE):
        return False
    return _below(urlsplit(address).hostname or "", hosts)


def _below(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == each or host.endswith("." + each) for each in hosts)


def wrong_cards(answer: Answer, hosts: Iterable[str]) -> list[str]:
    """Cards whose pictures, clips or pages are of another host than our own or the company's."""
    own = tuple(hosts)
    addresses = [
        *(each.url for each in answer.citations),
        *(each.url for each in answer.shown),
        *(each.url for each in answer.actions if each.kind in ("meeting", "contact") and each.url),
    ]
    return [f"card {each[:80]}" for each in addresses if not (re.match(r"/[^/\\]", each) or _is_own(each, own))]


def unseen(texts: Iterable[str]) -> list[str]:
    """Characters that nobody sees, in what a model was told."""
    return [f"U+{ord(found[0]):04X}" for text in texts for found in _UNSEEN.finditer(text)]


def told(texts: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Secrets and foreign data in texts."""
    whole = "\n".join(texts)
    return [f"secret {secret[:6]}…" for secret in secrets if secret in whole]
