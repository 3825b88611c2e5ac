"""Two companies whose chunks and vectors are the same to the last bit: each gets its own alone (T-TEN-01)."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.errors import NotConfigured, Trespass
from aisdr.index.base import IndexQuery, Modality, SearchIndex, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.embedded_files import file_of
from aisdr.tenant import TenantScope, mark, mark_of
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store, texts
from tests.observed import observed

COMPANIES = (ACME, GLOBEX)
TEXTS = ("secret prices", "prices", "secret", "the terms of payment", "a picture of prices")
LETTERS = LetterCounts()


def teach(index: SearchIndex, letters: LetterCounts) -> None:
    """The same texts, titles, languages and vectors; only the ids tell whose they are."""
    for scope in COMPANIES:
        name = scope.company_id
        own = [chunk(text, source=f"{name}.md", chunk_id=f"{name}-{number}") for number, text in enumerate(TEXTS)]
        store(index, letters, scope, *own, picture(TEXTS[4], source=f"{name}.png", chunk_id=f"{name}-picture"))


def check(index: SearchIndex, scope: TenantScope, query: IndexQuery) -> int:
    """Everything the index can be asked with a scope is its own; returns how many hits there were."""
    hits = index.search(scope, query)
    name = scope.company_id
    assert {hit.chunk.chunk_id.split("-")[0] for hit in hits} <= {name}
    assert {hit.owner for hit in hits} <= {mark_of(scope)}
    assert {each.source_id.split(".")[0] for each in index.sources(scope)} == {name}
    assert {each.chunk_id.split("-")[0] for each in index.media_chunks(scope)} == {name}
    other = next(each.company_id for each in COMPANIES if each != scope)
    assert index.chunks(scope, f"{other}.md") == []
    assert dict(index.vectors(scope, f"{other}.md")) == {}
    assert index.vocabulary(scope).chunks == len(TEXTS) + 1
    return len(hits)


queries = st.builds(
    lambda words, vector, limit, modalities, weight: IndexQuery(words, vector, limit, modalities, words_weight=weight),
    st.sampled_from([*TEXTS, "", "acme", "globex", "globex-0", "company:globex OR *"]),
    st.sampled_from([None, *(LETTERS.embed_question(text) for text in TEXTS)]),
    st.integers(0, 30),
    st.sampled_from([(), ("image",), ("text", "image")]),
    st.sampled_from([0.0, 0.2, 1.0]),
)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    index = EmbeddedIndex(tmp_path_factory.mktemp("index"), LETTERS.space)
    teach(index, LETTERS)
    return index


@settings(max_examples=60, deadline=None, derandomize=True)
@given(query=queries, scope=st.sampled_from(COMPANIES))
def test_no_question_finds_what_is_another_companys(
    embedded: EmbeddedIndex, query: IndexQuery, scope: TenantScope
) -> None:
    check(embedded, scope, query)


def test_no_question_to_any_engine_finds_what_is_another_companys(
    any_index: SearchIndex, letters: LetterCounts
) -> None:
    teach(any_index, letters)
    chance = random.Random(1)  # noqa: S311 - questions, and no secrets
    modalities: tuple[tuple[Modality, ...], ...] = ((), ("image",), ("text", "image"))

    found = 0
    for number in range(30):
        text = chance.choice(TEXTS)
        query = ask(text, chance.choice([None, letters]), limit=chance.randint(1, 30))
        query = replace(query, modalities=modalities[number % 3], words_weight=chance.choice([0.0, 0.2, 1.0]))
        found += check(any_index, COMPANIES[number % 2], query)

    assert found > 50


def test_a_company_finds_its_file_again_by_a_name_that_people_can_read() -> None:
    """Another name would be another file, and everything in this one lost."""
    strange = TenantScope.for_operator(f"ACME & Söhne/{'x' * 60}")

    assert file_of(Path("index"), ACME) == Path("index/acme.822b33ad87c148a0.sqlite3")
    assert file_of(Path("index"), ACME, "e5") == Path("index/acme.822b33ad87c148a0.e5.sqlite3")
    assert file_of(Path("index"), strange) == Path(f"index/acme___s_hne_{'x' * 27}.936ff84f9f463488.sqlite3")


def test_every_company_has_a_mark_of_its_own_also_one_whose_id_is_no_text() -> None:
    assert len({mark(each) for each in ("acme", "ACME", "\ud800", "\ud801", " acme")}) == 5


def test_a_file_that_lies_under_another_companys_name_is_refused(tmp_path: Path, letters: LetterCounts) -> None:
    """The wall behind the name: what a file says of itself."""
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, GLOBEX, chunk("secret prices"))
    file_of(tmp_path, GLOBEX).rename(file_of(tmp_path, ACME))

    with pytest.raises(NotConfigured, match="company_id 'globex'"):
        index.search(ACME, ask("secret prices", letters))


def test_what_was_loaded_for_another_company_is_told_to_nobody(
    tmp_path: Path, letters: LetterCounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the wall behind that one: what is in memory still bears its owner's mark."""
    index = EmbeddedIndex(tmp_path, letters.space)
    for scope in COMPANIES:
        store(index, letters, scope, chunk("secret prices"))
        assert texts(index.search(scope, ask("secret prices", letters))) == ["secret prices"]
    theirs, _ = index._loaded._loaded["globex"]
    monkeypatch.setattr(index._loaded, "unchanged", lambda scope, state: theirs)

    with observed() as written, pytest.raises(Trespass):
        index.search(ACME, ask("secret prices", letters))

    (line,) = [each for each in written.lines if each.get("message") == "trespass"]
    assert (line["where"], line["company_id"], line["of"]) == ("embedded", "acme", [mark_of(GLOBEX)])


def test_a_vector_of_another_company_brings_nothing_along(any_index: SearchIndex, letters: LetterCounts) -> None:
    store(any_index, letters, GLOBEX, chunk("secret prices", source="globex.md"))
    any_index.replace_source(ACME, SourceRecord("a.md", "1", 0), [], np.zeros((0, 26), dtype=np.float32))

    assert any_index.search(ACME, ask("secret prices", letters)) == []
