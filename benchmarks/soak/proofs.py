"""What must be true when everybody has gone: money, slots, vendors, transcripts, secrets, doors, memory, logs."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import httpx

from aisdr.budget import COUNTED, account_key
from aisdr.operation import Operation
from aisdr.session import Session
from aisdr.table import Item
from benchmarks.soak.stack import CANARIES, Stack
from benchmarks.soak.visitor import VISITORS_WORD, Promised, Told

MOST_MIB = {"gateway": 300, "function": 500}
"""A function's environment has 1,024; the larger part of what it takes is the small model that embeds."""
MOST_GROWTH_MIB = 60
"""Between the middle, when everything has been loaded for long, and the end."""
MOST_WITHOUT_FACT = 0.25
"""A machine that is busy, or a database that stands still, lets a search be late; then the answer says so."""
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Proof:
    """One thing that must hold. `found` is for people."""

    name: str
    found: str
    holds: bool


def wait_until_settled(stack: Stack, seconds: float) -> float:
    """Until no call is open and nothing lives at a vendor, or the time is up. Returns how long it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if not any(each.is_open for each in operations(stack)) and not living(stack):
            break
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - began


def operations(stack: Stack) -> list[Operation]:
    return [each for company in stack.companies.values() for each in stack.services.ledger.each(company.operator_scope)]


def living(stack: Stack) -> int:
    """Calls that somebody is still paid for."""
    with httpx.Client(timeout=10) as vendors:
        video = int(vendors.get(stack.tavus("meter")).json()["active"])
        voice: list[dict[str, str]] = vendors.get(stack.openai("calls")).json()
    return video + sum(call["state"] != "closed" for call in voice)


def proofs(stack: Stack, told: Told, middle: dict[str, int] | None, end: dict[str, int]) -> Iterator[Proof]:
    """`middle` and `end` are what the programs held in memory then; a short run has no middle that tells anything."""
    yield from _money(stack)
    if middle:
        modes = {each.mode for each in operations(stack) if each.state == "settled"}
        yield Proof("modes in which calls were settled", ", ".join(sorted(modes)), modes == {"video", "voice"})
    yield from _transcripts(stack, told.promised)
    yield Proof("a company's secret told to another's visitors", f"{len(told.foreign)}", not told.foreign)
    untyped = sum(count for name, count in told.statuses.items() if name.endswith("internal_error"))
    yield Proof(
        "5xx not in our words, and functions killed",
        f"{told.bare} and {stack.kills}; internal errors {untyped}",
        told.bare <= stack.kills and not untyped,
    )
    yield Proof("visits that did not come to their end", f"{len(told.broken)}", not told.broken)
    answers = sum(len(each.answered) for each in told.promised)
    found = f"{told.without_fact} of {answers}"
    yield Proof("answers for which nothing was found in time", found, told.without_fact <= MOST_WITHOUT_FACT * answers)
    for name, size in end.items():
        growth = size - middle[name] if middle else 0
        bounded = size <= MOST_MIB[name] and growth <= MOST_GROWTH_MIB
        yield Proof(f"memory of the {name}", f"{size} MiB" + (f", {growth:+d}" if middle else ""), bounded)
    leaks = _leaks(stack, told)
    yield Proof("secrets, tokens and visitors' words in logs", ", ".join(leaks) or "0", not leaks)


def _money(stack: Stack) -> Iterator[Proof]:
    found = operations(stack)
    open_ones = [each for each in found if each.is_open]
    states = Counter[str](each.state for each in found)
    yield Proof("calls not closed", f"{len(open_ones)} of {len(found)} ({_told(states)})", not open_ones)
    yield Proof("calls that live at a vendor", f"{living(stack)}", not living(stack))
    for name, company in stack.companies.items():
        account = stack.services.conversations.query(account_key(name))
        slots = next((int(row["active"]) for row in account if row["sk"] == "slots"), 0)
        yield Proof(f"slots taken at {name}", f"{slots}", slots == 0)
        own = [each for each in found if each.company_id == name]
        settled = [each for each in own if each.state == "settled"]
        spoken = sum(spent.money_micros for _, spent in stack.services.usages.spoken(company.operator_scope))
        expected = {
            "calls": len(settled),
            "seconds": sum(each.used_seconds or 0 for each in settled),
            "cents": sum(each.spent_cents for each in settled) + _counted_cents(account, spoken),
        }
        for period in ("day#", "month#"):
            booked = {count: sum(int(row.get(count, 0)) for row in _rows(account, period)) for count in COUNTED}
            yield Proof(
                f"{period[:-1]} of {name}: booked, and due",
                f"{_told(booked)}" + ("" if booked == expected else f"; due {_told(expected)}"),
                booked == expected,
            )


def _rows(account: list[Item], prefix: str) -> list[Item]:
    return [row for row in account if row["sk"].startswith(prefix)]


def _counted_cents(account: list[Item], spoken_micros: int) -> int:
    """What was read aloud, in the whole cents that were moved; what is moved late is less than one sentence's."""
    moved = sum(int(row.get("model_cents", 0)) for row in _rows(account, "day#"))
    micros = sum(int(row.get("money_micros", 0)) for row in _rows(account, "day#"))
    return moved if micros == spoken_micros else -1


def _transcripts(stack: Stack, promised: list[Promised]) -> Iterator[Proof]:
    lost, doubled, turned, kept = list[str](), list[str](), 0, 0
    for each in promised:
        company = stack.companies[each.company_id]
        turns = stack.services.transcripts.all(Session(each.session_id, each.company_id, company.website_url, 0))
        said = Counter(turn.text for turn in turns if turn.role == "visitor")
        answers = Counter(turn.answer_id for turn in turns if turn.role == "assistant" and turn.answer_id)
        due = [(question, said[question], identifier in each.answered) for identifier, question in each.asked.items()]
        due += [(f"answer to {question}", answers[key], key in each.answered) for key, question in each.asked.items()]
        due += [(text, said[text], each.heard) for text in each.spoken]
        lost += [what for what, count, promised_ in due if promised_ and count == 0]
        doubled += [what for what, count, _ in due if count > 1]
        kept += sum(count == 1 for _, count, _ in due)
        places = {turn.text: number for number, turn in enumerate(turns)}
        order = [places[text] for text in each.spoken if text in places]
        turned += sum(later < earlier for earlier, later in pairwise(order))
    found = f"{len(lost)}, {len(doubled)}, {turned} of {kept}" + "".join(f"; {what}" for what in [*lost, *doubled][:3])
    yield Proof("turns lost, double, out of order", found, not (lost or doubled or turned))


def _leaks(stack: Stack, told: Told) -> list[str]:
    """Which kinds of secrets stand in which logs."""
    keys = list(stack.services.settings.signing_keys.values())
    kinds: dict[str, Callable[[str], bool]] = {
        "visitors' words": lambda text: VISITORS_WORD in text,
        "material": lambda text: any(canary in text for canary in CANARIES.values()),
        "tokens": lambda text: any(token in text for token in told.tokens),
        "keys": lambda text: any(key in text for key in keys),
    }
    texts = {log.name: log.read_text("utf-8", "replace") for log in sorted(stack.children.logs.glob("*.log"))}
    if not any(texts.values()):
        return ["no log to look through"]
    return [f"{kind} in {name}" for name, text in texts.items() for kind, stands_in in kinds.items() if stands_in(text)]


def _told(counts: Counter[str] | dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
