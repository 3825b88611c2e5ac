"""Text that would like to be more: through every surface that shows some, nothing runs and nobody else is contacted."""

import itertools
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.product import Stack
from tests.walks.visitor import ask, call, hang_up, log, open_panel, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DATA = Path(__file__).parents[1] / "data" / "security"
AT_ONCE = 60
"""Payloads in one answer."""
WATCH = """
window.ran = [];
for (const name of ["alert", "prompt", "confirm", "print", "open"])
  window[name] = (...given) => { window.ran.push(`${name}(${given})`); return null; };
"""
ALIVE = """() => {
  const root = document.querySelector("ai-sdr").shadowRoot;
  const kinds = "script, iframe, object, embed, base, link, meta, form[action], svg foreignObject, [srcdoc]";
  const strange = [...root.querySelectorAll(kinds)].map((each) => each.outerHTML.slice(0, 200));
  for (const each of root.querySelectorAll("*"))
    for (const { name, value } of each.attributes)
      if (name.startsWith("on") || (/^(href|src|poster|action|formaction|xlink:href)$/.test(name) &&
          !/^(https?:|mailto:|tel:|blob:|#|\\/)/.test(value))) strange.push(`${each.localName} ${name}=${value}`);
  return strange;
}"""


def payloads() -> list[str]:
    rows = [row["payload"] for name in ("xss-live", "xss-dompurify-expect") for row in read(name)]
    return [*rows, *(text for text in read("naughty-strings") if text.strip())]


def read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


class Watched:
    """A tab that notes what ran and who was asked."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page = page
        self.stack = stack
        self.foreign: list[str] = []
        page.context.add_init_script(WATCH)
        page.context.route("**/*", self._judge)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.route_web_socket("**/ws*", lambda socket: socket.close())

    def _judge(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
            route.fallback()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def assert_calm(self) -> None:
        assert self.page.evaluate("window.ran") == []
        assert self.page.evaluate(ALIVE) == []
        assert self.foreign == []
        assert len(self.page.context.pages) == 1


@pytest.fixture
def watched(page: Page, stack: Stack) -> Watched:
    return Watched(page, stack)


def answer_of(texts: Sequence[str]) -> dict[str, Any]:
    """One answer that says all of them in its text, its sources, its pictures and its cards."""
    citations = [
        {
            "number": number,
            "title": text,
            "label": text,
            "snippet": text,
            "url": text,
            "modality": "text",
            "chunkId": f"c{number}",
        }
        for number, text in enumerate(texts, 1)
    ]
    shown = [
        {
            "kind": "image",
            "title": text,
            "url": text,
            "alt": text,
            "caption": text,
            "width": 16,
            "height": 9,
            "sourceUrl": text,
            "chunkId": f"i{number}",
        }
        for number, text in enumerate(texts[:8])
    ]
    clip = {"kind": "clip", "start": 1.0, "end": 2.0, "chunkId": "v"}
    shown += [clip | dict.fromkeys(("title", "url", "caption", "poster", "captionsUrl"), text) for text in texts[:4]]
    actions: list[dict[str, Any]] = [{"kind": "meeting", "title": text, "url": text} for text in texts[:6]]
    actions += [{"kind": "lead", "name": text, "email": text, "company": text} for text in texts[:6]]
    contact = ("title", "text", "email", "phone", "url")
    actions += [{"kind": "contact"} | dict.fromkeys(contact, text) for text in texts[:6]]
    fields = [
        {"name": f"f{number}", "label": text, "value": text, "kind": "text", "required": False}
        for number, text in enumerate(texts[:6])
    ]
    actions.append(
        {
            "kind": "confirm",
            "confirmationId": "k",
            "tool": "log_lead",
            "title": texts[0],
            "fields": fields,
            "note": texts[1],
        }
    )
    words = "\n\n".join(f"{text} [{number}]" for number, text in enumerate(texts, 1))
    return {"text": words, "citations": citations, "shown": shown, "actions": actions, "grounded": True}


def test_the_watch_sees_what_would_run(watched: Watched) -> None:
    watched.page.goto(f"{watched.stack.url}/widget/hypersonix")
    watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    watched.page.evaluate("new Image().src = 'https://foreign.example/pixel'")

    watched.page.wait_for_function("window.ran.length > 0")
    assert watched.page.evaluate("window.ran") == ["alert(1)"]
    assert watched.foreign == ["https://foreign.example/pixel"]


def test_answers_sources_pictures_and_cards_show_hostile_text_and_run_none(watched: Watched) -> None:
    every = payloads()
    batches = [every[begin : begin + AT_ONCE] for begin in range(0, len(every), AT_ONCE)]
    assert sum(map(len, batches)) > 900
    answers = iter(batches)
    watched.page.route("**/api/answer", lambda route: route.fulfill(json=answer_of(next(answers))))
    open_panel(watched.page, watched.stack)
    for number, texts in enumerate(batches):
        ask(watched.page, texts[0][:200] or "x")
        expect(watched.page.get_by_role("button", name="Good answer")).to_have_count(number + 1, timeout=30_000)
        watched.assert_calm()


def test_an_error_shows_hostile_text_and_runs_none(watched: Watched) -> None:
    texts = payloads()[::40]
    errors = iter(texts)
    watched.page.route(
        "**/api/answer",
        lambda route: route.fulfill(
            status=422, json={"error": {"code": "invalid_input", "message": next(errors), "requestId": "r"}}
        ),
    )
    open_panel(watched.page, watched.stack)
    for text in texts:
        with watched.page.expect_response("**/api/answer"):
            ask(watched.page, text[:200])
        watched.assert_calm()
    expect(log(watched.page).get_by_role("button", name="Try again").first).to_be_visible()


@pytest.mark.parametrize("text", payloads()[::60], ids=itertools.count())
def test_a_companys_configuration_shows_hostile_text_and_runs_none(watched: Watched, text: str) -> None:
    hostile = {
        "displayName": text[:80],
        "shortDescription": text[:300],
        "greeting": text,
        "starters": [text, text],
        "disclosure": text,
        "languages": ["en"],
        "consent": {"version": "1", "text": text, "privacyUrl": text},
        "branding": {"accent": text, "radius": 12, "font": text, "logoUrl": text, "position": "right", "theme": "auto"},
    }

    def profile(route: Route) -> None:
        route.fulfill(json=route.fetch().json() | hostile)

    watched.page.route("**/api/widget/*", profile)
    open_panel(watched.page, watched.stack)
    watched.page.get_by_role("group", name="Mode").get_by_role("button", name="Video").click()
    expect(watched.page.get_by_role("button", name="Agree and start the call")).to_be_visible()
    watched.assert_calm()


def test_what_is_typed_into_a_call_comes_back_as_said_and_runs_nothing(page: Page, stack: Stack) -> None:
    watched = Watched(page, stack)
    page.route_web_socket("**/ws*", lambda socket: socket.connect_to_server())  # in the place of the one that refuses
    open_panel(page, stack)
    call(page, "Video")
    session = stack.session(session_of(page))

    def kept(text: str) -> str:
        """What was said, once this is among it. The tab's routes are served only while the tab is waited for."""
        for _ in range(300):
            said = " ".join(turn.text for turn in stack.transcripts.all(session))
            if text in said:
                break
            page.wait_for_timeout(100)
        return said

    for text in ("<img src=x onerror=alert(1)>", "<svg onload=alert(2)> [a](javascript:alert(3))"):
        ask(page, text)
        assert text in kept(text)
        watched.assert_calm()
    hang_up(page)
    expect(log(page).get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    watched.assert_calm()


def test_an_echo_that_somebody_else_brings_into_a_call_is_read_in_its_captions_and_runs_nothing(
    page: Page, stack: Stack
) -> None:
    watched, sockets = Watched(page, stack), list[WebSocketRoute]()

    def relay(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws*", relay)
    open_panel(page, stack)
    call(page, "Video")
    room = [each for each in stack.tavus("state")["conversations"] if each["status"] == "active"][-1]
    said = {
        "text": "Read <img src=x onerror=alert(1)> here",
        "modality": "text",
        "done": True,
    }
    echo = {
        "message_type": "conversation",
        "event_type": "conversation.echo",
        "conversation_id": room["conversation_id"],
    }
    captions = page.locator("ai-sdr .captions")
    for number in range(10**9, 10**9 + 12):
        # What comes while the avatar greets is not said: it is sent again.
        message = echo | {"properties": said | {"inference_id": f"foreign-{number}"}}
        sockets[-1].send(json.dumps({"type": "send", "seq": number, "message": message}))
        with suppress(AssertionError):
            expect(captions).to_contain_text("<img src=x", timeout=3000)
            break
    expect(captions).to_contain_text("<img src=x")
    watched.assert_calm()
    hang_up(page)
    expect(log(page).get_by_text("Read <img src=x").first).to_be_visible()
    assert page.locator("ai-sdr .prose a").count() == 0
    watched.assert_calm()
