"""What every search index promises. An engine is added by adding it to the fixture `index`."""

import threading
from pathlib import Path

import numpy as np
import pytest

from aisdr.index.base import SearchIndex, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store, texts


@pytest.fixture
def letters() -> LetterCounts:
    return LetterCounts()


@pytest.fixture(params=["embedded"])
def index(request: pytest.FixtureRequest, tmp_path: Path, letters: LetterCounts) -> SearchIndex:
    engines = {"embedded": lambda: EmbeddedIndex(tmp_path / "index", letters.space)}
    return engines[request.param]()


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
