"""Somebody on the line waits for less long: the tools of a call search under the company's shorter deadline."""

import pytest

from aisdr.configuration import Search
from aisdr.inference.extractive import Extractive
from aisdr.knowledge.hybrid import Knowledge
from aisdr.session import Session
from aisdr.tools.base import Tool, ToolContext
from aisdr.tools.get_demo_clip import GetDemoClip
from aisdr.tools.search_knowledge import SearchKnowledge
from aisdr.tools.show_visual import ShowVisual
from tests.chunks import LetterCounts
from tests.legs import GivenLeg, at, company, found
from tests.material import ORIGIN

SETTINGS = Search(deadline_ms=4000, live_deadline_ms=1000)


@pytest.mark.parametrize("which", ["search_knowledge", "show_visual", "get_demo_clip"])
def test_a_tool_of_a_call_searches_under_the_shorter_deadline(which: str) -> None:
    own = GivenLeg("own", found("own", "prices", 0.9))
    knowledge = Knowledge(at(LetterCounts()), own, lambda _: own)
    tools: list[Tool] = [SearchKnowledge(knowledge, Extractive()), ShowVisual(knowledge), GetDemoClip(knowledge)]
    tool = next(each for each in tools if each.name == which)

    for live in (False, True):
        context = ToolContext(company("own", search=SETTINGS), Session("s1", "acme", ORIGIN, 0), live=live)
        tool.run(context, tool.arguments.model_validate({"query": "prices"}))

    in_text, on_the_line = own.timeouts
    assert on_the_line <= 1.0 < in_text
