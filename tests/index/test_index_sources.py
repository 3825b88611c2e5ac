"""Sources in every search index: replaced as a whole, remembered, given back and removed."""

import numpy as np
import pytest

from aisdr.index.base import SearchIndex, SourceRecord
from aisdr.tenant import TenantScope
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, store, texts


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
