"""From hits to what is read and seen: numbered passages for a model, numbered citations and visuals for a visitor."""

import re
from collections.abc import Sequence

from aisdr.answer import Citation, ClipCard, ImageCard
from aisdr.index.base import Chunk, SearchHit
from aisdr.inference.base import Passage
from aisdr.unseen import seen

SNIPPET_CHARACTERS = 240
MAX_VISUALS = 2
WEAKEST_RELEVANCE = 0.3
"""Below this a picture has nothing to do with what was asked."""
_MARK = re.compile(r"(\s*)\[(\d{1,2})\]")
_UNFINISHED_MARK = re.compile(r"\s*(?:\[\d{0,2})?$")


def passages_of(hits: Sequence[SearchHit]) -> tuple[Passage, ...]:
    """Passages numbered from 1 in the order of the hits."""
    return tuple(
        Passage(number, seen(hit.chunk.title), seen(_with_heading(hit.chunk)), hit.chunk.modality, hit.relevance)
        for number, hit in enumerate(hits, start=1)
    )


def _with_heading(chunk: Chunk) -> str:
    """A heading is often the question that its text answers."""
    return f"## {chunk.locator.heading}\n\n{chunk.text}" if chunk.locator.heading else chunk.text


class CitationNumbers:
    """Renumbers `[n]` marks in a stream by first appearance, and drops marks that stand for no passage.

    A model sees up to ten passages and may cite the seventh first; a visitor reads 1, 2, 3.
    """

    def __init__(self, passages: int) -> None:
        self.passages = passages
        self._held = ""
        self.used: list[int] = []
        """Passage numbers in the order of their first mark: citation k stands for `used[k - 1]`."""

    def feed(self, text: str) -> str:
        """Takes the next piece, returns what can be shown already; an unfinished mark is held back."""
        text = self._held + text
        unfinished = _UNFINISHED_MARK.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        return _MARK.sub(self._renumber, text[:cut])

    def finish(self) -> str:
        """Whatever was held back at the end."""
        rest, self._held = self._held.rstrip(), ""
        return _MARK.sub(self._renumber, rest)

    def _renumber(self, mark: re.Match[str]) -> str:
        number = int(mark.group(2))
        if not 1 <= number <= self.passages:
            return ""
        if number not in self.used:
            self.used.append(number)
        return f"{mark.group(1)}[{self.used.index(number) + 1}]"


def without_marks(text: str) -> str:
    """The text as it is spoken."""
    return re.sub(r"\s*\[\d{1,2}\]", "", text).strip()


def citations_of(hits: Sequence[SearchHit], used: Sequence[int]) -> tuple[Citation, ...]:
    """Citation k describes the hit that passage number `used[k - 1]` came from."""
    return tuple(_citation(number, hits[passage - 1].chunk) for number, passage in enumerate(used, start=1))


def visuals_of(hits: Sequence[SearchHit], used: Sequence[int]) -> tuple[ImageCard | ClipCard, ...]:
    """What the cited passages have to show, at most `MAX_VISUALS`, each picture once."""
    cards: dict[str, ImageCard | ClipCard] = {}
    for passage in used:
        card = visual_of(hits[passage - 1].chunk)
        if card is not None and card.url not in cards:
            cards[card.url] = card
    return tuple(cards.values())[:MAX_VISUALS]


def fitting_visual_of(hit: SearchHit) -> ImageCard | ClipCard | None:
    """What a hit has to show, where it is near enough to what was asked; to show nothing is better than anything."""
    return visual_of(hit.chunk) if hit.relevance >= WEAKEST_RELEVANCE else None


def visual_of(chunk: Chunk) -> ImageCard | ClipCard | None:
    """The chunk's picture, or its clip at the second the chunk speaks of."""
    media = chunk.media
    if media is None:
        return None
    if media.kind == "clip":
        return ClipCard(
            title=chunk.title,
            url=media.url,
            caption=media.caption,
            start=chunk.locator.start or 0,
            end=chunk.locator.end,
            poster=media.poster,
            captions_url=media.captions_url,
            chunk_id=chunk.chunk_id,
        )
    return ImageCard(
        title=chunk.title,
        url=media.url,
        alt=media.alt or chunk.title,
        caption=media.caption,
        width=media.width,
        height=media.height,
        source_url=chunk.url,
        chunk_id=chunk.chunk_id,
    )


def _citation(number: int, chunk: Chunk) -> Citation:
    snippet = " ".join(chunk.text.split())
    if len(snippet) > SNIPPET_CHARACTERS:
        snippet = snippet[:SNIPPET_CHARACTERS].rsplit(" ", 1)[0] + "…"
    return Citation(
        number=number,
        title=chunk.title,
        label=_label(chunk),
        url=chunk.url,
        modality=chunk.modality,
        snippet=snippet,
        chunk_id=chunk.chunk_id,
    )


def _label(chunk: Chunk) -> str:
    locator = chunk.locator
    if locator.start is not None:
        minutes, seconds = divmod(int(locator.start), 60)
        return f"{minutes}:{seconds:02d}"
    if locator.page is not None:
        return f"slide {locator.page}" if chunk.modality == "slide" else f"p. {locator.page}"
    return (locator.heading or "").split(" › ")[-1]
