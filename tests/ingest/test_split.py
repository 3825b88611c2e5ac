"""Splitting: at paragraphs, then at sentences, never inside a table."""

from itertools import pairwise

from aisdr.ingest.split import Block, sentences, split


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


def test_what_fits_stays_together() -> None:
    assert split([Block("First."), Block("- one"), Block("- two")]) == ["First.\n- one\n- two"]


def test_a_new_piece_begins_at_a_paragraph() -> None:
    pieces = split([Block(words(8, "a")), Block(words(8, "b")), Block(words(3, "c"))], max_words=12)

    assert pieces == [words(8, "a"), words(8, "b") + "\n" + words(3, "c")]


def test_a_long_paragraph_is_cut_at_sentences_that_overlap() -> None:
    text = " ".join(f"Sentence number {number} has exactly seven words." for number in range(10))

    pieces = split([Block(text)], max_words=30, overlap=8)

    assert all(len(piece.split()) <= 30 for piece in pieces)
    assert all(piece.endswith(".") and piece.startswith("Sentence") for piece in pieces)
    for before, after in pairwise(pieces):
        assert sentences(before)[-1] == sentences(after)[0]
    assert {sentence for piece in pieces for sentence in sentences(piece)} == set(sentences(text))


def test_what_has_no_sentences_is_cut_between_words() -> None:
    pieces = split([Block(words(100))], max_words=30, overlap=5)

    assert all(len(piece.split()) <= 30 for piece in pieces)
    assert sum(len(piece.split()) for piece in pieces) >= 100


def test_a_table_stays_whole_however_long() -> None:
    table = "\n".join(f"Plan: {number}; Price: {number} euros." for number in range(100))

    assert table in split([Block("Before"), Block(table, whole=True), Block("After")], max_words=20)


def test_nothing_gives_nothing() -> None:
    assert split([]) == []


def test_sentences_end_where_people_end_them() -> None:
    text = 'It costs 1.5 euros. Really? "Yes!" she said. The end'

    assert sentences(text) == ["It costs 1.5 euros.", "Really?", '"Yes!" she said.', "The end"]
