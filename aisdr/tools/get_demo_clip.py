"""Tool: plays a short clip at the second that answers."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from aisdr.answer import ClipCard
from aisdr.company import Company
from aisdr.configuration import DemoClip
from aisdr.knowledge.citation import fitting_visual_of
from aisdr.tools.base import Arguments, ToolContext, ToolResult

# Functions that only describe tools import this file, too, and carry nothing to search with.
if TYPE_CHECKING:
    from aisdr.knowledge.hybrid import Knowledge


class GetDemoClipArguments(Arguments):
    query: str = Field(min_length=1, max_length=300, description="The feature or topic the clip should demonstrate.")


class GetDemoClip:
    """A captioned clip from the index at the fitting second, else one that the company lists for the topic."""

    name: ClassVar[str] = "get_demo_clip"
    description: ClassVar[str] = (
        "Play a short product clip for the visitor, starting at the second that shows the topic. Use it when a visitor "
        "wants to see the product at work."
    )
    arguments: ClassVar[type[Arguments]] = GetDemoClipArguments
    writes: ClassVar[bool] = False

    def __init__(self, knowledge: "Knowledge") -> None:
        self._knowledge = knowledge

    def run(self, context: ToolContext, arguments: GetDemoClipArguments) -> ToolResult:
        card = self._indexed(context, arguments.query) or _listed(context.company, arguments.query)
        if card is None:
            return ToolResult(success=False, result={"say": "I don't have a clip about that."})
        say = f"This clip shows it: {card.title}."
        return ToolResult(result={"title": card.title, "start": card.start, "say": say}, cards=(card,))

    def _indexed(self, context: ToolContext, query: str) -> ClipCard | None:
        found = self._knowledge.search(
            context.session.scope,
            context.company,
            query,
            limit=3,
            modalities=("video",),
            strategy="own",
            live=context.live,
        )
        cards = map(fitting_visual_of, found.hits)
        return next((card for card in cards if isinstance(card, ClipCard)), None)


def _listed(company: Company, query: str) -> ClipCard | None:
    """The configured clip that shares most words with the question; none when no word is shared."""
    asked = set(query.lower().split())

    def shared(clip: DemoClip) -> int:
        return len(asked & set(" ".join((clip.title, clip.description, *clip.topics)).lower().split()))

    best = max(company.demo_clips, key=shared, default=None)
    if best is None or shared(best) == 0:
        return None
    return ClipCard(
        title=best.title,
        url=best.url,
        caption=best.description,
        start=best.start,
        end=best.end,
        poster=best.poster,
        captions_url=best.captions_url,
        chunk_id=f"clip:{best.url}",
    )
