"""`python -m benchmarks.search_quality`: what our search finds, beside formulas and libraries in the same run.

--only NAME      one part: own-leg, second-stage, two-legs, duplicates, routing, languages, parity
--no-libraries   without the peers' environment (`make bench` makes it); the formulas stay
--json           the last line is one JSON object
"""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from aisdr.inference.e5 import E5
from aisdr.inference.minilm import MiniLM
from aisdr.observability import logger
from benchmarks import collections
from benchmarks.report import Bar, Section, tell
from benchmarks.search_quality import duplicates, languages, parity, second_stage, two_legs
from benchmarks.search_quality.measures import mean, recall
from benchmarks.search_quality.own_leg import OURS, PEERS, everybody, filled
from benchmarks.search_quality.routing import routed

LEAST = {"scifact": 0.722, "xquad-en": 0.977, "mm-mix": 0.612}
LEAST_RECALL = {"scifact": 0.950}
LEAST_OF_PICTURES = 0.97
"""Share of what our leg alone reaches for pictures and clips, whatever the weight."""
LEAST_OF_HALVES = {0.3: 0.80, 0.5: 0.90, 0.7: 0.80}
"""Weight → nDCG@10 of text where each leg holds half of it, and both give scores."""
LEAST_OF_ORDER = 0.80
"""The same for a second leg that gives nothing but its order, at every weight: it tells less."""
LEAST_RECALL_OF_DUPLICATES = 0.93


def own_leg(folder: Path, *, with_libraries: bool) -> Section:
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name in collections.NAMES:
        relevant = collections.read(name).relevant
        for system, rankings in everybody(folder, name, with_libraries=with_libraries).items():
            found.setdefault(system, {})[name] = mean(rankings, relevant), mean(rankings, relevant, recall)
    rows = []
    for system, figures in found.items():
        gains = [figures[name][0] for name in collections.NAMES]
        rows.append((system, [*gains, sum(gains) / len(gains), figures["scifact"][1]]))
    rows.sort(key=lambda row: -row[1][3])
    best_peer = max(values[3] for system, values in rows if system != OURS)
    bars = [Bar(f"nDCG@10 {name}", found[OURS][name][0], least=least) for name, least in LEAST.items()]
    bars += [Bar(f"Recall@100 {name}", found[OURS][name][1], least=least) for name, least in LEAST_RECALL.items()]
    ours = next(values[3] for system, values in rows if system == OURS)
    bars.append(Bar("mean ahead of the best peer", ours - best_peer, least=0.0))
    return Section("own leg", ["nDCG@10", *collections.NAMES, "mean", "Recall@100 scifact"], rows, bars)


def merged_legs(folder: Path) -> Section:
    collection = collections.read("mm-mix")
    rows: list[tuple[str, list[float]]] = []
    bars = []
    for shape in two_legs.SHAPES:
        for kind in two_legs.LEGS:
            legs = two_legs.TwoLegs(folder / shape.name / kind, collection, shape, kind)
            alone = legs.alone()
            rows.append((f"{shape.name}, {kind}: our leg alone", [alone[each] for each in two_legs.KINDS]))
            for weight in two_legs.WEIGHTS:
                merged = legs.merged(weight)
                title = f"{shape.name}, {kind}, weight {weight}"
                rows.append((title, [merged[each] for each in two_legs.KINDS]))
                kept = min(merged[each] / alone[each] for each in ("image", "video"))
                bars.append(Bar(f"{title}: pictures and clips kept", kept, least=LEAST_OF_PICTURES))
                if shape.name == "halves":
                    least = LEAST_OF_ORDER if kind == "order" else LEAST_OF_HALVES[weight]
                    bars.append(Bar(f"{title}: text", merged["text"], least=least))
    return Section("two legs", ["nDCG@10", *two_legs.KINDS], rows, bars)


def joined_duplicates(folder: Path) -> Section:
    found = duplicates.joined()
    distinct = duplicates.distinct(filled(folder, "xquad-en"), collections.read("xquad-en"))
    bars = [
        Bar("false merges", duplicates.false_merges(found), most=0.0),
        Bar("recall of duplicates", duplicates.recall(found), least=LEAST_RECALL_OF_DUPLICATES),
        Bar("questions whose first five hits are five passages, both legs knowing the same", distinct, least=1.0),
    ]
    rows = [(f"{each.label}: {each.kind}", [each.share]) for each in found]
    return Section("duplicates", ["pairs", "share joined"], rows, bars)


def routing() -> Section:
    rows, bars = [], []
    for name, embedder in (("minilm", MiniLM()), ("e5", E5())):
        found = routed(embedder)
        bars += [
            Bar(f"{name}: lost to text alone", found.lost, most=0.02),
            Bar(f"{name}: wrong side", found.wrong, most=0.10),
            Bar(f"{name}: both legs", found.both, most=0.35),
            Bar(f"{name}: milliseconds a decision", found.milliseconds, most=1.0),
        ]
        rows.append((f"router, test half, {name}", [found.lost, found.wrong, found.both, found.milliseconds]))
    return Section("routing", ["share of questions", "lost", "wrong", "both", "ms"], rows, bars)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only")
    parser.add_argument("--no-libraries", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not asked.no_libraries and not PEERS.exists():
        parser.error("the libraries are not installed: run `scripts/setup bench`, or say --no-libraries")
    logger.setLevel(logging.ERROR)  # a line for each search is for operators
    with TemporaryDirectory(prefix="search-quality-") as name:
        folder = Path(name)
        parts: dict[str, Callable[[], list[Section]]] = {
            "own-leg": lambda: [own_leg(folder / "own", with_libraries=not asked.no_libraries)],
            "second-stage": lambda: second_stage.sections(folder / "own", with_libraries=not asked.no_libraries),
            "two-legs": lambda: [merged_legs(folder / "two")],
            "duplicates": lambda: [joined_duplicates(folder / "own")],
            "routing": lambda: [routing()],
            "languages": lambda: [languages.section(folder / "languages")],
            "parity": lambda: parity.sections(folder / "parity"),
        }
        if asked.only and asked.only not in parts:
            parser.error(f"--only knows {', '.join(parts)}")
        told = [section for title, make in parts.items() if asked.only in (None, title) for section in make()]
    return 0 if tell(told, as_json=asked.json) else 1


if __name__ == "__main__":
    sys.exit(main())
