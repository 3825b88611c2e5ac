"""Tool: looks a question up in the company's material."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from aisdr.answer import SourcesCard
from aisdr.inference.base import LanguageModel, Message, Passage, Prompt, TextDelta
from aisdr.inference.numerals import in_digits
from aisdr.knowledge.citation import CitationNumbers, citations_of, passages_of, visuals_of, without_marks
from aisdr.tools.base import Arguments, ToolContext, ToolResult

# Functions that only describe tools import this file, too, and carry nothing to search with.
if TYPE_CHECKING:
    from aisdr.knowledge.hybrid import Knowledge

PASSAGES = 5


class SearchKnowledgeArguments(Arguments):
    query: str = Field(min_length=1, max_length=500, description="What to look up, as a short question or keywords.")


class SearchKnowledge:
    """Answers with passages, and with one short reading of them for a voice that has to say something at once."""

    name: ClassVar[str] = "search_knowledge"
    description: ClassVar[str] = (
        "Search the company's own material (documents, slides, pictures, videos). Use it before stating any fact about "
        "products, prices, security or terms. Returns passages with their titles."
    )
    arguments: ClassVar[type[Arguments]] = SearchKnowledgeArguments
    writes: ClassVar[bool] = False

    def __init__(self, knowledge: "Knowledge", reader: LanguageModel) -> None:
        self._knowledge = knowledge
        self._reader = reader

    def run(self, context: ToolContext, arguments: SearchKnowledgeArguments) -> ToolResult:
        query = in_digits(arguments.query)  # a voice hears "two hundred", the material says 200
        found = self._knowledge.search(
            context.session.scope, context.company, query, limit=PASSAGES, live=context.live, for_model=True
        )
        passages = passages_of(found.hits)
        numbers = CitationNumbers(len(passages))
        searched = bool(passages) or not found.degraded
        spoken = numbers.feed(self._read(query, passages, searched=searched)) + numbers.finish()
        cited = citations_of(found.hits, numbers.used)
        output = {
            "answer": without_marks(spoken),
            "passages": [{"title": each.title, "content": each.text[:900]} for each in passages],
            "degraded": found.degraded,
        }
        cards = (SourcesCard(citations=cited), *visuals_of(found.hits, numbers.used)) if cited else ()
        return ToolResult(result=output, cards=cards, hits=found.hits)

    def _read(self, query: str, passages: tuple[Passage, ...], *, searched: bool) -> str:
        prompt = Prompt(system="", messages=(Message("user", query),), passages=passages, searched=searched)
        return "".join(event.text for event in self._reader.stream(prompt) if isinstance(event, TextDelta))
