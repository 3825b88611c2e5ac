"""S-02: a day of hostile creates against three companies, from one network, from fifty and from five hundred.

A program loops the POST with all that a browser would send. Every second wish enters its call, which then lasts as long
as it may; the others leave theirs alone. A fourth company has one honest visitor who wants a call an hour.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from aisdr.budget import budget_cents
from aisdr.company import Company
from aisdr.errors import AisdrError
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.money.front_desk import MINUTE, FrontDesk, front_desk, lasted, moment
from tests.material import a_company

MIDNIGHT = 1_800_057_600.0
MINUTES = {"small": 80, "full": 24 * 60}
CREATES = {"small": 240, "full": 10_000}
NETWORKS = {"alone": 1, "fifty": 50, "fivehundred": 500}
QUIET = "quiet"
HOUR = 3600.0
STARTS_AN_HOUR = 6
"""What one network may start without a challenge: the default of `limits.networkCallsPerHour`."""


@dataclass
class Day:
    """What was seen of one company."""

    company: Company
    started: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When which network got a call."""
    over: set[str] = field(default_factory=set)
    """Caps that were found exceeded at any minute."""
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def measure(form: Form) -> Figure:
    creates = CREATES[form]
    with front_desk(MIDNIGHT) as desk:
        days = {name: Day(a_company(name)) for name in (*NETWORKS, QUIET)}
        for day in days.values():
            desk.settle_in(day.company)
        honest = _attack(desk, days, creates, MINUTES[form])
        spent = {name: _minutes_at_the_vendor(desk, day) for name, day in days.items()}
    over = sorted(f"{name}: {cap}" for name, day in days.items() for cap in day.over)
    limits = days[QUIET].company.limits
    over += [f"{name}: the vendor's minutes" for name, minutes in spent.items() if minutes > limits.minutes_per_day]
    most = max(_most_in_an_hour(day) for day in days.values())
    paid = {name: sum(map(len, days[name].started.values())) for name in NETWORKS}
    return Figure(
        f"{len(over)} over a cap of {creates:,} ({sum(paid.values())} paid); at most {most} an hour from one network; "
        f"{honest[0]} of {honest[1]} calls of a company beside them came about",
        f"0; ≤ {STARTS_AN_HOUR}; all",
        not over and most <= STARTS_AN_HOUR and honest[0] == honest[1] > 0 and all(paid.values()),
        {
            "creates": creates,
            "over": over,
            "most_an_hour": most,
            "paid": paid,
            "minutes_at_the_vendor": spent,
            "refused": {name: dict(days[name].refused) for name in NETWORKS},
            "beside": honest,
        },
    )


def _attack(desk: FrontDesk, days: dict[str, Day], creates: int, minutes: int) -> tuple[int, int]:
    """Returns how many calls the honest visitor of the company beside got, of how many."""
    attackers, got, wanted = _attackers(), 0, 0
    done = 0
    with ThreadPoolExecutor(8) as threads:
        for minute in range(minutes):
            until = creates * (minute + 1) // minutes
            wishes = [next(attackers) for _ in range(until - done)]
            done = until
            list(
                threads.map(lambda wish: _create(desk, days[wish.company_id], wish.address, enters=wish.enters), wishes)
            )
            if minute % 60 == 30:
                wanted += 1
                got += _create(desk, days[QUIET], "198.51.100.7", enters=False)
            desk.advance(MINUTE)
            desk.tick()
            for day in days.values():
                _watch(desk, day)
    return got, wanted


@dataclass(frozen=True)
class _Wish:
    company_id: str
    address: str
    enters: bool


def _attackers() -> Iterator[_Wish]:
    """Who asks next, for which company and from where: addresses all over each network, IPv4 and IPv6 in turns."""
    for number in count():
        name = tuple(NETWORKS)[number % len(NETWORKS)]
        network = number // len(NETWORKS) % NETWORKS[name]
        host = number % 250 + 1
        address = f"10.{network // 256}.{network % 256}.{host}"
        if network % 2:
            address = f"2001:db8:{network:x}:1::{host:x}"
        yield _Wish(name, address, enters=number // len(NETWORKS) % 2 == 1)


def _create(desk: FrontDesk, day: Day, address: str, *, enters: bool) -> bool:
    try:
        grant = desk.create(day.company.company_id, address)
    except AisdrError as refusal:
        day.refused[refusal.code] += 1
        return False
    assert grant.video is not None
    day.started[_network(address)].append(desk.clock.now)
    if enters:
        desk.tavus.joined(grant.video.conversation_id)
    return True


def _network(address: str) -> str:
    """Written down here once more, so that the figure does not believe the code that it measures."""
    return ":".join(address.split(":")[:4]) if ":" in address else address.rpartition(".")[0]


def _watch(desk: FrontDesk, day: Day) -> None:
    limits, company_id = day.company.limits, day.company.company_id
    today, month = desk.ledger.today(company_id), desk.ledger.this_month(company_id)
    caps = {
        "lines": today["active"] <= limits.concurrent_calls,
        "calls": today["calls"] <= limits.calls_per_day,
        "minutes": today["seconds"] <= limits.minutes_per_day * 60,
        "money": today["cents"] <= budget_cents(limits),
        "minutes of the month": month["seconds"] <= limits.minutes_per_month * 60,
        "nothing below zero": min(*today.values(), *month.values()) >= 0,
    }
    day.over |= {cap for cap, holds in caps.items() if not holds}


def _most_in_an_hour(day: Day) -> int:
    """In any hour, wherever it begins."""
    return max(
        (sum(start <= each < start + HOUR for each in starts) for starts in day.started.values() for start in starts),
        default=0,
    )


def _minutes_at_the_vendor(desk: FrontDesk, day: Day) -> float:
    """What really ran, as the vendor's own records tell: each call bears the name of its operation."""
    now = moment(desk.tavus.now())
    ran = [
        lasted(call, now)
        for call in desk.tavus.conversations()
        if desk.ledger.get(day.company.company_id, str(call["conversation_name"])) is not None
    ]
    return round(sum(ran) / 60, 1)
