"""S-03: how long a call outlives its cap at a vendor that ignores every limit we send, in the vendor's own time.

Time is only pushed, for both sides alike: what a busy machine needs for the work itself is not in the figure. Calls
begin at any second and the clock ticks once a minute. Some creates lose their answer, so that nobody knows of the call,
some visitors leave without a word, and some ends are answered 503 the first time.
"""

import random
from collections import Counter
from itertools import count

from aisdr.errors import AisdrError
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.money.front_desk import MINUTE, FrontDesk, front_desk, lasted, moment, roomy
from benchmarks.scoreboard.money.mishaps import CREATE

START = 1_800_000_000.0
CALLS = {"small": 30, "full": 120}
CAPS = {"brief": 60, "usual": 600, "longest": 3600}
"""Of three companies."""
ALLOWED_SECONDS = 60.0
SLICE = 7.5
"""Between two calls, so that they begin at every phase of the clock's minute."""


def measure(form: Form) -> Figure:
    with front_desk(START, ignore_timeouts=True) as desk:
        for name, seconds in CAPS.items():
            desk.settle_in(roomy(name, seconds))
        outcomes = _lived(desk, CALLS[form])
        now = moment(desk.tavus.now())
        calls = desk.tavus.conversations()
        beyond = [(lasted(call, now) - _cap(desk, str(call["conversation_name"])), call["status"]) for call in calls]
        left = sum(desk.ledger.today(name)["active"] for name in CAPS)
    longest = max(seconds for seconds, _ in beyond)
    running = sum(status == "active" for _, status in beyond)
    return Figure(
        f"{longest:.1f} s past its cap, of {len(calls):,} calls",
        f"≤ {ALLOWED_SECONDS:.0f} s",
        longest <= ALLOWED_SECONDS and running == 0 and left == 0 and len(calls) == CALLS[form],
        {"calls": len(calls), "longest": longest, "running": running, "active": left, "outcomes": dict(outcomes)},
    )


def _lived(desk: FrontDesk, calls: int) -> Counter[str]:
    """Starts so many calls one after another, and lets time pass until the last must be over."""
    chance, outcomes = random.Random(3), Counter[str]()  # noqa: S311 - the same day every time
    ends = 0.0
    for number in count():
        if number < calls:
            outcomes[_start(desk, chance, number)] += 1
            ends = desk.clock.now + max(CAPS.values()) + 2 * MINUTE
        elif desk.clock.now > ends:
            return outcomes
        _pass(desk, SLICE if number < calls else MINUTE)
    raise AssertionError


def _start(desk: FrontDesk, chance: random.Random, number: int) -> str:
    company_id = chance.choice(list(CAPS))
    if number % 5 == 0:
        desk.tavus.fault(**CREATE, reset=True, handled=True)
    if number % 7 == 0:
        desk.tavus.fault(method="POST", path="/v2/conversations/*", status=503)
    try:
        desk.create(company_id, f"10.{number // 250}.{number % 250}.7")
    except AisdrError as error:
        return error.code
    return "granted"


def _pass(desk: FrontDesk, seconds: float) -> None:
    """Time goes by; the clock ticks on the full minute."""
    until = desk.clock.now + seconds
    while desk.clock.now < until:
        to_tick = MINUTE - desk.clock.now % MINUTE
        step = min(to_tick, until - desk.clock.now)
        desk.advance(step)
        if step == to_tick:
            desk.tick()


def _cap(desk: FrontDesk, operation_id: str) -> int:
    """The ledger may reserve less than the company's limit, never more."""
    ((limit, found),) = [
        (limit, found) for name, limit in CAPS.items() if (found := desk.ledger.get(name, operation_id)) is not None
    ]
    return min(limit, found.reserved_seconds)
