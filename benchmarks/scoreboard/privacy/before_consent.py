"""S-22: whom the widget contacts and which devices it touches before the visitor agreed, in every mode (T-PRV-01).

In a browser: the panel is opened and every mode chosen, and nobody presses "Agree". At the doors: what a call would buy
is asked for without a consent, and with an outdated one. Afterwards the visitor agrees, to show that this watch sees.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.scene.doors import Doors
from benchmarks.scoreboard.scene.stage import Stage, stage
from benchmarks.scoreboard.scene.tab import Tab, tab
from tests.material import ORIGIN
from tests.voice import OFFER

TOUCHED = """
window.touched = [];
const note = (kind, what) => {
  const own = kind[what];
  kind[what] = function (...given) { window.touched.push(what); return own.apply(this, given); };
};
for (const what of ["getUserMedia", "enumerateDevices", "getDisplayMedia"])
  if (navigator.mediaDevices?.[what]) note(navigator.mediaDevices, what);
note(navigator, "sendBeacon");
note(Notification, "requestPermission");
for (const kind of ["RTCPeerConnection", "AudioContext", "SpeechRecognition", "webkitSpeechRecognition", "EventSource"])
  if (window[kind]) window[kind] = new Proxy(window[kind], {
    construct(target, given) { window.touched.push(kind); return new target(...given); },
  });
"""
"""Devices, connections and recognisers, noted when they are asked for."""

MODES = ("Text", "Listen", "Voice", "Video")
KEPT = "[localStorage.length, sessionStorage.length, document.cookie]"


def measure(form: Form, browser: Browser | None = None) -> Figure:
    with tab(browser, TOUCHED) as ours:
        contacts, looked = _looked_at(ours), len(MODES)
        seen = _agreed(ours)
        errors = ours.errors
    with stage() as theirs:
        refused, bought = _at_the_doors(theirs)
    return Figure(
        f"{len(contacts)} contacts in {looked} modes, {bought} calls to vendors by "
        f"{len(refused)} requests without consent",
        "0; 0",
        not contacts and not bought and not errors and all(refused.values()) and {"getUserMedia", "session"} <= seen,
        {
            "contacts": contacts,
            "refused": refused,
            "bought": bought,
            "seen_after_consent": sorted(seen),
            "errors": errors,
            "modes": looked,
        },
    )


def _looked_at(ours: Tab) -> list[str]:
    """What was contacted or touched by looking at every mode, there and back."""
    page = ours.page
    ours.open(ours.product.tag())
    page.get_by_role("button", name="Open chat").click()
    modes = page.get_by_role("group", name="Mode")
    modes.wait_for(timeout=60_000)
    for mode in (*MODES, *reversed(MODES)):
        modes.get_by_role("button", name=mode).click()
        page.wait_for_timeout(100)
    return [
        *(each for each in ours.asked if not _is_expected(each, ours)),
        *page.evaluate("window.touched"),
        *(["something is kept in the browser"] if page.evaluate(KEPT) != [0, 0, ""] else []),
    ]


def _is_expected(address: str, ours: Tab) -> bool:
    """The website itself, the widget's files, and the company's public profile."""
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" == ours.website.url:
        return True
    own = f"{parts.scheme}://{parts.netloc}" == ours.product.url
    return own and (parts.path in ("/embed.js", "/api/widget/acme") or parts.path.startswith("/widget/"))


def _agreed(ours: Tab) -> set[str]:
    """What the same watch sees once the visitor has agreed to a voice call."""
    page = ours.page
    page.get_by_role("group", name="Mode").get_by_role("button", name="Voice").click()
    page.get_by_role("button", name="Agree and start the call").click()
    _until(page, "window.touched.includes('getUserMedia')")
    for _ in range(50):
        if any(urlsplit(each).path == "/api/session" for each in ours.asked):
            return {*page.evaluate("window.touched"), "session"}
        page.wait_for_timeout(100)
    return set(page.evaluate("window.touched"))


def _until(page: Page, holds: str) -> None:
    page.wait_for_function(holds, timeout=30_000)


def _at_the_doors(theirs: Stage) -> tuple[dict[str, bool], int]:
    """Which requests were refused for the want of a consent, and how often a vendor was told anything."""
    wishes: dict[str, tuple[str, dict[str, Any]]] = {
        "voice": ("/api/session", {"companyId": "acme", "mode": "voice", "sdpOffer": OFFER}),
        "video": ("/api/session", {"companyId": "acme", "mode": "video"}),
        "outdated voice": (
            "/api/session",
            {"companyId": "acme", "mode": "voice", "sdpOffer": OFFER, "consent": {"version": "0"}},
        ),
        "outdated video": ("/api/session", {"companyId": "acme", "mode": "video", "consent": {"version": "0"}}),
        "outdated text": ("/api/session", {"companyId": "acme", "mode": "text", "consent": {"version": "0"}}),
    }
    refused, doors = {}, Doors()
    for name, (path, body) in wishes.items():
        key = f"a-key-of-{name.replace(' ', '-')}-1"
        headers = {"origin": ORIGIN, "idempotency-key": key, "content-type": "application/json"}
        reply = doors.ask("POST", path, headers, json.dumps(body).encode())
        code = json.loads(reply.body).get("error", {}).get("code", "")
        refused[name] = reply.status in (403, 422) and code in ("consent_required", "consent_outdated")
    return refused, len(theirs.tavus.asked("POST", "/")) + len(theirs.openai.asked("/"))
