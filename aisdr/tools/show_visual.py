"""Tool: shows what the company's material has to look at: a picture, a slide, or a clip at its second."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from aisdr.knowledge.citation import fitting_visual_of
from aisdr.tools.base import Arguments, ToolContext, ToolResult

# Functions that only describe tools import this file, too, and carry nothing to search with.
if TYPE_CHECKING:
    from aisdr.knowledge.hybrid import Knowledge


class ShowVisualArguments(Arguments):
    query: str = Field(min_length=1, max_length=300, description="What the picture, diagram or slide should show.")


class ShowVisual:
    """Finds what fits best and puts it before the visitor."""

    name: ClassVar[str] = "show_visual"
    description: ClassVar[str] = (
        "Show the visitor a picture, diagram, chart, slide or clip from the company's material. Use it when a visitor "
        "asks to see something, or when a picture explains better than words."
    )
    arguments: ClassVar[type[Arguments]] = ShowVisualArguments
    writes: ClassVar[bool] = False

    def __init__(self, knowledge: "Knowledge") -> None:
        self._knowledge = knowledge

    def run(self, context: ToolContext, arguments: ShowVisualArguments) -> ToolResult:
        found = self._knowledge.search(
            context.session.scope,
            context.company,
            arguments.query,
            limit=3,
            modalities=("image", "slide", "video"),
            strategy="own",
            live=context.live,
        )
        for hit in found.hits:
            card = fitting_visual_of(hit)
            if card is not None:
                return ToolResult(result={"shown": card.title, "say": f"Here it is: {card.title}."}, cards=(card,))
        return ToolResult(success=False, result={"say": "I don't have a picture of that."})
