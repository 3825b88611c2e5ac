"""Many sockets and a steady stream of messages: what came back, in which order, and how long it took."""

import asyncio
import gc
import json
import math
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles

from websockets.asyncio.client import ClientConnection

from benchmarks.relay.talk import ANSWERED, Talk, in_bursts

DRAIN_SECONDS = 60.0
"""How long the last replies are waited for before they count as lost."""
AT_ONCE = 16
"""How many sockets are opened at the same moment."""

Connect = Callable[[int], Awaitable[tuple[ClientConnection, Talk]]]
ReplyOf = Callable[[str], str | None]


@dataclass
class Outcome:
    """What a run has shown. Seconds are from the moment a message was due, so waiting to be sent counts too."""

    sent: int = 0
    seconds: float = 0.0
    lost: int = 0
    out_of_order: int = 0
    unexpected: list[str] = field(default_factory=list)
    drained_after: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.sent / self.seconds if self.seconds else 0.0

    @property
    def answered(self) -> int:
        return len(self.latencies)

    def percentile(self, percent: int) -> float:
        """Milliseconds."""
        return quantiles(self.latencies, n=100)[percent - 1] * 1000 if len(self.latencies) > 1 else 0.0


class Visitor:
    """One socket: what it still waits for, in the order in which it was sent."""

    def __init__(
        self, socket: ClientConnection, talk: Talk, reply_of: ReplyOf, outcome: Outcome, bursts: int = 1
    ) -> None:
        self.socket = socket
        self.turns: set[int] = set()
        """Numbers of the turns that were said."""
        self.waiting: deque[tuple[str, float]] = deque()
        self._messages = in_bursts(iter(talk), bursts)
        self._reply_of = reply_of
        self._outcome = outcome
        self._newest = 0
        self.answered = asyncio.Event()
        self.answered.set()
        self._ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def send(self, due: float) -> None:
        message = next(self._messages)
        self.turns |= {message.turn} - {0}
        if message.kind in ANSWERED and message.reply is not None:
            self.waiting.append((message.reply, due))
            self.answered.clear()
        await self.socket.send(message.text)

    async def settle(self) -> None:
        """Events have no reply of their own: when this is answered, the ones before it have been served."""
        self._ready.clear()
        await self.socket.send('{"action":"hello"}')
        await asyncio.wait_for(self._ready.wait(), DRAIN_SECONDS)

    async def close(self) -> None:
        await self.socket.close()
        await self._reader

    async def _read(self) -> None:
        async for data in self.socket:
            now = time.monotonic()
            text = data if isinstance(data, str) else data.decode()
            reply = self._reply_of(text)
            frame = json.loads(text)
            if frame.get("type") == "ready":
                self._ready.set()
            if reply is not None:
                self._note(reply, now)
            if "seq" in frame and frame.get("type") == "send":
                self._outcome.out_of_order += frame["seq"] <= self._newest
                self._newest = max(self._newest, frame["seq"])

    def _note(self, reply: str, now: float) -> None:
        expected = [each for each, _ in self.waiting]
        if reply not in expected:
            self._outcome.unexpected.append(reply)
            return
        place = expected.index(reply)
        self._outcome.out_of_order += place > 0
        _, due = self.waiting[place]
        del self.waiting[place]
        self._outcome.latencies.append(now - due)
        if not self.waiting:
            self.answered.set()


async def run(
    connect: Connect,
    reply_of: ReplyOf,
    *,
    connections: int,
    rate: float,
    seconds: float,
    bursts: int = 1,
    patience: float = DRAIN_SECONDS,
    ramp: float = 0.0,
) -> tuple[Outcome, Sequence[Visitor]]:
    """Opens the sockets, sends for so long, waits for the rest. The sockets stay open for whoever looks on.

    With `bursts` each visitor sends so many messages in one go, and the later ones may come first. `ramp` are the
    first seconds, in which the rate rises from nothing, as when a thousand people come one after another.
    """
    outcome = Outcome()
    gate = asyncio.Semaphore(AT_ONCE)

    async def arrive(number: int) -> Visitor:
        async with gate:
            socket, talk = await connect(number)
            return Visitor(socket, talk, reply_of, outcome, bursts)

    visitors = await asyncio.gather(*(arrive(number) for number in range(connections)))
    gc.freeze()  # a pause of ours, looking through all these sockets, would pass for one of the relay's
    await _talk(visitors, outcome, rate, seconds, bursts, ramp)
    await _drain(visitors, outcome, patience)
    outcome.lost = sum(len(visitor.waiting) for visitor in visitors)
    return outcome, visitors


async def _talk(
    visitors: Sequence[Visitor], outcome: Outcome, rate: float, seconds: float, bursts: int, ramp: float
) -> None:
    """Every message has its moment, whether the ones before it were answered or not."""
    order = list(visitors)
    random.Random(1).shuffle(order)  # noqa: S311 - the same load in every run
    began = time.monotonic()
    for number in range(int(rate * (seconds - ramp / 2))):
        due = began + _moment(number // bursts * bursts / rate, ramp)
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        elif number % 50 == 0:
            await asyncio.sleep(0)  # late already; the readers must come to their turn all the same
        await order[number // bursts % len(order)].send(due)
        outcome.sent += 1
    outcome.seconds = time.monotonic() - began


def _moment(place: float, ramp: float) -> float:
    """When a message is due that would be due at second `place` of a steady load."""
    return math.sqrt(2 * ramp * place) if place < ramp / 2 else place + ramp / 2


async def _drain(visitors: Sequence[Visitor], outcome: Outcome, patience: float) -> None:
    began = time.monotonic()
    for visitor in visitors:
        left = patience - (time.monotonic() - began)
        with suppress(TimeoutError):
            await asyncio.wait_for(visitor.answered.wait(), max(0.0, left))
    outcome.drained_after = time.monotonic() - began
