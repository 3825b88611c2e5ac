"""The part of a visit that costs minutes: calls by video and by voice, what Tavus sends meanwhile, no money left."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from benchmarks.scoreboard.privacy.visit import CANARY, Step, Visit
from benchmarks.scoreboard.scene.stage import DELIVERY_SECRET
from tests.voice import OFFER


def calls(visit: Visit) -> Iterator[Step]:
    key, bought = str(uuid4()), [("session.create", "allow", "resumed"), ("call.reserve", "spend", "new")]
    bought += [("call.buy", "spend", ""), ("ticket.issue", "allow", ""), ("consent.record", "allow", "")]

    def call() -> None:
        visit.call = visit.buy(key)

    yield Step("calls", call, bought)
    repeated = [("call.reserve", "allow", "repeated"), ("ticket.issue", "allow", "")]
    yield Step("calls again with the same key", lambda: visit.buy(key), repeated)
    without = {"consent": None, "resume": None}
    unasked = [("session.create", "deny", "consent_required")]
    yield Step("calls without consent", lambda: visit.buy(str(uuid4()), body=without), unasked)
    yield from _vendor(visit)
    ended = [("call.end", "done", "replaced"), ("call.settle", "done", "replaced")]
    failed = [*bought[:2], ("call.buy", "deny", "ANY"), *ended]

    def broken() -> None:
        visit.stage.tavus.fault(method="POST", path="/v2/conversations", status=400)
        visit.buy(str(uuid4()))
        visit.stage.tavus.clear_faults()

    yield Step("calls while Tavus says no", broken, failed)


def _vendor(visit: Visit) -> Iterator[Step]:
    conversation_id = visit.call["video"]["conversationId"]
    (operation,) = visit.stage.services.ledger.of_session("acme", visit.grant["sessionId"])
    capability = visit.stage.services.sessions.capability(operation.operation_id, "acme")
    visit.secrets.append(capability)

    def webhook(path: str, **body: Any) -> Any:
        return visit.ask("POST", f"/api/tavus/webhook/{path}", body)

    denied = [("webhook.receive", "deny", "not_found")]
    yield Step("a forged webhook", lambda: webhook(CANARY, event_type=visit.text), denied)
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
        return visit.ask("POST", "/api/tavus/delivery", raw, x_tavus_signature=signed)

    run = [("tool.deliver", "allow", ""), ("tool.run", "done", "")]
    yield Step("Tavus calls a tool", lambda: deliver(signature), run)
    yield Step("somebody else does", lambda: deliver(CANARY), [("tool.deliver", "deny", "unauthorized")])


def voice(visit: Visit) -> Iterator[Step]:
    bought = [("session.create", "allow", "resumed"), ("call.reserve", "spend", "new"), ("call.buy", "spend", "")]
    bought += [("ticket.issue", "allow", ""), ("consent.record", "allow", "")]
    yield Step("calls by voice", lambda: visit.buy(str(uuid4()), "voice", {"sdpOffer": OFFER}), bought)
    no_key = [("session.create", "deny", "idempotency_key_required")]
    body = {"consent": {"version": "1"}, "sdpOffer": OFFER}
    yield Step("calls without a key", lambda: visit.open(mode="voice", body=body), no_key)
    left = [("call.end", "done", "visitor"), ("call.settle", "done", "visitor")]
    path = f"/api/session/{visit.grant['sessionId']}?call=only"
    yield Step("hangs up", lambda: visit.ask("DELETE", path, **visit.bearer()), left)


def poor(visit: Visit) -> Iterator[Step]:
    """A company whose money is spent: text stays, by the model that costs nothing."""
    poor = {}

    def enter() -> None:
        poor.update(visit.open("poor"))

    yield Step("opens where no money is", enter, [("session.create", "allow", "new"), ("ticket.issue", "allow", "")])
    bearer = {"authorization": f"Bearer {poor['token']}", "origin": "https://poor.example"}
    spent = [("budget.spend", "deny", "budget_spent")]
    yield Step("asks there", lambda: visit.ask("POST", "/api/answer", {"question": "price?"}, **bearer), spent)
    silent = [("budget.spend", "deny", "speech_limit")]
    yield Step("is read to there", lambda: visit.ask("POST", "/api/speech", {"text": "Hello."}, **bearer), silent)
    wish = {"consent": {"version": "1"}, "resume": poor["token"]}
    refused = [("call.reserve", "deny", "budget_spent")]
    yield Step(
        "calls there",
        lambda: visit.open("poor", mode="video", body=wish, idempotency_key=str(uuid4())),
        refused,
    )
