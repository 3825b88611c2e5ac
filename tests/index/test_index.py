"""What every search index finds, and in which order. `conftest` lists the engines."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from aisdr.index.base import SearchIndex, SourceRecord
from tests.chunks import ACME, LetterCounts, ask, chunk, picture, store, texts


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
