"""Whatever a socket loses, doubles or turns around: in the end a browser has seen every kept frame once, in its order.

A browser is played by the widget's rules: it reads what it has not seen, remembers the newest number and asks for what
came after it. A wire in between drops, repeats and shuffles; the gateway may say that nobody is there.
"""

from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aisdr.answer import MeetingCard
from aisdr.frames import ShowFrame
from aisdr.services import Services
from aisdr.session import Session
from tests.material import ORIGIN
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme

STEPS = ("told", "dropped", "doubled", "turned around", "gone", "back", "told by another instance")
_numbers = count()


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


class Browser:
    """One visitor's page, and the wire to it."""

    def __init__(self, visitor: Visitor, session: Session) -> None:
        self.visitor, self.session = visitor, session
        self.view: dict[int, str] = {}
        self.told: list[str] = []
        self.socket = ""
        self.wire: list[dict[str, Any]] = []
        self.come_back()

    def tell(self, *, again: bool = False) -> None:
        """A card from outside; `again`: whoever told it did not come to know that it had been told."""
        title = f"Card {len(self.told) + 1}"
        self.told.append(title)
        card = MeetingCard(title=title, url="https://acme.example/book")
        for _ in range(2 if again else 1):
            self.visitor.services.screen.tell(self.session, [ShowFrame(card=card)], f"{self.session.key} {title}")
        self.take()

    def take(self) -> None:
        self.wire += self.visitor.postbox.frames(self.socket)

    def read(self) -> None:
        for frame in self.wire:
            if frame["type"] == "show":
                self.view.setdefault(frame["seq"], frame["card"]["title"])
        self.wire.clear()

    def come_back(self) -> None:
        self.wire.clear()  # what an older socket still holds is not read
        if self.socket:
            self.visitor.services.entrance.leave(self.socket)
        self.socket = f"socket-{next(_numbers)}"
        ticket = self.visitor.services.sessions.issue(self.session).ticket
        self.visitor.services.entrance.enter(self.socket, ticket, ORIGIN)
        self.wire += self.visitor.send({"action": "resume", "after": max(self.view, default=0)}, self.socket)
        self.read()


@pytest.mark.slow
@pytest.mark.cell("F-WS-07", "F-WS-08", "F-WS-09")
def test_the_view_is_every_kept_frame_once_and_in_order(services: Services, postbox: Postbox) -> None:
    visitor = visitor_of_acme(services, postbox)
    company = services.companies.get("acme")

    @settings(max_examples=10, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.lists(st.sampled_from(STEPS), min_size=4, max_size=9))
    def holds(steps: list[str]) -> None:
        browser = Browser(visitor, services.sessions.open(company, ORIGIN, None))
        for step in steps:
            match step:
                case "told":
                    browser.tell()
                case "told by another instance":
                    browser.tell(again=True)
                case "dropped":
                    browser.wire = browser.wire[:-1]
                case "doubled":
                    browser.wire += browser.wire
                case "turned around":
                    browser.wire.reverse()
                case "gone":
                    postbox.gone.add(browser.socket)
                case "back":
                    browser.read()
                    browser.come_back()
        browser.read()
        browser.come_back()

        assert [browser.view[seq] for seq in sorted(browser.view)] == browser.told, steps

    holds()
