"""The second stage on questions that it has not learnt from, beside the merge's order, peers and a perfect order.

What becomes of a collection when nothing was learnt from it is shown as well, and of questions about passages that
nobody learnt from.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisdr.knowledge.rerank.learned import Learned, Weights
from aisdr.knowledge.rerank.order import WINDOW
from benchmarks import collections
from benchmarks.report import Bar, Section
from benchmarks.search_quality.held_out import Half, held_out, learnt, learnt_passages
from benchmarks.search_quality.measures import Rankings
from benchmarks.search_quality.own_leg import OURS, everybody
from scripts.train_rerank import Judged, fit

STAGED = "ours, second stage"
FROM_OTHERS = "· learnt from the other collections"
PERFECT = f"· the same {WINDOW} hits in perfect order"
OF_OURS = (STAGED, OURS, FROM_OTHERS, PERFECT)
KINDS = ("text", "image", "video")
DRAWINGS = 2000
LEAST_GAIN = 0.003
MOST_MILLISECONDS = 5.0


def sections(folder: Path, *, with_libraries: bool) -> list[Section]:
    halves = {name: held_out(folder, name) for name in collections.NAMES}
    others = {name: learnt(folder, name) for name in collections.NAMES}
    stage = Learned()
    after = {name: half.after(stage) for name, half in halves.items()}
    rankings: dict[str, dict[str, Rankings]] = {STAGED: after, OURS: {}, FROM_OTHERS: {}, PERFECT: {}}
    for name, half in halves.items():
        weights = Weights("", fit(questions for other, questions in others.items() if other != name))
        rankings[OURS][name] = half.before()
        rankings[FROM_OTHERS][name] = half.after(Learned(weights))
        rankings[PERFECT][name] = half.perfect()
        for system, found in everybody(folder, name, with_libraries=with_libraries).items():
            rankings.setdefault(system, {}).setdefault(name, found)
    gains = {system: [halves[name].gain(found[name]) for name in halves] for system, found in rankings.items()}
    gained = [half.gained(after[name]) for name, half in halves.items()]
    return [
        _all(gains, halves, _range(gained)),
        _by_kind(halves["mm-mix"], after["mm-mix"], others),
        _on_new_passages(halves, after),
    ]


def _range(gained: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Where the mean gain lies in 95 of 100 drawings of as many questions from these, with repetition."""
    draw = np.random.default_rng(1)
    means = [np.mean([draw.choice(each, len(each)).mean() for each in gained]) for _ in range(DRAWINGS)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _all(gains: Mapping[str, list[float]], halves: Mapping[str, Half], gained: tuple[float, float]) -> Section:
    means = {system: float(np.mean(each)) for system, each in gains.items()}
    rows = [(system, [*gains[system], means[system]]) for system in sorted(gains, key=lambda system: -means[system])]
    best_peer = max(value for system, value in means.items() if system not in OF_OURS)
    took = [each for half in halves.values() for each in half.took]
    middle, late = (float(np.percentile(took, percentile)) for percentile in (50, 99))
    bars = [Bar("mean, gained by the second stage", means[STAGED] - means[OURS], least=LEAST_GAIN)]
    for name, staged, merged in zip(halves, gains[STAGED], gains[OURS], strict=True):
        bars.append(Bar(f"{name}, gained", staged - merged, least=0.0))
    bars.append(Bar("mean ahead of the best peer", means[STAGED] - best_peer, least=0.0))
    bars.append(Bar(f"milliseconds for {WINDOW} hits, p50", middle, most=MOST_MILLISECONDS))
    asked = ", ".join(f"{len(half.hits)} of {len(half.collection.questions)} {name}" for name, half in halves.items())
    notes = [
        f"Not learnt from: {asked}.",
        f"Gained on the mean, 95 of 100 drawings: {gained[0]:.4f} to {gained[1]:.4f}.",
        f"{WINDOW} hits put in order: p50 {middle:.2f} ms, p99 {late:.2f} ms.",
    ]
    return Section("second stage", ["nDCG@10, held out", *halves, "mean"], rows, bars, notes)


def _by_kind(half: Half, after: Rankings, learnt: Mapping[str, Sequence[Judged]]) -> Section:
    """Pictures and clips are described in few words, and must not be pushed behind pages for that."""
    kinds = {question.text: question.modality for question in half.collection.questions}
    rows, bars = [], []
    for kind in KINDS:
        of_kind = {each.question_id for each in half.collection.questions if each.modality == kind}
        # The texts of mm-mix are passages of xquad, so that knows them, too.
        others = [each for name, each in learnt.items() if name != "mm-mix" and (kind != "text" or name != "xquad-en")]
        others.append([each for each in learnt["mm-mix"] if kinds[each.text] != kind])
        without = half.after(Learned(Weights("", fit(others))))
        figures = [half.gain(each, of_kind) for each in (half.before(), after, without)]
        rows.append((kind, figures))
        bars.append(Bar(f"{kind}, gained", figures[1] - figures[0], least=0.0))
    columns = ["mm-mix, held out", "merge", "second stage", "learnt without this kind"]
    return Section("second stage by kind", columns, rows, bars)


def _on_new_passages(halves: Mapping[str, Half], after: Mapping[str, Rankings]) -> Section:
    known = {text for half in halves.values() for text in learnt_passages(half.collection)}
    rows = []
    for name, half in halves.items():
        new = half.on_new_passages(known)
        rows.append((f"{name}, {len(new)} questions", [half.gain(half.before(), new), half.gain(after[name], new)]))
    return Section("second stage on passages not learnt from", ["held out", "merge", "second stage"], rows)
