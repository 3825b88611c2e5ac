"""A vendor of live calls in a few lines, for tests that live through thousands of them: what it was asked, and does.

The look-alike at Tavus's address is the truth about Tavus; this is only quick. It may refuse, lose an answer before or
after it did what was asked, fall silent, and ignore the limits that it was given.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.errors import LimitReached, VendorError
from aisdr.events import LiveEvent, ToolCall
from aisdr.live.base import CallRequest, CallStatus, LiveCall, Notice, RawMessage, ToolOutput

Outcome = Literal["bought", "refused", "busy", "lost before", "lost after", "our bug"]
OUTCOMES: tuple[Outcome, ...] = ("bought", "refused", "busy", "lost before", "lost after", "our bug")
ABSENT_SECONDS = 60


class RenamedField(KeyError):
    """Our own bug: nobody expects it, and no refusal of ours stands for it."""


@dataclass
class Room:
    name: str
    created: float
    longest: int
    joined: bool = False
    ended: float | None = None

    def lasted(self, now: float) -> float:
        return (self.ended or now) - self.created


class VendorModel:
    """Speaks the contract of `live/base.py`. `step` is called before and after whatever it does."""

    name = "tavus"
    mode: Mode = "video"
    minute_price = 0.6
    repeats_typed = True
    tells_end = True
    not_created = "Failed to create Tavus session"

    def __init__(self, clock: Callable[[], float], step: Callable[[], None] = lambda: None) -> None:
        self._clock, self._step = clock, step
        self.rooms: dict[str, Room] = {}
        self.outcome: Outcome = "bought"
        self.hears: int | None = None
        """How many requests it still answers before it falls silent; None: all."""
        self.ignores_limits = False
        self.ends = True
        """Whether an end that it accepts is one."""

    def running(self) -> list[Room]:
        self._pass()
        return [room for room in self.rooms.values() if room.ended is None]

    def check(self, company: Company) -> None:
        pass

    def start(self, request: CallRequest) -> LiveCall:
        self._step()
        match self.outcome:
            case "refused":
                raise VendorError("refused", vendor=self.name)
            case "busy":
                raise LimitReached("busy", code="avatar_busy")
            case "lost before":
                raise VendorError("lost", vendor=self.name, outcome_unknown=True)
        call_id = f"c{len(self.rooms)}-{request.name}"
        self.rooms[call_id] = Room(request.name, self._clock(), request.max_seconds)
        self._step()
        if self.outcome == "lost after":
            raise VendorError("lost", vendor=self.name, outcome_unknown=True)
        if self.outcome == "our bug":
            raise RenamedField
        return LiveCall(call_id, f"https://tavus.daily.co/{call_id}", "token")

    def end(self, call_id: str) -> None:
        self._hears()
        room = self.rooms[call_id]
        if self.ends and room.ended is None:
            room.ended = self._clock()
        self._step()

    def forget(self, call_id: str) -> None:
        self._hears()

    def status(self, call_id: str) -> CallStatus:
        self._hears()
        room = self.rooms[call_id]
        active = room.ended is None
        return CallStatus(active, seconds=None if active else math.ceil(room.lasted(self._clock())))

    def recorded(self, call_id: str) -> Sequence[Notice]:
        return ()

    def find(self, name: str) -> LiveCall | None:
        self._hears()
        return next((LiveCall(call_id) for call_id, room in self.rooms.items() if room.name == name), None)

    def read(self, event: Mapping[str, Any]) -> Sequence[LiveEvent]:
        return ()

    def tool_results(
        self, event: Mapping[str, Any], results: Sequence[tuple[ToolCall, ToolOutput]]
    ) -> list[RawMessage]:
        return []

    def typed(self, call_id: str, text: str) -> list[RawMessage]:
        return []

    def told(self, call_id: str, text: str) -> list[RawMessage]:
        return []

    def spoken(self, call_id: str, text: str) -> list[RawMessage]:
        return []

    def interrupted(self, call_id: str) -> list[RawMessage]:
        return []

    def read_notice(self, body: Mapping[str, Any]) -> Notice | None:
        return Notice(str(body["conversation_id"]), "ended")

    def _hears(self) -> None:
        self._step()
        if self.hears == 0:
            raise VendorError("does not answer", vendor=self.name, retryable=True)
        self.hears = None if self.hears is None else self.hears - 1
        self._pass()

    def _pass(self) -> None:
        """Its own timers, if it heeds them."""
        for room in self.rooms.values():
            due = room.created + (room.longest if room.joined else min(room.longest, ABSENT_SECONDS))
            if room.ended is None and not self.ignores_limits and due <= self._clock():
                room.ended = due
