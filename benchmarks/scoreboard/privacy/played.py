"""A visit through every door, in every mode, and what goes wrong in it: each step, and the decisions it must leave.

What a step must leave is written down beside it, by hand and from what a reader of the audit would want to find: it is
not taken from the records that it is held against.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from aisdr.configuration import ModelChoice, Models
from aisdr.index.base import Media
from aisdr.limits import Limits
from aisdr.media_links import MediaLinks
from aisdr.observability import logger
from aisdr.secret import Keys
from benchmarks.scoreboard.privacy.visit import EMAIL, Step, Visit
from benchmarks.scoreboard.privacy.visit_called import calls, poor, voice
from benchmarks.scoreboard.privacy.visit_typed import getting_in, tools, typing
from benchmarks.scoreboard.scene.stage import Stage
from scripts.export import Kind, export
from scripts.records import refused
from tests.material import a_chunk, a_company, teach
from tests.media_keys import media_keys


def steps(visit: Visit) -> Iterator[Step]:
    """The visitor is refused, gets in, speaks, is called, leaves a lead, and wants it all erased."""
    for part in (getting_in, typing, tools, calls, voice, poor, _media, _leaving):
        yield from part(visit)


def _media(visit: Visit) -> Iterator[Step]:
    body = {"companyId": "acme", "query": "floor plan of the warehouse", "limit": 1}
    yield Step(
        "sees what is for visitors",
        lambda: visit.ask("POST", "/api/search", body, **visit.bearer()),
        [("media.sign", "allow", ""), ("media.sign", "allow", "")],
    )
    links = visit.stage.services.media_links
    foreign = [("media.sign", "deny", "foreign_address")]
    scope = visit.stage.company.operator_scope
    yield Step("an address of another's", lambda: links.address(scope, "/media/_private/globex/x.png"), foreign)


def _leaving(visit: Visit) -> Iterator[Step]:
    path = f"/api/session/{visit.grant['sessionId']}"
    yield Step(
        "erases", lambda: visit.ask("DELETE", f"{path}/conversation", **visit.bearer()), [("erase", "allow", "")]
    )
    closed = [("session.verify", "deny", "unauthorized")]
    yield Step("comes again", lambda: visit.ask("POST", f"{path}/renew", **visit.bearer()), closed)
    yield Step("types on", lambda: visit.frame("ask", id=uuid4().hex, text="?"), [("session.verify", "deny", "ANY")])
    yield Step(
        "another visitor", lambda: _another(visit), [("session.create", "allow", "new"), ("ticket.issue", "allow", "")]
    )
    ends = [("session.end", "done", "")]
    again = f"/api/session/{visit.other['sessionId']}"
    bearer = {"authorization": f"Bearer {visit.other['token']}", "origin": visit.stage.origin}
    yield Step("ends", lambda: visit.ask("DELETE", again, **bearer), ends)


def _another(visit: Visit) -> None:
    visit.other = visit.open()


def operator(stage: Stage, folder: Path, visits: int) -> Iterator[Step]:
    """What an operator does, and is refused."""
    logger.thread_safe_clear_keys()  # nobody's invocation
    ours, company = stage.services, stage.services.companies.get("acme")
    yield Step(
        "exports", lambda: export(Kind.LEADS, "acme", out=folder / "leads.csv"), [("operator.export", "done", "")]
    )
    yield Step(
        "is refused",
        lambda: refused(["seed", "x"], "version_conflict"),
        [("operator.seed", "deny", "version_conflict")],
    )
    # The conversations are gone already; what is left of the visitor are a lead and wishes that name them.
    each = [("erase", "allow", ""), ("erase", "done", "")]
    yield Step(
        "erases a visitor",
        lambda: ours.forgetting.erase(company, EMAIL),
        [("erase", "done", "visitor"), *each * visits],
    )


def furnish(stage: Stage) -> None:
    """What the visit needs beside the stage: a company without money, media for visitors, a reconciler's work."""
    ours = stage.services
    paid = ModelChoice(provider="openai", model="gpt-5", input_price=1.0, output_price=1.0)
    poor = a_company(
        "poor",
        modes=("text", "tts", "video"),
        models=Models(chat=(paid, ModelChoice())),
        limits=Limits(money_per_day=0.0),
        tavus_replica_id="r90bbd427f71",
    )
    ours.companies.put(poor, expected_version=0)
    ours.__dict__["media_links"] = MediaLinks("http://localhost:3000", Keys(media_keys()))
    url = "/media/_private/acme/plan.png"
    plan = a_chunk("plan", "Floor plan of the warehouse.", url=url, media=Media(url=url, kind="image"))
    teach(ours, stage.company, plan)
