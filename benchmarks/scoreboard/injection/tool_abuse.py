"""S-13: every way to abuse a tool through every door; each is refused by the very code that is due, and none works.

Rows: the table of `abuses.py`; another company's company, call and confirmation; one id for two calls; a word said
twice; five at once through two doors; thousands of calls in one conversation.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from aisdr.errors import AisdrError
from aisdr.session import Session
from aisdr.tools.caps import MOST_OF_ALL
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.injection.abuses import WISHES, Abuse, abuses
from benchmarks.scoreboard.injection.tool_doors import DOORS, Door, by_delivery, by_http, by_word
from benchmarks.scoreboard.injection.tool_house import House, house
from benchmarks.scoreboard.injection.tool_races import at_once
from tests.material import ORIGIN


def measure(form: Form) -> Figure:
    rows = list(abuses())
    with house() as ours:
        for number, abuse in enumerate(rows):
            for place, (name, door) in enumerate(DOORS.items()):
                if name == "agent" and not isinstance(abuse.arguments, dict):
                    continue
                if form == "full" or (number + place) % 24 == 0:
                    what = f"{abuse.wrong} of {abuse.tool[:20]!r} by {name}"
                    ours.expect_refused(what, _tried(door, ours, abuse), abuse.code_at(name))
        _of_others(ours)
        _without_effect(ours)
        _said_twice(ours)
        at_once(ours)
        too_many = _again_and_again(ours, 10_000 if form == "full" else 80)
    asked, failed = ours.asked, ours.failed
    return Figure(
        f"{asked - len(failed):,} of {asked:,} as they must, {too_many:,} calls over a cap refused",
        "all",
        not failed and too_many > 0,
        {"asked": asked, "failed": failed, "codes": dict(ours.refused), "over_cap": too_many, "rows": len(rows)},
    )


def _tried(door: Door, house: House, abuse: Abuse) -> str:
    try:
        return door(house, abuse)
    except Exception as error:
        return f"crashed with {type(error).__name__}"


def _of_others(house: House) -> None:
    """What belongs to another company or conversation looks as if it were not there."""
    wish = Abuse("", "search_knowledge", WISHES["search_knowledge"])
    for company in ("globex", "nobody"):
        house.expect_refused(f"at {company}", by_http(house, wish, companyId=company), "company_not_found")
    house.expect_refused("another call", by_delivery(house, wish, "conv-of-globex"), "conversation_not_found")
    theirs = Abuse("", "wire_money", {"city": "Lyon"})
    house.expect_refused("a tool of another company", by_http(house, theirs), "unknown_tool")
    other = house.services.sessions.open(house.services.companies.get("acme"), ORIGIN, None)
    lead = house.services.tools.run(replace(house.context, session=other), "call-other", "log_lead", WISHES["log_lead"])
    foreign = str(lead.result["confirmationId"])
    for identity in (foreign, "0", "x" * 64, "../" + foreign[:8], foreign[:-1], foreign + "0", "__proto__"):
        code = by_word(house, identity)
        house.expect_refused("a confirmation of another conversation", code, "confirmation_not_found")
    house.expect_refused("no confirmation", by_word(house, ""), "invalid_input")


def _without_effect(house: House) -> None:
    effects = house.effects()
    house.expect(f"effects of refused calls: {effects}", holds=not any(effects.values()))


def _said_twice(house: House) -> None:
    """One id for two calls is a conflict; a repeated word has one effect, and other values come too late."""
    tools, context = house.services.tools, house.context
    for tool, wish in WISHES.items():
        tools.run(context, f"twice-{tool}", tool, wish)
        other = Abuse("", tool, _changed(tool, wish))
        code = by_http(house, other, callId=f"twice-{tool}")
        house.expect_refused(f"one id for two calls of {tool}", code, "call_id_conflict")
    waiting = tools.run(context, "twice-log_lead", "log_lead", WISHES["log_lead"])
    identity = str(waiting.result["confirmationId"])
    for values in ({"companyId": "globex"}, {"email": "nobody"}, {"": "x"}, {"__proto__": "x"}):
        house.expect_refused(f"values {list(values)}", by_word(house, identity, values), "invalid_arguments")
    long = {"email": "x" * 5000}  # the door itself takes no value of that length
    house.expect_refused("a long value", by_word(house, identity, long), "invalid_input")
    first = tools.confirm(context, identity, accept=True)
    again = tools.confirm(context, identity, accept=True, values={"email": "collector@evil.example"})
    declined = tools.confirm(context, identity, accept=False)
    house.expect("a word said three times", holds=first == again == declined)
    (stored,) = house.services.leads.list(house.visitor.session.scope)
    house.expect("values that came too late", holds=stored.lead.email == WISHES["log_lead"]["email"])


def _again_and_again(house: House, calls: int) -> int:
    """A conversation of its own that asks for nothing but tools: how many calls were refused."""
    session: Session = house.services.sessions.open(house.services.companies.get("acme"), ORIGIN, None)
    context, names = replace(house.context, session=session), ("create_meeting_link", "log_lead", "get_demo_clip")
    codes, ran = Counter[str](), 0
    for number in range(calls):
        name = names[number % len(names)]
        try:
            house.services.tools.run(context, None, name, WISHES[name])
            ran += 1
        except AisdrError as error:
            codes[error.code] += 1
    house.expect(f"{ran} tools ran in one conversation", holds=ran <= MOST_OF_ALL)
    house.expect(f"refusals {dict(codes)}", holds=set(codes) <= {"too_many_tool_calls"})
    return codes["too_many_tool_calls"]


def _changed(tool: str, wish: dict[str, Any]) -> dict[str, Any]:
    name = "city" if tool == "reserve_demo" else next(iter(wish))
    return wish | {name: {"city": "Berlin", "email": "other@example.com"}.get(name, "something else")}
