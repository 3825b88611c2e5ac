"""The part of a visit that is typed: getting in and being kept out, asking, tools and the visitor's word on them."""

from collections.abc import Iterator
from uuid import uuid4

from aisdr.edge import Edge
from aisdr.secret import Keys
from benchmarks.scoreboard.privacy.visit import CANARY, CARD, EMAIL, PHONE, Step, Visit


def getting_in(visit: Visit) -> Iterator[Step]:
    def enter() -> None:
        visit.grant = visit.open()

    yield Step("opens", enter, [("session.create", "allow", "new"), ("ticket.issue", "allow", "")])
    foreign = [("session.create", "deny", "origin_not_allowed")]
    yield Step("from a foreign website", lambda: visit.open(origin="https://evil.example"), foreign)
    unknown = [("session.create", "deny", "company_not_found")]
    yield Step("of nobody", lambda: visit.open(CANARY, origin=visit.stage.origin), unknown)
    old = {"consent": {"version": "0"}}
    outdated = [("session.create", "deny", "consent_outdated")]
    yield Step("agreed to an old text", lambda: visit.open(body=old), outdated)
    yield Step(
        "renews",
        lambda: visit.ask("POST", f"/api/session/{visit.grant['sessionId']}/renew", **visit.bearer()),
        [("session.renew", "allow", ""), ("ticket.issue", "allow", "")],
    )
    forged = {"authorization": f"Bearer {visit.text[:40]!r}.x.y".encode("ascii", "replace").decode()}
    denied = [("session.verify", "deny", "unauthorized")]
    yield Step("forges a token", lambda: visit.ask("GET", f"/api/session/{CANARY}", **forged), denied)
    yield Step("brings none", lambda: visit.ask("POST", "/api/answer", {"question": visit.text}), denied)
    site = {"authorization": f"Bearer {visit.grant['token']}", "origin": "https://evil.example"}
    yield Step("from another website", lambda: visit.ask("POST", "/api/answer", {"question": "?"}, **site), denied)

    def another() -> None:
        visit.ask("GET", "/api/session/another", **visit.bearer())

    yield Step("reads another's", another, [("session.verify", "deny", "ANY")])
    body = {"companyId": "globex", "query": visit.text[:200]}
    trespass = [("tenant.check", "deny", "ANY")]
    yield Step("searches another's", lambda: visit.ask("POST", "/api/search", body, **visit.bearer()), trespass)
    yield Step("goes round the edge", lambda: _round_the_edge(visit), [("edge.check", "deny", "not_at_the_edge")])


def _round_the_edge(visit: Visit) -> None:
    ours = visit.stage.services
    ours.__dict__["edge"] = Edge(Keys('{"e1": "the secret of the edge on this stage"}'))
    try:
        visit.open()
    finally:
        del ours.__dict__["edge"]


def typing(visit: Visit) -> Iterator[Step]:
    visit.socket = uuid4().hex
    ticket = visit.grant["ticket"]
    yield Step("connects", lambda: visit.connect(ticket), [("ticket.redeem", "allow", "")])
    used = [("ticket.redeem", "deny", "unauthorized")]
    yield Step("connects again", lambda: visit.connect(ticket), used)
    yield Step("connects with a forged ticket", lambda: visit.connect("x.y.z"), used)
    yield Step("types", lambda: visit.frame("ask", id=uuid4().hex, text=visit.text), [])
    yield Step("says nonsense", lambda: visit.frame(visit.text[:30], id="n", text=visit.text), [])
    yield Step("asks by HTTP", lambda: visit.ask("POST", "/api/answer", {"question": visit.text}, **visit.bearer()), [])
    spoken = {"text": "The Team plan costs 12 euros."}
    yield Step("is read to", lambda: visit.ask("POST", "/api/speech", spoken, **visit.bearer()), [])


def tools(visit: Visit) -> Iterator[Step]:
    # Some kinds of text are no name of a tool for the door itself: nothing was decided about a tool then.
    yield Step("names no tool", lambda: visit.run("zebra_canary", {}), [("tool.run", "deny", "unknown_tool")])
    wrong = [("tool.run", "deny", "invalid_arguments")]
    yield Step("says wrong things", lambda: visit.run("log_lead", {"email": CARD, "extra": visit.text}), wrong)
    yield Step("looks up", lambda: visit.run("search_knowledge", {"query": "price"}), [("tool.run", "done", "")])
    lead = {"email": EMAIL, "name": "Zebra", "phone": PHONE, "message": visit.text[:500]}
    waits = [("tool.run", "allow", "awaiting_confirmation")]
    yield Step("wants to leave a lead", lambda: visit.run("log_lead", lead), waits)
    agreed = [("tool.confirm", "done", "confirmed"), ("lead.store", "allow", "ANY")]
    yield Step("agrees", lambda: visit.word(visit.waiting(), accept=True), agreed)
    again = [("tool.confirm", "done", "repeated")]
    yield Step("agrees again", lambda: visit.word(visit.waiting(), accept=True), again)
    yield Step("wants a person", lambda: visit.run("request_human", {"reason": "a call", "email": EMAIL}), waits)
    person = [("tool.confirm", "done", "confirmed"), ("handover.store", "allow", "new")]
    yield Step("agrees to that", lambda: visit.word(visit.waiting(), accept=True), person)
    yield Step("wants another", lambda: visit.run("request_human", {"reason": "no call", "email": EMAIL}), waits)
    declined = [("tool.confirm", "done", "declined")]
    yield Step("says no", lambda: visit.word(visit.waiting(), accept=False), declined)
    nothing = [("tool.confirm", "deny", "confirmation_not_found")]
    yield Step("agrees to nothing", lambda: visit.word("of-nobody", accept=True), nothing)
