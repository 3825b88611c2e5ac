"""Citations: numbered by first appearance, whole although the stream is in pieces, and pointing at the right place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.index.base import Chunk, Locator, Media, SearchHit
from aisdr.knowledge.citation import (
    MAX_VISUALS,
    SNIPPET_CHARACTERS,
    CitationNumbers,
    citations_of,
    passages_of,
    visual_of,
    visuals_of,
    without_marks,
)
from tests.material import a_chunk


def renumbered(*pieces: str, passages: int = 8) -> tuple[str, list[int]]:
    numbers = CitationNumbers(passages)
    return "".join(map(numbers.feed, pieces)) + numbers.finish(), numbers.used


def hit(chunk: Chunk, score: float = 0.9) -> SearchHit:
    return SearchHit(chunk=chunk, score=score, origins=("own",))


def test_marks_are_renumbered_by_their_first_appearance() -> None:
    text = "Growth costs $149 [7]. Seats are $15 [2], also in Growth [7][2]."

    assert renumbered(text) == ("Growth costs $149 [1]. Seats are $15 [2], also in Growth [1][2].", [7, 2])


@pytest.mark.parametrize("mark", ["[0]", "[9]", "[99]", "[00]"])
def test_a_mark_for_no_passage_is_dropped(mark: str) -> None:
    assert renumbered(f"It costs $149{mark}.") == ("It costs $149.", [])
    assert renumbered(f"It costs $149 {mark}, [1] {mark} says.") == ("It costs $149, [1] says.", [1])


def test_without_passages_every_mark_is_dropped() -> None:
    assert renumbered("It costs $149[1].", passages=0) == ("It costs $149.", [])


@pytest.mark.parametrize("text", ["a[b]", "[]", "[123]", "[1.5]", "[-1]", "[[", "]", "[x", "list[int]"])
def test_other_brackets_are_text(text: str) -> None:
    assert renumbered(text) == (text, [])


@pytest.mark.parametrize(
    "pieces", [("$149 [", "7]."), ("$149 [7", "]."), ("$149 ", "[7]."), ("$149", " ", "[", "7", "]", ".")]
)
def test_a_mark_that_is_split_over_pieces_stays_one(pieces: tuple[str, ...]) -> None:
    assert renumbered(*pieces) == ("$149 [1].", [7])


def test_what_might_become_a_mark_is_held_back_and_the_rest_is_not() -> None:
    numbers = CitationNumbers(8)

    assert numbers.feed("It costs $149 [") == "It costs $149"
    assert numbers.feed("7") == ""
    assert numbers.feed("].") == " [1]."


def test_an_unfinished_mark_at_the_end_is_text() -> None:
    assert renumbered("It costs [", "7") == ("It costs [7", [])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["[1]", "[8]", "[9]", "[12]", "[", "]", "7", " ", "a", "\n"]), max_size=12), st.data())
def test_cutting_a_text_anywhere_changes_nothing(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert renumbered(*pieces) == renumbered(text)


def test_a_spoken_text_has_no_marks() -> None:
    assert without_marks("It costs $149 [1][2]. Yes [3].") == "It costs $149. Yes."


def test_passages_are_numbered_from_one_in_the_order_of_the_hits() -> None:
    passages = passages_of([hit(a_chunk("pricing", "Growth costs $149"), 0.8), hit(a_chunk("terms", "Net 30"), 0.4)])

    assert [(each.number, each.title, each.text, each.score) for each in passages] == [
        (1, "Pricing", "Growth costs $149", 0.8),
        (2, "Terms", "Net 30", 0.4),
    ]


@pytest.mark.parametrize(
    ("locator", "modality", "label"),
    [
        (Locator(page=2), "text", "p. 2"),
        (Locator(page=2), "slide", "slide 2"),
        (Locator(start=42.7), "video", "0:42"),
        (Locator(start=605), "video", "10:05"),
        (Locator(start=0), "video", "0:00"),
        (Locator(heading="Plans › Growth"), "text", "Growth"),
        (Locator(heading="Plans", page=3), "text", "p. 3"),
        (Locator(), "text", ""),
    ],
)
def test_a_citation_says_where_in_words(locator: Locator, modality: str, label: str) -> None:
    chunk = a_chunk("guide", "Text", locator=locator, modality=modality)

    (citation,) = citations_of([hit(chunk)], [1])

    assert (citation.number, citation.label, citation.url, citation.chunk_id) == (1, label, chunk.url, chunk.chunk_id)


def test_citation_k_is_the_kth_passage_that_was_used() -> None:
    hits = [hit(a_chunk(name, name)) for name in ("first", "second", "third")]

    cited = citations_of(hits, [3, 1])

    assert [(each.number, each.chunk_id) for each in cited] == [(1, "third#0"), (2, "first#0")]


def test_a_long_snippet_is_cut_between_words() -> None:
    (citation,) = citations_of([hit(a_chunk("long", "word  \n" * 200))], [1])

    assert len(citation.snippet) <= SNIPPET_CHARACTERS
    assert citation.snippet.endswith("word…")


PICTURE = Media(kind="image", url="/media/acme/a.webp", alt="A chart", caption="Prices", width=800, height=600)
CLIP = Media(kind="clip", url="/media/acme/a.webm", captions_url="/media/acme/a.vtt", poster="/media/acme/a.webp")


def test_a_picture_is_shown_with_its_words_and_its_source() -> None:
    card = visual_of(a_chunk("chart", "Prices by plan", modality="image", media=PICTURE))

    assert card is not None
    assert card.model_dump() == {
        "kind": "image",
        "title": "Chart",
        "url": "/media/acme/a.webp",
        "alt": "A chart",
        "caption": "Prices",
        "width": 800,
        "height": 600,
        "sourceUrl": "/media/acme/chart",
        "chunkId": "chart#0",
    }


def test_a_clip_is_shown_at_the_second_the_chunk_speaks_of() -> None:
    card = visual_of(a_chunk("clip", "Now", modality="video", media=CLIP, locator=Locator(start=12.5, end=20)))

    assert card is not None
    assert card.kind == "clip"
    assert (card.start, card.end, card.captions_url) == (12.5, 20, "/media/acme/a.vtt")


def test_a_text_has_nothing_to_show() -> None:
    assert visual_of(a_chunk("terms", "Net 30")) is None


def test_only_what_was_cited_is_shown_each_picture_once_and_not_too_many() -> None:
    media = [PICTURE.model_copy(update={"url": f"/media/acme/{name}.webp"}) for name in "aabcd"]
    hits = [hit(a_chunk(str(number), "x", media=each)) for number, each in enumerate(media)]

    assert [card.url for card in visuals_of(hits, [1, 2, 3])] == ["/media/acme/a.webp", "/media/acme/b.webp"]
    assert len(visuals_of(hits, [1, 3, 4, 5])) == MAX_VISUALS
    assert visuals_of(hits, []) == ()
