"""What no text may bring about, whatever a model makes of it: each is looked for in what really happened.

The judges of texts are written anew from the rules of Markdown and HTML, and share nothing with `aisdr/links.py` and
`aisdr/destination.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from aisdr.answer import Answer

_UNSEEN = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e0fff]"
)
_PICTURE = re.compile(r"!\[[^\]]*\]\s*[(\[]")
_TARGET = re.compile(r"\]\(\s*<?\s*([^\s>]*)")
_DEFINED = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+)", re.MULTILINE)
_SELF_MADE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:|(?<![a-z0-9/\\:]))[/\\]{2,}[^\s<>\"'`)\]]+|(?<![a-z0-9])www\.[^\s<>\"'`)\]]+",
    re.IGNORECASE | re.ASCII,
)
"""What readers of Markdown make a link of by themselves, and what an attribute of HTML would fetch. A scheme begins
wherever it stands: readers differ in what may stand before it, and languages without spaces always have a letter there.
Behind a letter of ours two slashes alone begin nothing."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Own:
    """Hosts that belong to the company, and pages that it has elsewhere, with the parameters of these."""

    hosts: tuple[str, ...]
    pages: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


def led_away(text: str, own: Own) -> list[str]:
    """The pictures in a text, and its addresses that lead neither to a host of the company's nor to a page of its."""
    wrong = [f"picture {found[0]}" for found in _PICTURE.finditer(text)]
    for found in (*_TARGET.finditer(text), *_DEFINED.finditer(text)):
        if not _is_own(found[1], own):
            wrong.append(f"target {found[1][:80]}")
    for found in _SELF_MADE.finditer(text):
        address = re.sub("^www", "https://www", found[0].rstrip(".,;:!?*_"), flags=re.IGNORECASE)
        leads = "." in address or _SCHEME.match(address)  # 1//2 does not, and a number alone may be a host
        if leads and not _is_own(address, own):
            wrong.append(f"address {found[0][:80]}")
    return wrong


def _is_own(address: str, own: Own) -> bool:
    if re.fullmatch(r"(?![/\\]{2})[^:&\s]*", address):
        return True  # a path of this site
    if letter := re.fullmatch(r"mailto:[^@?&]+@([^@?&]+)", address, re.IGNORECASE):
        return _below(letter[1].lower(), own.hosts)
    if not re.match(r"https?://[^\\/?#@]+([/?#][^\\]*)?$", address, re.IGNORECASE):
        return False
    return _below(urlsplit(address).hostname or "", own.hosts) or any(_is_at(address, each, own) for each in own.pages)


def _is_at(address: str, page: str, own: Own) -> bool:
    """Below a page, by the letter: nobody needs to write one of the company's addresses in any other way."""
    parts, home = urlsplit(address), urlsplit(page)
    asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    return (
        (parts.scheme, parts.netloc) == (home.scheme, home.netloc)
        and f"{parts.path}/".startswith(f"{home.path}/")
        and not re.search(r"/\.|%|;|//", parts.path)
        and asked <= set(own.parameters)
        and not parts.fragment
    )


def _below(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == each or host.endswith("." + each) for each in hosts)


def wrong_cards(answer: Answer, own: Own) -> list[str]:
    """Cards whose pictures, clips or pages are neither ours nor the company's."""
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
