"""S-09: the relay under load. Nothing may be lost or overtaken, also when sockets are cut, and beside a flood.

Four runs on one stack, the AWS emulator, the gateway and the relay function in processes of its own:

1. many visitors in video calls at a steady rate (`benchmarks/relay`), whose transcripts are read afterwards;
2. one pass to all of them, with the rows of sockets that are gone among theirs (T-WS-05);
3. forced reconnects, while cards come from outside and words go in (F-WS-09);
4. a calm load by itself, and again beside one who floods at 200 a second, is put out, comes back with a new ticket
   and is put out again (T-WS-03).
"""

import asyncio
import os
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.exceptions import ConnectionClosed

from aisdr.answer import MeetingCard
from aisdr.connections import OPENING_SECONDS
from aisdr.session import Entry, Session
from benchmarks.relay import stack
from benchmarks.relay.__main__ import LEAST_OF_RATE, turned_around, wrong_turns
from benchmarks.relay.load import Outcome, Visitor, run
from benchmarks.relay.talk import Talk, reply_of_relay
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.soak.line import Line

P99_SECONDS = 0.4
FLOOD_RATIO = 2.0
FLOOD_PER_SECOND = 200
FLOODS = ('{"action":"ping"}', '{"action":"event","seq":1,"event":{}}')
"""What is nothing, which is refused for a while before the end, and what counts as something that a visitor did."""
LONGEST_FLOOD_SECONDS = 30.0
"""A socket has room for 440 frames when it is new, and is closed after a hundred more."""
SHOWN = '"show"'


@dataclass(frozen=True)
class Load:
    """How much of everything."""

    connections: int
    rate: float
    seconds: float
    dead: int
    lines: int
    cuts: int
    calm_connections: int
    calm_rate: float
    calm_seconds: float
    environments: int = 2
    ramp: float = 0.0
    """Seconds in which the visitors come; they count like all others."""


LOADS: dict[Form, Load] = {
    "small": Load(20, 40, 2, 4, 4, 8, 8, 20, 2),
    "full": Load(1000, 500, 600, 200, 20, 100, 100, 50, 15, (os.cpu_count() or 2) + 1, 20),
}


@dataclass
class Seen:
    """What came of it."""

    sent: int = 0
    rate: float = 0.0
    lost: int = 0
    out_of_order: int = 0
    p50_seconds: float = 0.0
    p99_seconds: float = 0.0
    shown: int = 0
    dead_rows_left: int = 0
    reconnects: int = 0
    lost_by_reconnects: int = 0
    floods: int = 0
    floods_ended: int = 0
    lost_beside_flood: int = 0
    flood_ratio: float = 0.0


def measure(form: Form, load: Load | None = None) -> Figure:
    load = load or LOADS[form]
    with (
        TemporaryDirectory(prefix="relay-load-") as name,
        stack.running(Path(name), visitors=load.connections, environments=load.environments) as relay,
    ):
        seen = asyncio.run(_all_runs(relay, load))
    met = _whole(seen, load) and (form == "small" or _in_time(seen, load))
    return Figure(
        value=(
            f"{seen.lost} lost and {seen.out_of_order} out of order of {seen.sent:,} at {seen.rate:.0f}/s on "
            f"{load.connections:,} connections, p99 {seen.p99_seconds:.2f} s; {seen.lost_by_reconnects} lost across "
            f"{seen.reconnects} forced reconnects; {seen.shown:,} of {load.connections:,} reached past {load.dead} "
            f"dead rows, {seen.dead_rows_left} left; {seen.floods_ended} of {seen.floods} floods of one who comes back "
            f"ended, p99 beside them ×{seen.flood_ratio:.1f}"
        ),
        target=f"0 and 0, p99 ≤ {P99_SECONDS} s; 0; all, 0; all, ≤ ×{FLOOD_RATIO:.0f}",
        met=met,
        facts=asdict(seen) | {"load": asdict(load)},
    )


def _whole(seen: Seen, load: Load) -> bool:
    lost = seen.lost + seen.out_of_order + seen.lost_by_reconnects + seen.lost_beside_flood + seen.dead_rows_left
    did = seen.sent >= load.rate * (load.seconds - load.ramp / 2) - 1 and seen.reconnects >= load.cuts
    put_out = seen.floods_ended == seen.floods >= len(FLOODS)
    return not lost and did and seen.shown == load.connections and put_out


def _in_time(seen: Seen, load: Load) -> bool:
    kept_up = seen.rate >= LEAST_OF_RATE * load.rate * (1 - load.ramp / 2 / load.seconds)
    return kept_up and seen.p99_seconds <= P99_SECONDS and seen.flood_ratio <= FLOOD_RATIO


async def _all_runs(relay: stack.Stack, load: Load) -> Seen:
    seen = Seen()
    visitors, outcome = await _steady(relay, load, seen)
    await _past_the_dead(relay, load, outcome, seen)
    for visitor in visitors:
        await visitor.close()
    await _cut(relay, load, seen)
    await _beside_a_flood(relay, load, seen)
    return seen


async def _steady(relay: stack.Stack, load: Load, seen: Seen) -> tuple[Sequence[Visitor], Outcome]:
    outcome, visitors = await run(
        relay.connect,
        reply_of_relay,
        connections=load.connections,
        rate=load.rate,
        seconds=load.seconds,
        ramp=load.ramp,
    )
    for visitor in visitors:
        await visitor.settle()
    found = await asyncio.to_thread(relay.turns)
    wrong = sum(wrong_turns(visitor.turns, turns) for visitor, turns in zip(visitors, found, strict=True))
    seen.sent, seen.rate = outcome.sent, outcome.rate
    seen.lost = outcome.lost + wrong + len(outcome.unexpected)
    seen.out_of_order = outcome.out_of_order + sum(map(turned_around, found))
    seen.p50_seconds, seen.p99_seconds = outcome.percentile(50) / 1000, outcome.percentile(99) / 1000
    return visitors, outcome


async def _past_the_dead(relay: stack.Stack, load: Load, outcome: Outcome, seen: Seen) -> None:
    """Sockets that went without a word still have their rows: one pass to everybody finds them out."""
    services, sessions = relay.services, relay.sessions
    now = services.connections._clock
    services.connections._clock = lambda: now() - 2 * OPENING_SECONDS  # else they may be about to open
    for number, session in enumerate(sessions[: load.dead]):
        services.connections.add(f"gone-{number}", Entry(session, "video", stack.CALL))
    services.connections._clock = now
    before = len(outcome.unexpected)
    gate = asyncio.Semaphore(4)

    async def show(session: Session) -> None:
        async with gate:
            await asyncio.to_thread(_show, relay, session, 0)

    await asyncio.gather(*(show(session) for session in sessions))
    for _ in range(100):
        seen.shown = sum(SHOWN in told for told in outcome.unexpected[before:])
        if seen.shown >= load.connections:
            break
        await asyncio.sleep(0.1)
    rows = [services.connections.of_session(session) for session in sessions[: load.dead]]
    seen.dead_rows_left = sum(name.startswith("gone-") for names in rows for name in names)


def _show(relay: stack.Stack, session: Session, number: int) -> None:
    card = MeetingCard(title=f"Card {number}", url=f"{stack.ORIGIN}/book")
    relay.services.screen.show(session, (card,), tool_call=f"call {number}", channel="video")


async def _cut(relay: stack.Stack, load: Load, seen: Seen) -> None:
    """Each line is cut again and again, while words go in and cards come; in the end nothing is missing or double."""
    company = relay.services.companies.get("shop")
    for number in range(load.lines):
        session = relay.services.sessions.open(company, stack.ORIGIN, None)
        cuts = load.cuts // load.lines
        line = await _cut_line(relay, session, cuts, random.Random(number))  # noqa: S311 - the same in every run
        seen.reconnects += line.reconnects
        shown = [frame["card"]["title"] for _, frame in sorted(line.view.items()) if frame["type"] == "show"]
        said = [turn.text for turn in relay.services.transcripts.all(session) if turn.text]
        due = [f"Card {each}" for each in range(1, 2 * cuts + 1)], [f"word {each}" for each in range(1, 2 * cuts + 1)]
        seen.lost_by_reconnects += sum(
            len(set(want) ^ set(have)) for want, have in zip(due, (shown, said), strict=True)
        )
        seen.lost_by_reconnects += len(said) - len(set(said)) + (shown != due[0]) + (said != due[1])


async def _cut_line(relay: stack.Stack, session: Session, cuts: int, chance: random.Random) -> Line:
    async def renew() -> tuple[str, str]:
        return relay.address, relay.services.sessions.issue(session, "video", stack.CALL).ticket

    line = Line(stack.ORIGIN, renew, chance)
    await line.open()
    for number in range(1, 2 * cuts + 1):
        telling = asyncio.create_task(asyncio.to_thread(_show, relay, session, number))
        await line.bring(_word(number))
        if number % 2:
            await asyncio.sleep(chance.uniform(0, 0.05))
            await line.cut()
            await line.reopen()
        await telling
    await line.settle()
    cards = 2 * cuts
    await line.wait_for(lambda: sum(frame["type"] == "show" for frame in line.view.values()) >= cards, 20)
    await line.close()
    return line


def _word(number: int) -> dict[str, Any]:
    return {
        "message_type": "conversation",
        "event_type": "conversation.utterance",
        "conversation_id": stack.CALL,
        "turn_idx": number,
        "inference_id": f"i{number}",
        "properties": {"role": "user", "speech": f"word {number}"},
    }


async def _beside_a_flood(relay: stack.Stack, load: Load, seen: Seen) -> None:
    calm = {"connections": load.calm_connections, "rate": load.calm_rate, "seconds": load.calm_seconds}
    quiet = await _calm(relay, calm)
    enough = asyncio.Event()
    flooding = asyncio.create_task(_flood(relay, enough, seen))
    beside = await _calm(relay, calm)
    enough.set()
    await flooding
    seen.lost_beside_flood = beside.lost + beside.out_of_order
    seen.flood_ratio = beside.percentile(99) / max(quiet.percentile(99), 1.0)


async def _calm(relay: stack.Stack, load: dict[str, Any]) -> Outcome:
    outcome, visitors = await run(_with_clean_ears(relay), reply_of_relay, **load)
    for visitor in visitors:
        await visitor.close()
    return outcome


def _with_clean_ears(relay: stack.Stack) -> Any:
    """New conversations: what the earlier ones kept for their calls is not said again."""
    company = relay.services.companies.get("shop")
    first = len(relay.sessions)
    relay.sessions += [relay.services.sessions.open(company, stack.ORIGIN, None) for _ in range(1)]

    async def connect(number: int) -> tuple[Any, Talk]:
        if first + number >= len(relay.sessions):
            relay.sessions.append(relay.services.sessions.open(company, stack.ORIGIN, None))
        return await relay.connect(first + number)

    return connect


async def _flood(relay: stack.Stack, enough: asyncio.Event, seen: Seen) -> None:
    """One who floods, and comes back when they are put out, as long as the others talk and until all was tried."""
    while not enough.is_set() or seen.floods < len(FLOODS):
        frame = FLOODS[seen.floods % len(FLOODS)]
        seen.floods += 1
        seen.floods_ended += await _is_put_out(relay, frame)


async def _is_put_out(relay: stack.Stack, frame: str) -> bool:
    socket, _ = await relay.connect(0)
    reading = asyncio.create_task(_swallow(socket))
    try:
        for _ in range(int(LONGEST_FLOOD_SECONDS * FLOOD_PER_SECOND)):
            await socket.send(frame)
            await asyncio.sleep(1 / FLOOD_PER_SECOND)
    except ConnectionClosed:
        return True
    finally:
        reading.cancel()
        await socket.close()
    return False


async def _swallow(socket: Any) -> None:
    async for _ in socket:
        pass
