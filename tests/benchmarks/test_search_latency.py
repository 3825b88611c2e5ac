"""The parts of the latency benchmark in small: that they run and count; no time is judged here."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.search_latency import given_up, growth, material, merged, reading
from benchmarks.search_latency.drawing import drawn
from benchmarks.search_latency.engines import Timed, embedded, fts5


@pytest.mark.parametrize("engine", [embedded, fts5])
def test_an_engine_is_built_opened_and_asked(engine: growth.Engine, tmp_path: Path) -> None:
    timed = engine(tmp_path / "engine", 40)

    assert len(timed.asked) == material.QUESTIONS
    assert min(timed.built, timed.opened, *timed.asked) > 0


def test_no_two_chunks_are_the_same_and_vectors_do_not_depend_on_how_many_there_are() -> None:
    texts = list(material.texts(12_000))

    assert len(set(texts)) == 12_000
    assert all(len(text.split()) == material.WORDS for text in texts[:50])
    assert (material.vectors(3) == material.vectors(5)[:3]).all()


def test_growth_is_told_by_size_with_the_bars_that_belong_to_it() -> None:
    ours = {10_000: Timed(1, 0.1, (0.001, 0.003)), 100_000: Timed(9, 0.9, (0.010, 0.030))}
    found = growth.Grown({growth.OURS: ours, "other": {size: Timed(1, 1, (0.1, 0.1)) for size in ours}})

    by_size, in_bars = growth.sections(found)

    assert [row[0] for row in by_size.rows] == [
        "10,000 chunks: ours",
        "10,000 chunks: other",
        "100,000 chunks: ours",
        "100,000 chunks: other",
    ]
    assert [bar.value for bar in by_size.bars] == pytest.approx([2.0, 20.0])
    assert in_bars.rows[0][1] == ["2.0 █", "100.0 " + "█" * growth.BLOCKS]


def test_the_drawing_is_an_svg_with_a_line_for_each_engine() -> None:
    svg = drawn("growth", [1000, 10_000], {"ours": [0.5, 1.5], "other": [8.0, 20.0]})

    root = ElementTree.fromstring(svg)  # noqa: S314 - our own

    lines = [each for each in root.iter() if each.tag.endswith("polyline")]
    assert len(lines) == 2
    assert "prefers-color-scheme: dark" in svg


@pytest.mark.slow
def test_a_merge_is_timed_behind_its_slower_leg(tmp_path: Path) -> None:
    section = merged.section(tmp_path, 3, rounds=1)

    assert [row[0] for row in section.rows][:3] == list(merged.MOST_MILLISECONDS)
    assert len(section.bars) == 3


@pytest.mark.slow
def test_what_is_given_up_is_counted_afterwards(tmp_path: Path) -> None:
    deadline, left = given_up.sections(tmp_path, 3, 8)

    assert len(deadline.rows) == given_up.ROUNDS
    assert all(bar.holds for bar in left.bars)


@pytest.mark.slow
def test_reading_a_question_is_timed_in_both_its_parts(tmp_path: Path) -> None:
    section = reading.section(tmp_path, 40)

    assert [row[0].split(",")[0] for row in section.rows] == ["understood", "understood", "route decided"]
