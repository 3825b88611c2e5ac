"""The relay's benchmark sees what it says it sees: a lost reply, an overtaken one, and a whole run from end to end."""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.relay.__main__ import holds, turned_around, wrong_turns
from benchmarks.relay.echo import say_back
from benchmarks.relay.load import Outcome, run
from benchmarks.relay.talk import ANSWERED, MIX, Talk, in_bursts, reply_of_echo
from dev import aws
from tests.dev.loops import lived

Behaviour = Callable[[ServerConnection], Awaitable[None]]


def load_on(behaviour: Behaviour) -> Outcome:
    async def story() -> Outcome:
        async with serve(behaviour, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]

            async def enter(number: int) -> tuple[ClientConnection, Talk]:
                return await connect(f"ws://127.0.0.1:{port}", proxy=None), Talk("call", number)

            outcome, visitors = await run(enter, reply_of_echo, connections=3, rate=400, seconds=0.5, patience=0.3)
            for visitor in visitors:
                await visitor.close()
            return outcome

    return lived(story())


async def forgetful(socket: ServerConnection) -> None:
    """Keeps every message that has a reply to itself."""
    async for message in socket:
        if json.loads(message)["action"] == "event":
            await socket.send(message)


async def hasty(socket: ServerConnection) -> None:
    """Answers two by two, the later one first."""
    held: list[Any] = []
    async for message in socket:
        held.append(message)
        if len(held) == 2:
            await socket.send(held.pop())
            await socket.send(held.pop())


def test_an_honest_server_loses_and_turns_nothing() -> None:
    outcome = load_on(say_back)

    assert outcome.sent == 200
    assert 0 < outcome.answered < outcome.sent
    assert (outcome.lost, outcome.out_of_order, outcome.unexpected) == (0, 0, [])


def test_a_reply_that_never_comes_is_lost() -> None:
    outcome = load_on(forgetful)

    assert outcome.answered == 0
    assert outcome.lost > 0


def test_a_reply_that_overtakes_another_is_seen() -> None:
    assert load_on(hasty).out_of_order > 0


def test_the_mix_is_of_a_hundred_and_some_of_it_is_answered() -> None:
    assert sum(MIX.values()) == 100
    assert MIX.keys() > ANSWERED


def figures(**changes: Any) -> dict[str, Any]:
    relay = {
        "rate": 500.0,
        "drainSeconds": 0.1,
        "lost": 0,
        "unserved": 0,
        "wrongTurns": 0,
        "turnsOutOfOrder": 0,
        "outOfOrder": 0,
        "unexpected": 0,
    }
    changed = {key: value for key, value in changes.items() if key in relay}
    told = {"relay": relay | changed, "load": {"rate": 500.0, "bursts": 1}, "awsCallsPerMessage": 1.9}
    return told | {key: value for key, value in changes.items() if key not in relay}


@pytest.mark.parametrize(
    "change",
    [
        {"lost": 1},
        {"unserved": 1},
        {"wrongTurns": 1},
        {"turnsOutOfOrder": 1},
        {"outOfOrder": 1},
        {"unexpected": 1},
        {"rate": 450.0},
        {"drainSeconds": 9.0},
        {"awsCallsPerMessage": 4.1},
        {"awsCallsPerMessage": 0.0},
    ],
    ids=str,
)
def test_the_bars_hold_for_a_clean_run_and_for_no_other(change: dict[str, Any]) -> None:
    assert holds(figures())
    assert not holds(figures(**change))


def test_replies_may_overtake_each_other_when_their_messages_were_sent_in_one_go() -> None:
    together = {"load": {"rate": 500.0, "bursts": 8}}

    assert holds(figures(outOfOrder=1) | together)
    assert not holds(figures(turnsOutOfOrder=1) | together)


def test_a_burst_holds_the_messages_of_its_time_in_another_order() -> None:
    plain = [message.text for message, _ in zip(Talk("call", 1), range(24), strict=False)]
    burst = [message.text for message, _ in zip(in_bursts(iter(Talk("call", 1)), 8), range(24), strict=False)]

    assert burst != plain
    assert all(set(burst[at : at + 8]) == set(plain[at : at + 8]) for at in (0, 8, 16))


@pytest.mark.parametrize(
    ("found", "wrong", "turned"),
    [
        ([1, 2, 3], 0, 0),
        ([1, 3], 1, 0),
        ([1, 2, 2, 3], 1, 0),
        ([2, 1, 3], 0, 1),
        ([3, 2, 1], 0, 2),
        ([0, 1, 2, 3], 1, 0),
    ],
    ids=str,
)
def test_a_transcript_is_held_against_what_was_said(found: list[int], wrong: int, turned: int) -> None:
    assert (wrong_turns({1, 2, 3}, found), turned_around(found)) == (wrong, turned)


@pytest.mark.slow
@pytest.mark.skipif(not aws.PYTHON.exists(), reason="the AWS emulator is not installed: run `make setup`")
def test_a_short_run_goes_through_the_gateway_the_function_and_the_tables() -> None:
    command = [sys.executable, "-m", "benchmarks.relay", "--json", "--environments", "2"]
    command += ["--connections", "5", "--rate", "20", "--seconds", "2", "--bursts", "4"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["relay"]["sent"] == 40
    assert told["relay"]["answered"] == told["echo"]["answered"] > 0
    assert [told["relay"][each] for each in ("lost", "unserved", "wrongTurns", "turnsOutOfOrder")] == [0, 0, 0, 0]
    assert 0 < told["awsCallsPerMessage"] <= 4
