"""What every search index lets nobody do: see what has expired or is another's, break it, or slow it down."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from aisdr.errors import Forbidden
from aisdr.index.base import Chunk, SearchIndex, SourceRecord
from aisdr.tenant import TenantScope
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store, texts
from tests.index.conftest import Calendar


def test_a_company_never_sees_another_companys_knowledge(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices of acme"))
    store(index, letters, GLOBEX, *[chunk(f"prices of globex {n}") for n in range(50)])

    hits = index.search(ACME, ask("prices of globex", letters, limit=50))

    assert texts(hits) == ["prices of acme"]
    assert [source.source_id for source in index.sources(ACME)] == ["page.md"]


def test_a_company_without_knowledge_finds_nothing(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, GLOBEX, chunk("prices"))

    assert index.search(ACME, ask("prices", letters)) == []
    assert index.sources(ACME) == []
    assert index.media_chunks(ACME) == []


LAST_DAY, DAY_AFTER = date(2027, 1, 31), date(2027, 2, 1)
EXPIRING_QUESTIONS = {
    "words": lambda letters: ask("winter prices"),
    "meaning": lambda letters: replace(ask("winter prices", letters), text=""),
    "both": lambda letters: ask("winter prices", letters),
    "pictures": lambda letters: replace(
        ask("winter prices", letters), picture_vector=np.array([1, 0, 0, 0], dtype=np.float32)
    ),
    "what Tavus knows": lambda letters: ask("winter prices", letters, origin="tavus"),
}


@pytest.mark.parametrize("kind", EXPIRING_QUESTIONS)
def test_a_chunk_is_found_to_the_end_of_its_last_day_and_not_a_day_longer(
    index: SearchIndex, letters: LetterCounts, calendar: Calendar, kind: str
) -> None:
    winter = chunk("winter prices", source="winter.md", origins=("own", "tavus"), expires=LAST_DAY)
    lasting = chunk('prices all year, "expires":"2001-01-01" or not', origins=("own", "tavus"))
    seen = {winter.chunk_id: np.array([1, 0, 0, 0], dtype=np.float32)} if kind == "pictures" else None
    index.replace_source(ACME, SourceRecord("winter.md", "h", 1), [winter], letters.embed_passages([winter.text]), seen)
    store(index, letters, ACME, lasting)
    question = EXPIRING_QUESTIONS[kind](letters)

    calendar.day = LAST_DAY
    before = index.search(ACME, question)
    calendar.day = DAY_AFTER
    after = index.search(ACME, question)

    assert [hit.chunk for hit in before] == [winter, lasting]
    assert [hit.chunk for hit in after] == [lasting]
    assert index.chunks(ACME, "winter.md") == [winter]  # it waits for the next ingestion to take it away


def test_what_has_expired_is_not_shown_either(index: SearchIndex, letters: LetterCounts, calendar: Calendar) -> None:
    store(index, letters, ACME, picture("winter sale", expires=LAST_DAY), picture("the house"))

    calendar.day = LAST_DAY
    assert texts_of(index.media_chunks(ACME)) == {"winter sale", "the house"}
    calendar.day = DAY_AFTER
    assert texts_of(index.media_chunks(ACME)) == {"the house"}


def test_what_has_expired_leaves_its_place_among_the_best_to_others(
    index: SearchIndex, letters: LetterCounts, calendar: Calendar
) -> None:
    old = [chunk("prices", source=f"{n}.md", expires=LAST_DAY) for n in range(150)]
    store(index, letters, ACME, chunk("prices of today"), *old)
    calendar.day = DAY_AFTER

    hits = index.search(ACME, ask("prices", letters, limit=3))

    assert texts(hits) == ["prices of today"]
    assert hits[0].words == pytest.approx(1.0)  # its words are measured by what is found, not by what has expired


def texts_of(chunks: list[Chunk]) -> set[str]:
    return {each.text for each in chunks}


def test_a_company_that_is_removed_leaves_nothing(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, picture("prices"))
    store(index, letters, GLOBEX, chunk("prices"))

    index.remove_company(ACME)
    index.remove_company(ACME)

    assert index.search(ACME, ask("prices", letters)) == []
    assert (index.sources(ACME), index.media_chunks(ACME), index.version(ACME)) == ([], [], "")
    assert texts(index.search(GLOBEX, ask("prices", letters))) == ["prices"]


@pytest.mark.parametrize("question", ["", " ", "the of and", "🙂🙂", "word " * 10_000, "\ud800", 'x" OR 1=1 --', "\0"])
def test_any_question_is_survived(index: SearchIndex, letters: LetterCounts, question: str) -> None:
    store(index, letters, ACME, chunk("prices"))

    for asked in (ask(question), ask(question, letters), ask(question, letters, limit=0)):
        assert len(index.search(ACME, asked)) <= 1


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_vector_that_nothing_can_be_compared_with_is_refused(
    index: SearchIndex, letters: LetterCounts, value: float
) -> None:
    store(index, letters, ACME, chunk("before"))

    with pytest.raises(ValueError, match="vector of chunk 'x'"):
        index.replace_source(
            ACME,
            SourceRecord("page.md", "1", 1),
            [chunk("after", chunk_id="x")],
            np.full((1, 26), value, dtype=np.float32),
        )

    assert texts(index.search(ACME, ask("before after", letters))) == ["before"]


@pytest.mark.parametrize("nobody", [TenantScope.for_operator(""), None, "acme"])
def test_without_a_company_nothing_is_searched_written_or_told(
    index: SearchIndex, letters: LetterCounts, nobody: Any
) -> None:
    store(index, letters, ACME, chunk("prices"))

    with pytest.raises(Forbidden):
        index.search(nobody, ask("prices", letters))
    with pytest.raises(Forbidden):
        index.sources(nobody)
    with pytest.raises(Forbidden):
        store(index, letters, nobody, chunk("prices"))
    with pytest.raises(Forbidden):
        index.remove_company(nobody)


@pytest.mark.slow
def test_a_small_company_beside_a_large_one_gets_its_own_under_many_callers(
    index: SearchIndex, letters: LetterCounts
) -> None:
    def material(company: str, number: int) -> list[Chunk]:
        return [
            chunk(f"prices of {company} {each}", source="all", chunk_id=f"{company}-{each}") for each in range(number)
        ]

    store(index, letters, ACME, *material("acme", 10))
    store(index, letters, GLOBEX, *material("globex", 10_000))

    def asked(number: int) -> set[str]:
        scope, name = (ACME, "acme") if number % 2 else (GLOBEX, "globex")
        hits = index.search(scope, ask(f"prices of {'globex' if number % 2 else 'acme'}", letters, limit=20))
        assert len(hits) == (10 if name == "acme" else 20)
        return {hit.chunk.chunk_id.split("-")[0] for hit in hits} - {name}

    with ThreadPoolExecutor(16) as callers:
        strangers = list(callers.map(asked, range(200)))

    assert strangers == [set()] * 200
