"""S-11: every payload through every text surface of the widget in Chromium, by two ways: nothing runs or is fetched.

The ways (sinks) are an answer that comes whole and one that is written piece by piece; a company's profile and the
page's own attributes are further surfaces. A payload fires when a dialog is opened or a script error is caught; left
over is an element, an attribute or an address in the widget that acts; foreign is any request beyond this machine.
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, WebSocketRoute

from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.scene.tab import Tab, tab
from tests.widget.outside import PROFILE

DATA = Path(__file__).parents[3] / "tests" / "data" / "security"
AT_ONCE = 30
"""Payloads in one answer."""
PANELS = 15
"""Companies on one page, each with a payload in place of all its words."""
SURFACES = (
    *("answer", "source title", "source label", "source snippet", "source address", "picture title", "picture alt"),
    *(
        "picture caption",
        "picture address",
        "picture source",
        "clip title",
        "clip caption",
        "clip address",
        "clip poster",
    ),
    *("clip captions", "meeting title", "meeting address", "lead name", "lead email", "lead company", "contact title"),
    *("contact text", "contact email", "contact phone", "contact address", "form title", "form note", "form label"),
    *("form value", "failure", "visitor's words"),
)
"""Of an answer, by either way."""
PROFILE_SURFACES = (
    *("name", "greeting", "starter", "disclosure", "consent", "privacy address", "accent", "font", "logo", "language"),
    *("page's accent", "page's theme", "page's position", "page's language", "page's label"),
)
_NUMBERS = count(1)
"""Of frames: one with a number that was seen before is taken for the same."""
LEAST_DRAWN = (15, 15, 8)
"""Kinds of places in which a harmless word must be seen: whole, streamed, in profiles."""
WORD = "plainword"
"""A payload that is none: it shows that what is looked through was drawn at all."""
DRAWN = """word => [...document.querySelectorAll("ai-sdr")].flatMap(({ shadowRoot }) =>
  [...(shadowRoot?.querySelectorAll("*") ?? [])].flatMap((each) => [
    ...[...each.attributes].filter(({ value }) => value.includes(word)).map(({ name }) => `${each.localName} ${name}`),
    ...[...each.childNodes].some((node) => node.nodeType === 3 && node.data.includes(word)) ? [each.localName] : [],
  ]))"""
"""The kinds of places in which a word stands."""
LEFT_OVER = """() => {
  const found = [];
  const ADDRESSES = /^(href|src|poster|action|formaction|xlink:href)$/;
  const HARMLESS = /^(https?:|mailto:|tel:|blob:|#|\\/)/;
  const OWN = /(^|\\.)(acme\\.example|127\\.0\\.0\\.1|localhost)$/;
  const kinds = "script, iframe, object, embed, base, link, meta, form[action], foreignObject, [srcdoc], " +
    ".prose [style], .card [style]";
  for (const host of document.querySelectorAll("ai-sdr")) {
    const root = host.shadowRoot;
    if (!root) continue;
    for (const each of root.querySelectorAll(kinds)) found.push(each.outerHTML.slice(0, 160));
    for (const each of root.querySelectorAll("*"))
      for (const { name, value } of each.attributes)
        if (name.startsWith("on") || (ADDRESSES.test(name) && !HARMLESS.test(value)))
          found.push(`${each.localName} ${name}=${value.slice(0, 120)}`);
    for (const link of root.querySelectorAll(".prose a:not(.cite)"))
      if (!OWN.test(link.hostname)) found.push(`link ${link.href.slice(0, 120)}`);
  }
  return found;
}"""


def measure(form: Form, browser: Browser | None = None) -> Figure:
    payloads = [row["payload"] for name in ("xss-live", "xss-dompurify-expect") for row in _rows(name)]
    if form == "small":
        payloads = payloads[::16]
    fired, left, shown, drawn = list[str](), list[str](), 0, list[int]()
    with tab(browser) as ours:
        control = _control(ours.page)
        ours.asked.clear()
        for walk in (_whole, _streamed, _profiles):
            places = set[str]()
            for page in walk(ours, [WORD, *payloads]):
                shown += 1
                places |= set(page.evaluate(DRAWN, WORD))
                fired += page.evaluate("window.ran.splice(0)")
                left += page.evaluate(LEFT_OVER)
            drawn.append(len(places))
        foreign, errors = ours.foreign, ours.errors
    seen = all(places >= least for places, least in zip(drawn, LEAST_DRAWN, strict=True))
    cells = len(payloads) * (2 * len(SURFACES) + len(PROFILE_SURFACES))
    return Figure(
        f"{len(fired)} fired, {len(left)} left over, {len(foreign)} foreign requests of {len(payloads)} payloads in "
        f"{cells:,} places ({len(SURFACES)} surfaces by 2 ways, {len(PROFILE_SURFACES)} of profile and page)",
        "0 / 0 / 0",
        not (fired or left or foreign or errors) and control == ["alert(1)"] and seen,
        {
            "payloads": len(payloads),
            "cells": cells,
            "fired": fired,
            "left": left[:20],
            "foreign": foreign[:20],
            "errors": errors[:5],
            "control": control,
            "pages": shown,
            "drawn": drawn,
        },
    )


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return rows


def _control(page: Page) -> list[str]:
    """That this tab would notice."""
    page.goto("about:blank")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_function("window.ran.length > 0")
    ran: list[str] = page.evaluate("window.ran.splice(0)")
    return ran


def _batches(payloads: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (payloads[begin : begin + size] for begin in range(0, len(payloads), size))


def _whole(ours: Tab, payloads: Sequence[str]) -> Iterator[Page]:
    """Over HTTP, because no socket opens: first a failure that says all of them, then the answer."""
    page = ours.page
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    current: list[dict[str, Any]] = []
    page.route("**/api/answer", lambda route: fulfil(route, **current[-1]))
    _open_panel(ours, "/whole")
    for number, texts in enumerate(_batches(payloads, AT_ONCE)):
        refused = {"error": {"code": "invalid_input", "message": " ".join(texts), "requestId": "r"}}
        for answer in ({"status": 422, "json": refused}, {"json": answer_of(texts)}):
            current.append(answer)
            with page.expect_response("**/api/answer"):
                _ask(page, " ".join(texts)[:1900])
        page.get_by_role("button", name="Good answer").nth(number).wait_for(timeout=60_000)
        page.wait_for_timeout(150)
        yield page


def _streamed(ours: Tab, payloads: Sequence[str]) -> Iterator[Page]:
    """Piece by piece over the relay, with cards between the words; every piece is drawn."""
    page, batches = ours.page, list(_batches(payloads, AT_ONCE))
    left = iter(batches)

    def relay(socket: WebSocketRoute) -> None:
        def receive(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["action"] in ("hello", "resume"):
                socket.send(json.dumps({"type": "ready", "received": 0, "seq": 0}))
            elif frame["action"] == "ask":
                for each in _frames(frame["id"], next(left)):
                    socket.send(json.dumps(each))

        socket.on_message(receive)

    page.route_web_socket("**/ws*", relay)
    _open_panel(ours, "/streamed")
    for number, texts in enumerate(batches):
        _ask(page, " ".join(texts)[:1900])
        page.get_by_role("button", name="Good answer").nth(number).wait_for(timeout=60_000)
        page.wait_for_timeout(150)
        yield page


def _frames(identity: str, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    answer, number = answer_of(texts), 0
    for text in texts:
        middle = len(text) // 2
        for piece in (text[:middle], f"{text[middle:]}\n\n"):
            yield {"type": "delta", "id": identity, "index": number, "text": piece}
            number += 1
    for card in (*answer["shown"], *answer["actions"]):
        yield {"type": "show", "seq": next(_NUMBERS), "id": identity, "card": card}
    yield {"type": "done", "seq": next(_NUMBERS), "id": identity, "answer": answer}


def _profiles(ours: Tab, payloads: Sequence[str]) -> Iterator[Page]:
    """Several companies on one page: all that one of them says, and all that its tag says, is one payload."""
    page, said = ours.page, dict(enumerate(payloads))

    def profile(route: Route) -> None:
        text = said[int(route.request.url.rpartition("/p")[2])]
        fulfil(route, json=profile_of(text))

    page.route("**/api/widget/p*", profile)
    for numbers in _batches([str(number) for number in said], PANELS):
        panels = "".join(_panel(ours.product.url, number, said[int(number)]) for number in numbers)
        ours.open(f"{panels}{ours.product.tag()}", "/profiles")
        page.wait_for_function(
            "count => [...document.querySelectorAll('ai-sdr[inline]')]"
            ".filter((each) => each.shadowRoot?.querySelector('[role=group]')).length >= count",
            arg=len(numbers),
            timeout=60_000,
        )
        page.wait_for_timeout(150)
        yield page


def _panel(api: str, number: str, text: str) -> str:
    said = escape(text.replace("\0", ""))
    names = " ".join(f'{name}="{said}"' for name in ("accent", "theme", "position", "language", "label"))
    return f'<ai-sdr inline open company="p{number}" api="{api}" {names}></ai-sdr>'


def fulfil(route: Route, **answer: Any) -> None:
    """In the product's place, which stands at another address than the page."""
    if route.request.method == "OPTIONS":
        route.fallback()
    else:
        route.fulfill(headers={"access-control-allow-origin": "*"}, **answer)


def _open_panel(ours: Tab, path: str) -> None:
    ours.open(ours.product.tag(), path)
    ours.page.get_by_role("button", name="Open chat").click()
    ours.page.get_by_role("group", name="Mode").wait_for(timeout=60_000)


def _ask(page: Page, words: str) -> None:
    box = page.get_by_role("textbox", name=re.compile("^Ask a (question|follow-up)$"))  # forms have fields, too
    box.fill(words or "x")
    box.press("Enter")


def profile_of(text: str) -> dict[str, Any]:
    """A company whose every word is this text."""
    branding = {"accent": text, "radius": 20, "font": text, "logoUrl": text, "position": "right", "theme": "auto"}
    return PROFILE | {
        "displayName": text,
        "shortDescription": text,
        "websiteUrl": text,
        "greeting": text,
        "starters": [text, text],
        "disclosure": text,
        "languages": ["en", text],
        "consent": {"version": "1", "text": text, "privacyUrl": text},
        "linkHosts": [text],
        "linkPages": [text],
        "mediaHosts": [text],
        "branding": branding,
    }


def answer_of(texts: Sequence[str]) -> dict[str, Any]:
    """One answer that says each of them in its words, its sources, its pictures, its clips and its cards."""
    citations = [
        {"number": number, "modality": "text", "chunkId": f"c{number}"}
        | dict.fromkeys(("title", "label", "snippet", "url"), text)
        for number, text in enumerate(texts, 1)
    ]
    shown: list[dict[str, Any]] = []
    actions: list[dict[str, Any]] = []
    for number, text in enumerate(texts):
        words = dict.fromkeys(("title", "url", "caption"), text)
        shown.append(
            {"kind": "image", "width": 16, "height": 9, "chunkId": f"i{number}", "alt": text, "sourceUrl": text} | words
        )
        shown.append(
            {"kind": "clip", "start": 1.0, "end": 2.0, "chunkId": f"v{number}", "poster": text, "captionsUrl": text}
            | words
        )
        actions.append({"kind": "meeting", "title": text, "url": text})
        actions.append({"kind": "lead", "name": text, "email": text, "company": text})
        actions.append({"kind": "contact"} | dict.fromkeys(("title", "text", "email", "phone", "url"), text))
    fields = [
        {"name": f"f{number}", "label": text, "value": text, "kind": "text", "required": False}
        for number, text in enumerate(texts)
    ]
    form: dict[str, Any] = {
        "kind": "confirm",
        "confirmationId": "k",
        "tool": "log_lead",
        "title": texts[0],
        "note": " ".join(texts),
    }
    actions.append(form | {"fields": fields})
    whole = "\n\n".join(f"{text} [{number}]" for number, text in enumerate(texts, 1))
    return {"text": whole, "citations": citations, "shown": shown, "actions": actions, "grounded": True}
