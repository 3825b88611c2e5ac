"""The address of a company's booking page, with what a visitor said filled in."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

PLACEHOLDERS = ("name", "email", "company", "topic")
Said = Mapping[str, str]


def filled(template: str, said: Said) -> str:
    """A visitor's words are values in this address and never a part of it: not its host, not a step in its path."""
    parts = urlsplit(template)
    if not re.search(r"\{\w+\}", template):
        values = _missing(template, _vendor(parts.hostname or "")(said))
        return _asked(template, urlencode(values, quote_via=quote))

    def value(found: re.Match[str]) -> str:
        words = said.get(found[1], "")
        return "" if set(words) <= {"."} else quote(words, safe="")  # "/.." would climb

    after_host = template.index(parts.netloc) + len(parts.netloc)
    return template[:after_host] + re.sub(r"\{(\w+)\}", value, template[after_host:])


def with_places(template: str) -> str:
    """The address with a place in braces for each value that may be filled in, the vendor's own parameters included."""
    if "{" in template:
        return template
    vendor = _vendor(urlsplit(template).hostname or "")
    names = _missing(template, vendor(dict.fromkeys(PLACEHOLDERS, "two words")))
    return _asked(template, "&".join(f"{name}={{{name}}}" for name in names))


def _cal(said: Said) -> Said:
    """Source: cal.com/docs, "Pre-fill booking form"."""
    return {"name": said["name"], "email": said["email"], "notes": said["topic"]}


def _calendly(said: Said) -> Said:
    """`a1` is the answer to the page's first own question. Source: help.calendly.com, "Pre-populate invitee info"."""
    return {"name": said["name"], "email": said["email"], "a1": said["topic"]}


def _hubspot(said: Said) -> Said:
    """Source: knowledge.hubspot.com, "Create and edit scheduling pages"."""
    first, _, last = said["name"].partition(" ")
    return {"firstname": first, "lastname": last.strip(), "email": said["email"], "company": said["company"]}


def _unknown(said: Said) -> Said:
    return {}


_VENDORS: dict[str, Callable[[Said], Said]] = {"cal.com": _cal, "calendly.com": _calendly, "hubspot.com": _hubspot}


def _vendor(host: str) -> Callable[[Said], Said]:
    return _VENDORS.get(".".join(host.lower().split(".")[-2:]), _unknown)


def _missing(url: str, values: Said) -> Said:
    """What was said, without the parameters that the operator wrote: these stay as they are."""
    taken = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    return {name: value for name, value in values.items() if value and name not in taken}


def _asked(url: str, more: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, more) if part)))
