"""`python -m benchmarks.load_model [--per-day N] [--peak X] [--json]`: a day's load, its price, and its walls.

Nothing is run: it is arithmetic. What our code asks for is counted by a test, the rest stands in `assumed.py`.
"""

import argparse
import sys
from collections.abc import Mapping

from benchmarks.load_model.assumed import CONVERSATIONS, MIX, PEAK, PRICES, READ_ON, Mode
from benchmarks.load_model.model import busiest_second, money, of_conversation, of_mix, vendors, walls
from benchmarks.report import Bar, Section, tell

MOST_USD = 1.0
"""For AWS to serve a thousand typed conversations: what a change may not pass by accident."""


def conversations() -> Section:
    rows = []
    for mode, conversation in CONVERSATIONS.items():
        each = of_conversation(conversation)
        figures = (each.http, each.frames, each.posts, each.calls, each.writes, each.reads, each.seconds)
        rows.append((mode, [f"{figure:.1f}" for figure in figures]))
    columns = ("one conversation", "HTTP", "frames in", "posts out", "DynamoDB calls", "WRU", "RRU", "Lambda s")
    return Section("What a conversation asks for", columns, rows)


def prices() -> Section:
    rows = []
    for mode, conversation in CONVERSATIONS.items():
        aws, others = money(of_conversation(conversation)), vendors(conversation)
        figures = [*aws.values(), sum(aws.values()), *others.values(), sum(aws.values()) + sum(others.values())]
        rows.append((mode, [f"{1000 * figure:.2f}" for figure in figures]))
    columns = ("a thousand conversations, USD", *money(of_mix(MIX)), "AWS", *vendors(CONVERSATIONS["text"]), "in all")
    typed = 1000 * sum(money(of_conversation(CONVERSATIONS["text"])).values())
    notes = [f"{name}: ${price.usd:g} for {price.per:g}, {price.source}" for name, price in PRICES.items()]
    return Section(
        "What they cost",
        columns,
        rows,
        bars=(Bar("AWS, a thousand typed conversations, USD", typed, most=MOST_USD),),
        notes=(f"Prices of {READ_ON}, us-east-1, free tiers left out; read them again before you quote:", *notes),
    )


def day(per_day: float, mix: Mapping[Mode, float], peak: float) -> Section:
    second = busiest_second(per_day, mix, peak)
    rows = [
        ("conversations begun, a second", [f"{per_day / 86_400 * peak:.1f}"]),
        ("sockets open", [f"{second.connected_minutes * 60:,.0f}"]),
        ("HTTP requests, a second", [f"{second.http:,.0f}"]),
        ("frames in, a second", [f"{second.frames:,.0f}"]),
        ("posts out, a second", [f"{second.posts:,.0f}"]),
        ("functions at the same time", [f"{second.seconds:,.0f}"]),
        ("DynamoDB writes, a second", [f"{second.writes:,.0f}"]),
        ("DynamoDB reads, a second", [f"{second.reads:,.0f}"]),
        ("AWS, USD a day", [f"{per_day * sum(money(of_mix(mix)).values()):,.0f}"]),
        ("vendors, USD a day", [f"{per_day * _vendors(mix):,.0f}"]),
    ]
    shares = ", ".join(f"{share:.0%} {mode}" for mode, share in mix.items())
    title = f"{per_day:,.0f} conversations a day ({shares}), the busiest minute {peak:g} times the average"
    return Section(title, ("in the busiest second", ""), rows)


def around(per_day: float, mix: Mapping[Mode, float], peak: float) -> Section:
    found = walls(per_day, mix, peak)
    rows = [
        (wall.name, [f"{wall.limit:,.0f}", f"{wall.demand:,.0f}", f"{per_day / wall.share:,.0f}"]) for wall in found
    ]
    notes = [f"{wall.name}: {wall.remedy}" for wall in found]
    return Section("The walls, the nearest first", ("wall", "limit", "asked for", "met at, a day"), rows, notes=notes)


def _vendors(mix: Mapping[Mode, float]) -> float:
    return sum(share * sum(vendors(CONVERSATIONS[mode]).values()) for mode, share in mix.items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_model", description=__doc__)
    parser.add_argument("--per-day", type=float, default=1_000_000, metavar="N", help="conversations a day")
    parser.add_argument("--peak", type=float, default=PEAK, metavar="X", help="the busiest minute against the average")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    given = parser.parse_args()
    if given.per_day <= 0 or given.peak < 1:
        parser.error("--per-day must be above 0, and --peak at least 1")
    sections = [conversations(), prices(), day(given.per_day, MIX, given.peak), around(given.per_day, MIX, given.peak)]
    return 0 if tell(sections, as_json=given.json) else 1


if __name__ == "__main__":
    sys.exit(main())
