"""What is fuzzed: each target takes bytes as a stranger could send them, and raises when something does not hold.

A refusal in the words of the house is no finding; any other exception is one, and so is a promise that is broken.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from aisdr.addresses import is_private, is_public
from aisdr.conversation import AnswerRating
from aisdr.delivery import ToolDelivery
from aisdr.destination import Destinations
from aisdr.errors import AisdrError, InvalidInput
from aisdr.events import ToolCall
from aisdr.frames import MOST_BYTES_IN, RawEvent, read
from aisdr.ingest.perception.captions import BrokenCaptions, merge, read_captions, webvtt
from aisdr.ingest.url import NoAddress, Url
from aisdr.introduction import Introduction
from aisdr.links import Links, without_foreign_links
from aisdr.live import openai_realtime_events, tavus_events
from aisdr.live.tavus_notices import read_notice
from aisdr.strict_json import MOST_LEVELS, MalformedJson, read_json
from aisdr.tools.base import ToolContext
from aisdr.wire import problems
from aisdr.wish import OpenSession, OpenVideo
from aisdr.written import Origin, PrivateAddress, WebAddress
from tests.fuzz.gateway import gateway, visitor

Target = Callable[[bytes], None]
MOST_TOLD = 2000
"""Characters of a refusal, whatever was sent."""
BODIES = (OpenSession, OpenVideo, Introduction, AnswerRating, ToolDelivery)
_SURELY_ONE = re.compile(r"https?://[a-z0-9][^\s<>\"'`()\[\]]*(?<![.,;:!?*_])", re.IGNORECASE)
"""What every program makes a link of, as far as it goes."""
HOME = Destinations(("acme.example",), ("https://cal.example/acme?name={name}",))


def body(data: bytes) -> None:
    """The body of an HTTP request, and the records that are made of it."""
    try:
        value = read_json(data)
    except MalformedJson as refusal:
        _is_told(str(refusal))
        return
    again = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    assert read_json(again) == value, "what was read is written as something else"
    assert _levels(value) <= MOST_LEVELS
    for model in BODIES:
        try:
            record = model.model_validate(value)
        except ValidationError as error:
            _is_told(problems(error.errors()))
        else:
            assert model.model_validate(read_json(record.model_dump_json(by_alias=True))) == record


def tool_gateway(data: bytes) -> None:
    """A tool's name, a line's end, and its arguments as a model wrote them."""
    name, _, arguments = data.decode("utf-8", "replace").partition("\n")
    call = openai_realtime_events.read_event(_reply(name, arguments))
    for each in call:
        if isinstance(each, ToolCall) and not each.malformed:
            _call(each)


def webhook(data: bytes) -> None:
    """What is posted to a webhook's address, and the JSON text of a tool call that is inside of one."""
    try:
        value = read_json(data)
    except MalformedJson:
        return
    if not isinstance(value, dict):
        return
    notice = read_notice(value)
    if notice is not None:
        assert isinstance(notice.call_id, str)
        assert all(isinstance(said.text, str) and said.role in ("visitor", "assistant") for said in notice.said)
    json.dumps(value, sort_keys=True).encode()


def frame(data: bytes) -> None:
    """A frame of the relay, and the vendors' events in it."""
    text = data.decode("utf-8", "replace")
    try:
        found = read(text)
    except InvalidInput as refusal:
        _is_told(refusal.message)
        return
    assert len(text.encode()) <= MOST_BYTES_IN
    if isinstance(found, RawEvent):
        for vendor in (tavus_events, openai_realtime_events):
            for event in vendor.read_event(found.event):
                if isinstance(event, ToolCall):
                    assert isinstance(event.arguments, dict)
                    assert isinstance(event.call_id, str)
                repr(event).encode()


def url_policy(data: bytes) -> None:
    """An address as it stands in a page or a configuration; sixteen bytes are an IPv6 address as well."""
    if len(data) == 16:
        _judge(IPv6Address(data))
    text = data.decode("utf-8", "replace")
    try:
        url = Url.parse(text)
    except NoAddress as refusal:
        _is_told(str(refusal))
    else:
        assert Url.parse(str(url)) == url, "the normal form of an address is another address"
        assert "@" not in url.authority
        assert str(url).isascii()
    for adapter in (_adapter(Origin), _adapter(WebAddress), _adapter(PrivateAddress)):
        try:
            adapter.validate_python(text)
        except ValidationError as error:
            _is_told(problems(error.errors()))
    cleaned = without_foreign_links(text, HOME)
    assert without_foreign_links(cleaned, HOME) == cleaned, "a second look finds links that the first one left"
    links, middle = Links(HOME), len(text) // 2
    streamed = links.feed(text[:middle]) + links.feed(text[middle:]) + links.finish()
    for shown in (cleaned, streamed):
        assert all(HOME.include(each) for each in _SURELY_ONE.findall(shown)), "a foreign address is left"
    if HOME.include(text) and text[:4].lower() == "http":
        with suppress(NoAddress):  # the other reader is the stricter one
            assert _is_home(Url.parse(text)), "another reader of the same address is led elsewhere"


def _is_home(url: Url) -> bool:
    if (url.scheme, url.host, url.port) == ("https", "cal.example", 443):
        return f"{url.path}/".startswith("/acme/")
    return f".{url.host}".endswith(".acme.example")


def captions(data: bytes) -> None:
    """A WebVTT or SubRip file beside a clip, as its first byte says."""
    suffix = ".srt" if data[:1] == b"s" else ".vtt"
    try:
        said = read_captions(cast("Path", _File(suffix, data[1:])))
    except BrokenCaptions:
        return
    assert all(each.start <= each.end and each.text for each in said)
    joined = merge(said)
    assert " ".join(each.text for each in joined) == " ".join(each.text for each in said)
    written = webvtt(said)
    if said and all(each.start < 360_000 for each in said):
        again = read_captions(cast("Path", _File(".vtt", written)))
        assert len(again) <= len(said)


TARGETS: dict[str, Target] = {
    "body": body,
    "tool_gateway": tool_gateway,
    "webhook": webhook,
    "frame": frame,
    "url_policy": url_policy,
    "captions": captions,
}


class _File:
    """Captions without a disk."""

    def __init__(self, suffix: str, data: bytes) -> None:
        self.suffix, self.name, self._data = suffix, f"clip{suffix}", data

    def read_text(self, encoding: str) -> str:
        return self._data.decode(encoding)


def _call(call: ToolCall) -> None:
    registry, ran = gateway()
    ran.clear()
    context = ToolContext(visitor().company, visitor().session, live=True)
    try:
        outcome = registry.run(context, call.call_id, call.name, call.arguments)
    except AisdrError as refusal:
        _is_told(refusal.message)
        assert ran == [], "a tool was run and then refused"
    else:
        assert outcome.result == {"ran": call.name}
        ((name, arguments),) = ran
        assert name in visitor().allowed
        assert type(arguments).model_validate_json(arguments.model_dump_json(by_alias=True)) == arguments


def _reply(name: str, arguments: str) -> dict[str, Any]:
    call = {"type": "function_call", "call_id": "call", "name": name, "arguments": arguments}
    return {"type": "response.done", "response": {"status": "completed", "output": [call]}}


def _judge(address: IPv6Address) -> None:
    inside = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    if is_public(address):
        assert not inside
        assert not is_private(address)
        if address.ipv4_mapped:
            assert ip_address(address.ipv4_mapped).is_global


def _is_told(message: str) -> None:
    """A refusal is a short text that can be sent on."""
    assert 0 < len(message) < MOST_TOLD
    assert message.encode().isascii() or "’" in message or "…" in message


def _levels(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_levels, inner), default=0)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
