"""A visit through every door, in every mode, and what goes wrong in it: each step, and the decisions it must leave.

What a step must leave is written down beside it, by hand and from what a reader of the audit would want to find: it is
not taken from the records that it is held against.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from aisdr.configuration import Limits, ModelChoice, Models
from aisdr.edge import Edge
from aisdr.index.base import Media
from aisdr.media_links import MediaLinks
from aisdr.observability import logger
from aisdr.secret import Keys
from benchmarks.scoreboard.stage import DELIVERY_SECRET, Stage
from scripts.export import Kind, export
from scripts.records import refused
from tests import doors
from tests.material import a_chunk, a_company, teach
from tests.media_keys import media_keys
from tests.voice import OFFER

Decided = tuple[str, str, str]
"""Action, decision and reason."""

EMAIL, PHONE = "zebra.canary@mail.example", "+1 555 010 4477"
CARD, SOCIAL = "4111 1111 1111 1111", "123-45-6789"
CANARY = "zebra-canary"


@dataclass
class Step:
    """`act` returns what a browser or a vendor got; `left` are the decisions that it must leave, in any order."""

    name: str
    act: Callable[[], Any]
    left: list[Decided]


@dataclass
class Visit:
    """One visitor of `acme`, who is refused, gets in, speaks, is called, leaves a lead, and wants it all erased."""

    stage: Stage
    text: str
    secrets: list[str] = field(default_factory=list)
    """All that opened a door in this visit."""
    refusals: list[str] = field(default_factory=list)
    """Bodies of all answers that said no."""
    answers: list[str] = field(default_factory=list)
    """Bodies of all answers, and all frames."""

    def steps(self) -> Iterator[Step]:
        yield from self._getting_in()
        yield from self._typing()
        yield from self._tools()
        yield from self._calls()
        yield from self._voice()
        yield from self._poor()
        yield from self._media()
        yield from self._leaving()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One HTTP request. Its answer as JSON, if it is any."""
        answer = doors.call(method, path, body=body, **headers)
        self.answers.append(answer.text)
        if answer.status >= 400:
            self.refusals.append(answer.text)
        try:
            told = json.loads(answer.text) if answer.text else {}
        except ValueError:
            return {}
        for name in ("token", "ticket", "meetingToken"):
            if isinstance(told, dict) and told.get(name):
                self.secrets.append(told[name])
        video = told.get("video") if isinstance(told, dict) else None
        if video and video.get("meetingToken"):
            self.secrets.append(video["meetingToken"])
        return told

    def _open(self, company_id: str = "acme", *, mode: str = "text", origin: str | None = None, **more: Any) -> Any:
        body = {"companyId": company_id, "mode": mode} | more.pop("body", {})
        site = origin or f"https://{company_id}.example"
        return self.ask("POST", "/api/session", body, origin=site, **more)

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.grant['token']}", "origin": self.stage.origin}

    def _getting_in(self) -> Iterator[Step]:
        def enter() -> None:
            self.grant = self._open()

        yield Step("opens", enter, [("session.create", "allow", "new"), ("ticket.issue", "allow", "")])
        foreign = [("session.create", "deny", "origin_not_allowed")]
        yield Step("from a foreign website", lambda: self._open(origin="https://evil.example"), foreign)
        unknown = [("session.create", "deny", "company_not_found")]
        yield Step("of nobody", lambda: self._open(CANARY, origin=self.stage.origin), unknown)
        old = {"consent": {"version": "0"}}
        outdated = [("session.create", "deny", "consent_outdated")]
        yield Step("agreed to an old text", lambda: self._open(body=old), outdated)
        yield Step(
            "renews",
            lambda: self.ask("POST", f"/api/session/{self.grant['sessionId']}/renew", **self._bearer()),
            [("session.renew", "allow", ""), ("ticket.issue", "allow", "")],
        )
        forged = {"authorization": f"Bearer {self.text[:40]!r}.x.y".encode("ascii", "replace").decode()}
        denied = [("session.verify", "deny", "unauthorized")]
        yield Step("forges a token", lambda: self.ask("GET", f"/api/session/{CANARY}", **forged), denied)
        yield Step("brings none", lambda: self.ask("POST", "/api/answer", {"question": self.text}), denied)
        site = {"authorization": f"Bearer {self.grant['token']}", "origin": "https://evil.example"}
        yield Step("from another website", lambda: self.ask("POST", "/api/answer", {"question": "?"}, **site), denied)

        def another() -> None:
            self.ask("GET", "/api/session/another", **self._bearer())

        yield Step("reads another's", another, [("session.verify", "deny", "ANY")])
        body = {"companyId": "globex", "query": self.text[:200]}
        trespass = [("tenant.check", "deny", "ANY")]
        yield Step("searches another's", lambda: self.ask("POST", "/api/search", body, **self._bearer()), trespass)
        yield Step("goes round the edge", self._round_the_edge, [("edge.check", "deny", "not_at_the_edge")])

    def _round_the_edge(self) -> None:
        ours = self.stage.services
        ours.__dict__["edge"] = Edge(Keys('{"e1": "the secret of the edge on this stage"}'))
        try:
            self._open()
        finally:
            del ours.__dict__["edge"]

    def _relay(self, route: str, **event: Any) -> Any:
        about = {"routeKey": route, "connectionId": self.socket, "requestId": "r"}
        return import_module("functions.ws-relay.handler").handler({"requestContext": about, **event}, None)

    def _frame(self, action: str, **body: Any) -> list[dict[str, Any]]:
        self._relay("$default", body=json.dumps({"action": action} | body))
        frames = self.stage.postbox.frames(self.socket)
        self.answers.append(json.dumps(frames))
        return frames

    def _connect(self, ticket: str) -> Any:
        headers = {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": self.stage.origin}
        return self._relay("$connect", headers=headers)

    def _typing(self) -> Iterator[Step]:
        self.socket = uuid4().hex
        ticket = self.grant["ticket"]
        yield Step("connects", lambda: self._connect(ticket), [("ticket.redeem", "allow", "")])
        used = [("ticket.redeem", "deny", "unauthorized")]
        yield Step("connects again", lambda: self._connect(ticket), used)
        yield Step("connects with a forged ticket", lambda: self._connect("x.y.z"), used)
        yield Step("types", lambda: self._frame("ask", id=uuid4().hex, text=self.text), [])
        yield Step("says nonsense", lambda: self._frame(self.text[:30], id="n", text=self.text), [])
        yield Step(
            "asks by HTTP", lambda: self.ask("POST", "/api/answer", {"question": self.text}, **self._bearer()), []
        )
        spoken = {"text": "The Team plan costs 12 euros."}
        yield Step("is read to", lambda: self.ask("POST", "/api/speech", spoken, **self._bearer()), [])

    def _run(self, name: str, arguments: Any) -> Any:
        body = {"companyId": "acme", "name": name, "arguments": arguments}
        self.told = self.ask("POST", "/api/tavus/tool", body, **self._bearer())
        return self.told

    def _word(self, identity: str, *, accept: bool) -> Any:
        body = {"confirmationId": identity, "accept": accept}
        return self.ask("POST", "/api/tool/confirmation", body, **self._bearer())

    def _waiting(self) -> str:
        return str(self.told["result"]["confirmationId"])

    def _tools(self) -> Iterator[Step]:
        # Some kinds of text are no name of a tool for the door itself: nothing was decided about a tool then.
        yield Step("names no tool", lambda: self._run("zebra_canary", {}), [("tool.run", "deny", "unknown_tool")])
        wrong = [("tool.run", "deny", "invalid_arguments")]
        yield Step("says wrong things", lambda: self._run("log_lead", {"email": CARD, "extra": self.text}), wrong)
        yield Step("looks up", lambda: self._run("search_knowledge", {"query": "price"}), [("tool.run", "done", "")])
        lead = {"email": EMAIL, "name": "Zebra", "phone": PHONE, "message": self.text[:500]}
        waits = [("tool.run", "allow", "awaiting_confirmation")]
        yield Step("wants to leave a lead", lambda: self._run("log_lead", lead), waits)
        agreed = [("tool.confirm", "done", "confirmed"), ("lead.store", "allow", "ANY")]
        yield Step("agrees", lambda: self._word(self._waiting(), accept=True), agreed)
        again = [("tool.confirm", "done", "repeated")]
        yield Step("agrees again", lambda: self._word(self._waiting(), accept=True), again)
        yield Step("wants a person", lambda: self._run("request_human", {"reason": "a call", "email": EMAIL}), waits)
        person = [("tool.confirm", "done", "confirmed"), ("handover.store", "allow", "new")]
        yield Step("agrees to that", lambda: self._word(self._waiting(), accept=True), person)
        yield Step("wants another", lambda: self._run("request_human", {"reason": "no call", "email": EMAIL}), waits)
        declined = [("tool.confirm", "done", "declined")]
        yield Step("says no", lambda: self._word(self._waiting(), accept=False), declined)
        nothing = [("tool.confirm", "deny", "confirmation_not_found")]
        yield Step("agrees to nothing", lambda: self._word("of-nobody", accept=True), nothing)

    def _call(self, key: str, mode: str = "video", body: Mapping[str, Any] | None = None) -> Any:
        wish = {"consent": {"version": "1"}, "resume": self.grant["token"]} | dict(body or {})
        self.secrets.append(key)
        return self._open(mode=mode, body=wish, idempotency_key=key)

    def _calls(self) -> Iterator[Step]:
        key, bought = str(uuid4()), [("session.create", "allow", "resumed"), ("call.reserve", "spend", "new")]
        bought += [("call.buy", "spend", ""), ("ticket.issue", "allow", ""), ("consent.record", "allow", "")]

        def call() -> None:
            self.call = self._call(key)

        yield Step("calls", call, bought)
        repeated = [("call.reserve", "allow", "repeated"), ("ticket.issue", "allow", "")]
        yield Step("calls again with the same key", lambda: self._call(key), repeated)
        without = {"consent": None, "resume": None}
        unasked = [("session.create", "deny", "consent_required")]
        yield Step("calls without consent", lambda: self._call(str(uuid4()), body=without), unasked)
        yield from self._vendor()
        ended = [("call.end", "done", "replaced"), ("call.settle", "done", "replaced")]
        failed = [*bought[:2], ("call.buy", "deny", "ANY"), *ended]

        def broken() -> None:
            self.stage.tavus.fault(method="POST", path="/v2/conversations", status=400)
            self._call(str(uuid4()))
            self.stage.tavus.clear_faults()

        yield Step("calls while Tavus says no", broken, failed)

    def _vendor(self) -> Iterator[Step]:
        conversation_id = self.call["video"]["conversationId"]
        (operation,) = self.stage.services.ledger.of_session("acme", self.grant["sessionId"])
        capability = self.stage.services.sessions.capability(operation.operation_id, "acme")
        self.secrets.append(capability)

        def webhook(path: str, **body: Any) -> Any:
            return self.ask("POST", f"/api/tavus/webhook/{path}", body)

        denied = [("webhook.receive", "deny", "not_found")]
        yield Step("a forged webhook", lambda: webhook(CANARY, event_type=self.text), denied)
        other = {"event_type": "system.replica_joined", "conversation_id": "c-other"}
        yield Step(
            "a webhook of another call",
            lambda: webhook(capability, **other),
            [("webhook.receive", "deny", "not_of_this_call")],
        )
        joined = {"event_type": "system.replica_joined", "conversation_id": conversation_id}
        heard = [("webhook.receive", "allow", "")]
        yield Step("a webhook", lambda: webhook(capability, **joined), heard)
        yield Step("the same again", lambda: webhook(capability, **joined), [("webhook.receive", "allow", "repeated")])
        early = {"event_type": "system.shutdown", "conversation_id": conversation_id}
        lie = [("webhook.receive", "deny", "not_confirmed")]
        yield Step("an end that is none", lambda: webhook(capability, **early), lie)
        call = {"name": "search_knowledge", "arguments": '{"query": "price"}', "conversation_id": conversation_id}
        raw = json.dumps(call | {"tool_call_id": uuid4().hex}).encode()
        signature = hmac.new(DELIVERY_SECRET.encode(), raw, hashlib.sha256).hexdigest()

        def deliver(signed: str) -> Any:
            return self.ask("POST", "/api/tavus/delivery", raw, x_tavus_signature=signed)

        run = [("tool.deliver", "allow", ""), ("tool.run", "done", "")]
        yield Step("Tavus calls a tool", lambda: deliver(signature), run)
        yield Step("somebody else does", lambda: deliver(CANARY), [("tool.deliver", "deny", "unauthorized")])

    def _voice(self) -> Iterator[Step]:
        bought = [("session.create", "allow", "resumed"), ("call.reserve", "spend", "new"), ("call.buy", "spend", "")]
        bought += [("ticket.issue", "allow", ""), ("consent.record", "allow", "")]
        yield Step("calls by voice", lambda: self._call(str(uuid4()), "voice", {"sdpOffer": OFFER}), bought)
        no_key = [("session.create", "deny", "idempotency_key_required")]
        body = {"consent": {"version": "1"}, "sdpOffer": OFFER}
        yield Step("calls without a key", lambda: self._open(mode="voice", body=body), no_key)
        left = [("call.end", "done", "visitor"), ("call.settle", "done", "visitor")]
        path = f"/api/session/{self.grant['sessionId']}?call=only"
        yield Step("hangs up", lambda: self.ask("DELETE", path, **self._bearer()), left)

    def _poor(self) -> Iterator[Step]:
        """A company whose money is spent: text stays, by the model that costs nothing."""
        poor = {}

        def enter() -> None:
            poor.update(self._open("poor"))

        yield Step(
            "opens where no money is", enter, [("session.create", "allow", "new"), ("ticket.issue", "allow", "")]
        )
        bearer = {"authorization": f"Bearer {poor['token']}", "origin": "https://poor.example"}
        spent = [("budget.spend", "deny", "budget_spent")]
        yield Step("asks there", lambda: self.ask("POST", "/api/answer", {"question": "price?"}, **bearer), spent)
        silent = [("budget.spend", "deny", "speech_limit")]
        yield Step("is read to there", lambda: self.ask("POST", "/api/speech", {"text": "Hello."}, **bearer), silent)
        wish = {"consent": {"version": "1"}, "resume": poor["token"]}
        refused = [("call.reserve", "deny", "budget_spent")]
        yield Step(
            "calls there",
            lambda: self._open("poor", mode="video", body=wish, idempotency_key=str(uuid4())),
            refused,
        )

    def _media(self) -> Iterator[Step]:
        body = {"companyId": "acme", "query": "floor plan of the warehouse", "limit": 1}
        yield Step(
            "sees what is for visitors",
            lambda: self.ask("POST", "/api/search", body, **self._bearer()),
            [("media.sign", "allow", ""), ("media.sign", "allow", "")],
        )
        links = self.stage.services.media_links
        foreign = [("media.sign", "deny", "foreign_address")]
        scope = self.stage.company.operator_scope
        yield Step("an address of another's", lambda: links.address(scope, "/media/_private/globex/x.png"), foreign)

    def _leaving(self) -> Iterator[Step]:
        path = f"/api/session/{self.grant['sessionId']}"
        yield Step(
            "erases", lambda: self.ask("DELETE", f"{path}/conversation", **self._bearer()), [("erase", "allow", "")]
        )
        closed = [("session.verify", "deny", "unauthorized")]
        yield Step("comes again", lambda: self.ask("POST", f"{path}/renew", **self._bearer()), closed)
        yield Step(
            "types on", lambda: self._frame("ask", id=uuid4().hex, text="?"), [("session.verify", "deny", "ANY")]
        )
        yield Step(
            "another visitor", self._another, [("session.create", "allow", "new"), ("ticket.issue", "allow", "")]
        )
        ends = [("session.end", "done", "")]
        again = f"/api/session/{self.other['sessionId']}"
        bearer = {"authorization": f"Bearer {self.other['token']}", "origin": self.stage.origin}
        yield Step("ends", lambda: self.ask("DELETE", again, **bearer), ends)

    def _another(self) -> None:
        self.other = self._open()


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
