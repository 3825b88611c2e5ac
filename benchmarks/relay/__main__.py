"""`python -m benchmarks.relay`: a thousand visitors in live calls on the relay, and the same load on a bare echo."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.relay import stack
from benchmarks.relay.load import Outcome, Visitor, run
from benchmarks.relay.talk import MIX, Talk, reply_of_echo, reply_of_relay

MOST_CALLS = 4.0
"""Calls to AWS for a message, on the average of the mix; a post to a recipient counts apart."""
MOST_DRAIN_SECONDS = 5.0
"""A rate is kept up when the last reply comes so soon after the last message."""
LEAST_OF_RATE = 0.98
GREETINGS = 2
"""Messages of each socket before and after the load, which are served and counted too."""


async def on_the_relay(of: stack.Stack, load: dict[str, Any]) -> tuple[Outcome, int, int]:
    """The outcome; how many turns of all transcripts are missing or double, and how many stand behind a later one."""
    outcome, visitors = await run(of.connect, reply_of_relay, **load)
    for visitor in visitors:
        await visitor.settle()
    found = await asyncio.to_thread(of.turns)
    wrong = sum(wrong_turns(visitor.turns, turns) for visitor, turns in zip(visitors, found, strict=True))
    turned = sum(turned_around(turns) for turns in found)
    await _close(visitors)
    return outcome, wrong, turned


def wrong_turns(said: AbstractSet[int], found: Sequence[int]) -> int:
    """Those that are missing, and those that are there without being said, or once more."""
    return len(said - set(found)) + len(found) - len(said & set(found))


def turned_around(found: Sequence[int]) -> int:
    """How many turns stand behind one that was said after them."""
    return sum(later < earlier for earlier, later in pairwise(found))


async def on_the_echo(address: str, load: dict[str, Any]) -> Outcome:
    async def enter(number: int) -> tuple[ClientConnection, Talk]:
        socket = await connect(address, proxy=None, open_timeout=60, ping_interval=None, compression=None)
        return socket, Talk(stack.CALL, number)

    outcome, visitors = await run(enter, reply_of_echo, **load)
    await _close(visitors)
    return outcome


async def _close(visitors: Sequence[Visitor]) -> None:
    for visitor in visitors:
        await visitor.close()


def measure(connections: int, rate: float, seconds: float, environments: int, bursts: int = 1) -> dict[str, Any]:
    load = {"connections": connections, "rate": rate, "seconds": seconds, "bursts": bursts}
    with TemporaryDirectory(prefix="relay-") as name:
        folder = Path(name)
        with stack.echo(folder / "echo") as address:
            peer = asyncio.run(on_the_echo(address, load))
        with stack.running(folder / "relay", visitors=connections, environments=environments) as ours:
            relay, wrong, turned = asyncio.run(on_the_relay(ours, load))
        served, calls = stack.counted(ours.counts)
    expected = relay.sent + GREETINGS * connections
    posts = calls.pop("PostToConnection", 0)
    figures = {
        "load": load | {"mix": MIX, "environments": environments},
        "relay": _figures(relay) | {"unserved": expected - served, "wrongTurns": wrong, "turnsOutOfOrder": turned},
        "echo": _figures(peer),
        "p99Ratio": round(relay.percentile(99) / max(peer.percentile(99), 0.001), 1),
        "awsCallsPerMessage": round(calls.total() / max(served, 1), 2),
        "postsPerMessage": round(posts / max(served, 1), 2),
        "awsCalls": dict(calls),
    }
    return figures | {"ok": holds(figures)}


def holds(figures: dict[str, Any]) -> bool:
    relay = figures["relay"]
    bars = ["lost", "unserved", "wrongTurns", "turnsOutOfOrder", "unexpected"]
    if figures["load"]["bursts"] == 1:
        bars.append("outOfOrder")  # else what was sent in one go is served, and answered, side by side
    clean = not any(relay[each] for each in bars)
    kept_up = relay["rate"] >= LEAST_OF_RATE * figures["load"]["rate"] and relay["drainSeconds"] <= MOST_DRAIN_SECONDS
    return bool(clean and kept_up and 0 < figures["awsCallsPerMessage"] <= MOST_CALLS)


def _figures(outcome: Outcome) -> dict[str, Any]:
    return {
        "sent": outcome.sent,
        "rate": round(outcome.rate, 1),
        "answered": outcome.answered,
        "lost": outcome.lost,
        "outOfOrder": outcome.out_of_order,
        "unexpected": len(outcome.unexpected),
        "p50Ms": round(outcome.percentile(50), 1),
        "p99Ms": round(outcome.percentile(99), 1),
        "drainSeconds": round(outcome.drained_after, 2),
    }


def show(figures: dict[str, Any]) -> None:
    load = figures["load"]
    table = Table(
        title=f"{load['connections']} sockets, {load['rate']:.0f} messages/s for {load['seconds']:.0f} s, "
        f"{load['environments']} function environments"
    )
    for heading in ("", "relay", "bare echo"):
        table.add_column(heading, justify="left" if not heading else "right")
    for label, key in (
        ("messages sent", "sent"),
        ("messages/s", "rate"),
        ("answered ones", "answered"),
        ("replies lost", "lost"),
        ("out of order", "outOfOrder"),
        ("p50 ms", "p50Ms"),
        ("p99 ms", "p99Ms"),
        ("last reply after, s", "drainSeconds"),
    ):
        table.add_row(label, str(figures["relay"][key]), str(figures["echo"][key]))
    table.add_row("messages never served", str(figures["relay"]["unserved"]), "")
    table.add_row("transcript turns missing or double", str(figures["relay"]["wrongTurns"]), "")
    table.add_row("transcript turns out of order", str(figures["relay"]["turnsOutOfOrder"]), "")
    table.add_row("AWS calls per message (and posts)", str(figures["awsCallsPerMessage"]), "")
    table.add_row("p99, times the echo's", str(figures["p99Ratio"]), "")
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relay", description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=500, help="messages a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--environments", type=int, default=(os.cpu_count() or 2) + 1, help="of the relay function")
    parser.add_argument("--bursts", type=int, default=1, help="messages that a visitor sends in one go")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    given = parser.parse_args()
    figures = measure(given.connections, given.rate, given.seconds, given.environments, given.bursts)
    show(figures)
    if given.json:
        print(json.dumps(figures))
    sys.exit(0 if figures["ok"] else 1)


if __name__ == "__main__":
    main()
