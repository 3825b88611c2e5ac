"""T-TOOL-03: the same call at the same moment through two doors has one answer and one effect."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

from benchmarks.scoreboard.injection.abuses import WISHES
from benchmarks.scoreboard.injection.tool_house import House

WRITING = ("log_lead", "request_human", "reserve_demo")


def at_once(house: House) -> None:
    """The stage's store takes one request after another, as AWS's conditions hold for all at once."""
    tools, session = house.services.tools, house.visitor.session
    contexts = (replace(house.context, live=True), house.context)
    for tool, wish in WISHES.items():
        before, gate = house.effects(), Barrier(10)
        wish = wish | ({"email": "once@example.com"} if "email" in wish else {})

        def bring(place: int, tool: str = tool, wish: Any = wish, gate: Barrier = gate) -> Any:
            gate.wait()
            return tools.run(contexts[place % 2], f"once-{tool}", tool, wish)

        with ThreadPoolExecutor(10) as threads:
            outcomes = list(threads.map(bring, range(10)))
        house.expect(f"equal answers of {tool}", holds=len({each.model_dump_json() for each in outcomes}) == 1)
        if tool in WRITING:
            house.expect(f"nothing written by {tool}", holds=house.effects() == before)
            identity = str(outcomes[0].result["confirmationId"])
            with ThreadPoolExecutor(5) as threads:
                words = list(threads.map(lambda _: tools.confirm(contexts[0], identity, accept=True), range(5)))  # noqa: B023
            house.expect(f"equal words on {tool}", holds=all(each == words[0] for each in words))
            house.expect(f"one effect of {tool}", holds=house.effects()[tool] == before[tool] + 1)
    assert session is house.visitor.session
