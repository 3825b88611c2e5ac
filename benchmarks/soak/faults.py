"""What goes wrong in a soak, one thing after another, drawn from the seed; each is mended before the next."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.soak.stack import Stack

CREATE = {"method": "POST", "path": "/v2/conversations"}
END = {"method": "POST", "path": "/v2/conversations/*"}
STILL_SECONDS = 1.5


@dataclass(frozen=True)
class Mishap:
    """`slow`: what it leaves behind takes the reconciler a minute to find out about."""

    name: str
    happen: Callable[[Stack, random.Random], Awaitable[None]]
    slow: bool = False


def _tavus(**fault: Any) -> Callable[[Stack, random.Random], Awaitable[None]]:
    async def happen(stack: Stack, _: random.Random) -> None:
        async with httpx.AsyncClient(timeout=10) as control:
            await control.post(stack.tavus("faults"), json=fault)

    return happen


def _openai(**fault: Any) -> Callable[[Stack, random.Random], Awaitable[None]]:
    async def happen(stack: Stack, _: random.Random) -> None:
        async with httpx.AsyncClient(timeout=10) as control:
            await control.post(stack.openai("faults"), json=fault)

    return happen


async def _kill(stack: Stack, chance: random.Random) -> None:
    stack.kill_function(chance.randrange(1000))


async def _stand_still(stack: Stack, _: random.Random) -> None:
    """The database takes connections and says nothing."""
    process = stack.emulator.process.pid
    os.kill(process, signal.SIGSTOP)
    try:
        await asyncio.sleep(STILL_SECONDS)
    finally:
        os.kill(process, signal.SIGCONT)


MISHAPS = (
    Mishap("video: all lines taken", _tavus(kind="busy", times=2)),
    Mishap("video: slow", _tavus(**CREATE, delay=2, times=2)),
    Mishap("video: an end fails", _tavus(**END, status=503, times=2)),
    Mishap("video: a create fails", _tavus(**CREATE, status=500), slow=True),
    Mishap("video: the answer to a create is lost", _tavus(**CREATE, handled=True, reset=True), slow=True),
    Mishap("video: half an answer", _tavus(**CREATE, truncate=True), slow=True),
    Mishap("voice: too many requests", _openai(kind="rate_limit")),
    Mishap("voice: slow", _openai(kind="slow", seconds=2)),
    Mishap("voice: a create fails", _openai(kind="server_error"), slow=True),
    Mishap("a function is killed", _kill),
    Mishap("the database stands still", _stand_still),
)


async def go_wrong(
    stack: Stack, seed: int, happened: Counter[str], is_over: Callable[[], bool], *, every: float, slow: bool
) -> None:
    """Something every so many seconds, on the average, in an order that the seed decides."""
    chance = random.Random(f"mishaps {seed}")  # noqa: S311 - the same mishaps for the same seed
    known = [each for each in MISHAPS if slow or not each.slow]
    order: list[Mishap] = []
    while not is_over():
        if not order:
            order = chance.sample(known, len(known))
        mishap = order.pop()
        await mishap.happen(stack, chance)
        happened[mishap.name] += 1
        await asyncio.sleep(chance.uniform(0.5, 1.5) * every)


async def mend(stack: Stack) -> None:
    """What was ordered and has not happened will not."""
    async with httpx.AsyncClient(timeout=10) as control:
        await control.delete(stack.tavus("faults"))
