"""What every search index promises. `conftest` lists the engines."""

import threading
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


@pytest.fixture
def index(any_index: SearchIndex) -> SearchIndex:
    return any_index


def test_what_fits_best_comes_first(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("our prices are fair"), chunk("zebras run"), chunk("prices"))

    hits = index.search(ACME, ask("prices", letters))

    assert texts(hits)[:2] == ["prices", "our prices are fair"]
    assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    assert all(0 < hit.score <= 1.0001 for hit in hits)


def test_the_score_is_a_fifth_words_and_four_fifths_meaning(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices"), chunk("sprice"))  # the second has the letters, but not the word

    hits = index.search(ACME, ask("prices", letters))

    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.8], abs=1e-4)


def test_a_hit_of_words_alone_still_gets_its_true_cosine(index: SearchIndex, letters: LetterCounts) -> None:
    far = chunk("prices " + "zzzz " * 40, source="far.md")
    store(index, letters, ACME, far, *[chunk("secirp", source=f"near-{n}.md") for n in range(20)])

    hits = index.search(ACME, ask("prices", letters, limit=21))

    cosine = float(letters.embed_passages([far.searchable_text])[0] @ letters.embed_passages(["prices"])[0])
    assert hits[-1].chunk == far
    assert hits[-1].score == pytest.approx(0.2 + 0.8 * cosine, abs=1e-4)


def test_without_a_vector_words_decide_and_the_score_stays_absolute(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices and terms"), chunk("terms"), chunk("zebras"))

    hits = index.search(ACME, ask("terms of the contract"))

    assert set(texts(hits)) == {"prices and terms", "terms"}
    assert all(0 < hit.score < 0.5 for hit in hits)  # "contract" is nowhere: no hit may look like an answer


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


def test_replacing_a_source_removes_what_it_no_longer_says(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("old prices"), chunk("old terms"), chunk("untouched", source="other.md"))

    store(index, letters, ACME, chunk("new prices"))

    assert set(texts(index.search(ACME, ask("prices terms untouched", letters)))) == {"new prices", "untouched"}
    assert {source.source_id: source.chunks for source in index.sources(ACME)} == {"page.md": 1, "other.md": 1}


def test_replacing_fails_as_a_whole(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("old prices"))
    new = [chunk("new prices"), chunk("stray", source="somebody-elses.md")]

    with pytest.raises(ValueError, match=r"somebody-elses\.md"):
        index.replace_source(ACME, SourceRecord("page.md", "new", 2), new, letters.embed_passages(["a", "b"]))

    assert texts(index.search(ACME, ask("prices", letters))) == ["old prices"]
    assert [source.content_hash for source in index.sources(ACME)] == ["hash"]


def test_vectors_of_another_size_are_refused(index: SearchIndex) -> None:
    with pytest.raises(ValueError, match="shape"):
        index.replace_source(ACME, SourceRecord("page.md", "h", 1), [chunk("prices")], np.ones((1, 3), np.float32))


def test_a_removed_source_is_gone(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices"), chunk("terms", source="other.md"))

    index.remove_source(ACME, "page.md")
    index.remove_source(GLOBEX, "never-there.md")

    assert texts(index.search(ACME, ask("prices terms", letters))) == ["terms"]
    assert [source.source_id for source in index.sources(ACME)] == ["other.md"]


def test_a_source_is_remembered_with_all_it_was_stored_with(index: SearchIndex, letters: LetterCounts) -> None:
    record = SourceRecord("page.md", "abc", 1, "d1-23", {"published": '["page.html"]'})

    index.replace_source(ACME, record, [chunk("prices")], letters.embed_passages(["prices"]))

    assert index.sources(ACME) == [record]


def test_filters_by_modality_and_origin(index: SearchIndex, letters: LetterCounts) -> None:
    both = chunk("prices for both", origins=("own", "tavus"))
    store(index, letters, ACME, both, chunk("prices"), picture("prices"), picture("more prices"))

    pictures = index.search(ACME, ask("prices", letters, modalities=("image", "video")))
    mirrored = index.search(ACME, ask("prices", letters, origin="tavus"))

    assert texts(pictures) == ["prices", "more prices"]
    assert texts(mirrored) == ["prices for both"]
    assert mirrored[0].origins == ("tavus",)


def test_a_small_group_gets_its_hits_however_many_others_fit_better(index: SearchIndex, letters: LetterCounts) -> None:
    better = [chunk("prices", source=f"{n}.md") for n in range(200)]
    store(index, letters, ACME, picture("a chart with prices and quantities"), *better)

    hits = index.search(ACME, ask("prices", letters, limit=3, modalities=("image",)))

    assert texts(hits) == ["a chart with prices and quantities"]


def test_equal_scores_come_out_in_the_same_order_whatever_was_written_last(
    index: SearchIndex, letters: LetterCounts
) -> None:
    same = [chunk("prices", source=f"{name}.md", chunk_id=name) for name in "dbac"]
    store(index, letters, ACME, *same)

    before = [hit.chunk.chunk_id for hit in index.search(ACME, ask("prices", letters, limit=3))]
    store(index, letters, ACME, same[0])
    after = [hit.chunk.chunk_id for hit in index.search(ACME, ask("prices", letters, limit=3))]

    assert before == after == ["a", "b", "c"]


def test_a_hit_carries_its_whole_chunk(index: SearchIndex, letters: LetterCounts) -> None:
    whole = picture("prices").model_copy(update={"tags": ("sales",), "language": "de", "title": "Prices"})
    store(index, letters, ACME, whole, chunk("no picture"))

    assert index.search(ACME, ask("prices", letters))[0].chunk == whole
    assert index.media_chunks(ACME) == [whole]


def test_titles_and_headings_are_searched_too(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("49 a month", title="Prices"), chunk("xyz", title="Zebras"))

    assert texts(index.search(ACME, ask("prices")))[:1] == ["49 a month"]


def test_questions_are_answered_while_somebody_writes(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices 0"))
    failures: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            found = texts(index.search(ACME, ask("prices", letters)))
            if len(found) != 1:  # each state holds exactly one chunk: never none, never two
                failures.append(found)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 30):
        store(index, letters, ACME, chunk(f"prices {number}"))
    done.set()
    for reader in readers:
        reader.join()

    assert failures == []
    assert texts(index.search(ACME, ask("prices", letters))) == ["prices 29"]


def test_filters_by_tag_and_by_language(index: SearchIndex, letters: LetterCounts) -> None:
    sales = chunk("prices for sales", source="a").model_copy(update={"tags": ("sales", "team a")})
    german = chunk("prices in german", source="b").model_copy(update={"language": "de-AT"})
    store(index, letters, ACME, sales, german, chunk("prices", source="c"))
    question = ask("prices", letters)

    def found(**filters: tuple[str, ...]) -> set[str]:
        return {hit.chunk.source_id for hit in index.search(ACME, replace(question, **filters))}  # type: ignore[arg-type]

    assert found(tags=("sales",)) == {"a"}
    assert found(tags=("team a", "nobody")) == {"a"}
    assert found(tags=("team",)) == set()
    assert found(languages=("de",)) == {"b"}
    assert found(languages=("de-CH", "en-US")) == {"a", "b", "c"}
    assert found(tags=("sales",), languages=("de",)) == set()


def test_a_question_finds_words_in_each_language_of_the_material(index: SearchIndex, letters: LetterCounts) -> None:
    german = chunk("Die Preise der Filialen", source="de").model_copy(update={"language": "de"})
    japanese = chunk("月額料金は五千円です", source="ja").model_copy(update={"language": "ja"})
    store(index, letters, ACME, german, japanese, chunk("Prices of shops", source="en"))

    assert [hit.chunk.source_id for hit in index.search(ACME, ask("preis"))] == ["de"]
    assert [hit.chunk.source_id for hit in index.search(ACME, ask("料金はいくら"))] == ["ja"]
    assert [hit.chunk.source_id for hit in index.search(ACME, ask("price"))] == ["en"]


def test_a_picture_is_found_by_its_own_vector_on_the_same_scale(index: SearchIndex, letters: LetterCounts) -> None:
    shown, other = picture("zzz", source="a"), picture("zzzz", source="b")
    vectors = letters.embed_passages([shown.searchable_text])
    seen = {shown.chunk_id: np.array([1, 0, 0, 0], dtype=np.float32)}
    index.replace_source(ACME, SourceRecord("a", "1", 1), [shown], vectors, seen)
    store(index, letters, ACME, other)
    asked = replace(ask("beach", letters), picture_vector=np.array([0.45, 0.893, 0, 0], dtype=np.float32))

    best, *rest = index.search(ACME, asked)

    # A cosine of .45 stands in the middle of the space's scale from .2 to .7.
    assert best.chunk == shown
    assert best.meaning == pytest.approx(0.5, abs=1e-3)
    assert best.score == pytest.approx(0.8 * 0.5, abs=1e-3)
    assert all(hit.chunk != shown for hit in rest)


def test_a_hit_tells_its_words_and_its_meaning_apart(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices"), chunk("sprice"))

    first, second = index.search(ACME, ask("prices", letters))

    assert (first.words, first.meaning) == pytest.approx((1.0, 1.0), abs=1e-4)
    assert (second.words, second.meaning) == pytest.approx((0.0, 1.0), abs=1e-4)


def test_the_share_of_the_words_can_be_chosen(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("prices"), chunk("sprice"))

    hits = index.search(ACME, replace(ask("prices", letters), words_weight=0.5))

    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.5], abs=1e-4)


def test_every_change_makes_another_version(index: SearchIndex, letters: LetterCounts) -> None:
    versions = [index.version(ACME)]
    store(index, letters, ACME, chunk("prices"))
    versions += [index.version(ACME), index.version(ACME)]
    store(index, letters, ACME, chunk("other prices"))
    versions.append(index.version(ACME))
    index.remove_source(ACME, "page.md")
    versions.append(index.version(ACME))

    assert versions[0] == ""
    assert versions[1] == versions[2]
    assert len({*versions}) == 4
    assert index.version(GLOBEX) == ""


def test_the_vocabulary_holds_the_words_as_they_are_written(index: SearchIndex, letters: LetterCounts) -> None:
    store(index, letters, ACME, chunk("Prices rise, prices fall", source="a"), chunk("Okta's prices", source="b"))
    store(index, letters, ACME, chunk("Prices rise", source="a"))
    store(index, letters, GLOBEX, chunk("secret"))

    vocabulary = index.vocabulary(ACME)

    assert vocabulary.chunks == 2
    assert dict(vocabulary.words) == {"prices": 2, "rise": 1, "okta": 1}
    assert (
        index.vocabulary(TenantScope.for_operator("nobody")).chunks,
        dict(index.vocabulary(TenantScope.for_operator("nobody")).words),
    ) == (
        0,
        {},
    )


def test_a_source_gives_its_chunks_back(index: SearchIndex, letters: LetterCounts) -> None:
    second, first = chunk("b", source="a", chunk_id="2"), chunk("a", source="a", chunk_id="1")
    store(index, letters, ACME, second, first, chunk("other"))

    assert index.chunks(ACME, "a") == [first, second]
    assert index.chunks(ACME, "nothing") == index.chunks(GLOBEX, "a") == []


def test_a_source_gives_the_vectors_of_its_chunks_back(index: SearchIndex, letters: LetterCounts) -> None:
    first, second = chunk("a b", source="a", chunk_id="1"), chunk("b c", source="a", chunk_id="2")
    store(index, letters, ACME, first, second, chunk("other"))

    given = index.vectors(ACME, "a")

    wanted = letters.embed_passages([each.searchable_text for each in (first, second)])
    assert sorted(given) == ["1", "2"]
    assert np.allclose([given["1"], given["2"]], wanted, atol=1e-6)
    assert index.vectors(ACME, "nothing") == index.vectors(GLOBEX, "a") == {}


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
