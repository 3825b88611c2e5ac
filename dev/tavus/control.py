"""The control surface under /_lookalike: what happened so far, faults to come, time to push, and the room's reports."""

from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import object_body
from dev.tavus.clock import Clock, iso
from dev.tavus.conversations import Conversations
from dev.tavus.delivery import Deliveries
from dev.tavus.documents import Documents
from dev.tavus.faults import Fault, FaultDoor
from dev.tavus.guardrails import Guardrails
from dev.tavus.journal import Journal
from dev.tavus.tools import Tools
from dev.tavus.webhooks import Webhooks


class Control:
    def __init__(
        self,
        clock: Clock,
        conversations: Conversations,
        documents: Documents,
        tools: Tools,
        guardrails: Guardrails,
        webhooks: Webhooks,
        journal: Journal,
        faults: FaultDoor,
        deliveries: Deliveries,
    ) -> None:
        self.clock, self.conversations, self.documents, self.tools = clock, conversations, documents, tools
        self.guardrails = guardrails
        self.webhooks, self.journal, self.faults, self.deliveries = webhooks, journal, faults.faults, deliveries
        self.prevented = faults.prevented

    def routes(self) -> list[Route]:
        return [
            Route("/_lookalike/state", self.state, methods=["GET"]),
            Route("/_lookalike/requests", self.requests, methods=["GET"]),
            Route("/_lookalike/meter", self.meter, methods=["GET"]),
            Route("/_lookalike/faults", self.add_fault, methods=["POST"]),
            Route("/_lookalike/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_lookalike/prevented", self.told_prevented, methods=["GET"]),
            Route("/_lookalike/clock", self.push_clock, methods=["POST"]),
            Route("/_lookalike/reset", self.reset, methods=["POST"]),
            Route("/_lookalike/daily", self.room_reports, methods=["POST"]),
            Route("/_lookalike/tool-calls", self.deliver, methods=["POST"]),
            Route("/_lookalike/webhooks", self.claim, methods=["POST"]),
            Route("/_lookalike/events", self.happen, methods=["POST"]),
        ]

    async def snapshot(self) -> dict[str, Any]:
        await self.conversations.settle()
        self.documents.advance()
        now = self.clock.now()
        return {
            "now": iso(now),
            "conversations": [
                call.described()
                | {
                    "billed_seconds": call.billed_seconds(now),
                    "participants": len(call.present),
                    "shutdown_reason": call.shutdown_reason,
                    "test_mode": call.test_mode,
                    "deleted": call.deleted,
                    "transcript": call.transcript,
                    "responds": call.responds,
                    "tool_results": call.tool_results,
                }
                for call in self.conversations.records.values()
            ],
            "documents": [document.described() for document in self.documents.records.values()],
            "tools": [tool["name"] for tool in self.tools.records.values()],
            "guardrails": [each["guardrail_prompt"] for each in self.guardrails.records.values()],
            "webhooks": list(self.webhooks.sent),
            "faults": [fault.model_dump() for fault in self.faults],
        }

    async def state(self, _request: Request) -> Response:
        return JSONResponse(await self.snapshot())

    async def requests(self, _request: Request) -> Response:
        return JSONResponse(list(self.journal.requests))

    async def meter(self, _request: Request) -> Response:
        await self.conversations.settle()
        calls, meter, now = self.conversations.records.values(), self.conversations.meter, self.clock.now()
        keys = {call.key for call in calls}
        return JSONResponse(
            {
                "billed_seconds": sum(meter.used(calls, key, now) for key in keys),
                "active": sum(meter.running(calls, key) for key in keys),
                "concurrency": meter.concurrency,
                "credit_seconds": meter.credit_seconds,
            }
        )

    async def add_fault(self, request: Request) -> Response:
        try:
            self.faults.append(Fault.model_validate_json(await request.body()))
        except ValidationError as wrong:
            return Response(wrong.json(), status_code=422, media_type="application/json")
        return Response(status_code=204)

    async def clear_faults(self, _request: Request) -> Response:
        self.faults.clear()
        return Response(status_code=204)

    async def told_prevented(self, _request: Request) -> Response:
        return JSONResponse(self.prevented)

    async def push_clock(self, request: Request) -> Response:
        self.clock.advance(float((await request.json())["advance"]))
        return JSONResponse({"now": iso(self.clock.now())})

    async def reset(self, request: Request) -> Response:
        """Forgets calls, documents, tools, guardrails, requests, faults and pushes of the clock.

        PALs stay, for companies are configured with them, unless the body asks for `pals` as well.
        """
        if (await object_body(request)).get("pals"):
            self.conversations.pals.forget()
        for call in list(self.conversations.records.values()):
            await self.conversations.rooms.close(call.id)
        for forgotten in (
            self.conversations.records,
            self.documents.records,
            self.tools.records,
            self.tools.attached,
            self.guardrails.records,
        ):
            forgotten.clear()
        self.journal.requests.clear()
        self.faults.clear()
        self.prevented.clear()
        await self.webhooks.forget()
        self.clock.take_back()
        return Response(status_code=204)

    async def happen(self, request: Request) -> Response:
        """Something that happened in a call, as a verbose answer tells it; no webhook is sent."""
        wanted = await request.json()
        self.conversations.records[wanted["conversation_id"]].events.append(
            {
                "event_type": wanted["event_type"],
                "timestamp": iso(self.clock.now()),
                "properties": wanted.get("properties"),
            }
        )
        return Response(status_code=204)

    async def claim(self, request: Request) -> Response:
        """Sends a webhook about a call, whatever really happened to it."""
        wanted = await request.json()
        call = self.conversations.records[wanted["conversation_id"]]
        self.conversations.claim(call, wanted["event_type"], wanted.get("properties") or {})
        return Response(status_code=204)

    async def room_reports(self, request: Request) -> Response:
        """Who came and went, what was said and what arrived, in the envelope of Daily's webhooks."""
        report = await request.json()
        payload = report["payload"]
        call = self.conversations.by_room(payload["room"])
        if call is None or not call.active:
            return Response(status_code=204)
        match report["type"]:
            case "participant.joined":
                call.joined(payload["session_id"])
            case "participant.left":
                call.left(payload["session_id"], self.clock.now())
            case "transcript.entry":
                call.transcript.append(self._entry(payload, call.created))
            case "lookalike.respond":
                call.responds += 1
            case "lookalike.tool_result":
                call.tool_results.append({name: value for name, value in payload.items() if name != "room"})
        return Response(status_code=204)

    async def deliver(self, request: Request) -> Response:
        """The avatar wants a tool that has an address of its own."""
        wanted = await request.json()
        call = self.conversations.by_room(wanted["conversation_id"])
        tools = self.tools.carried_by(call.pal["pal_id"]) if call is not None else []
        for tool in tools:
            if tool["name"] == wanted["name"] and tool["delivery"].get("api"):
                return JSONResponse(await self.deliveries.call(tool, wanted))
        return JSONResponse({"output": "no such tool", "status": "error"})

    def _entry(self, payload: dict[str, Any], created: float) -> dict[str, Any]:
        now = self.clock.now()
        return {
            "role": payload["role"],
            "content": payload["content"],
            "timestamp": now,
            "seconds_from_start": round(now - created, 3),
            "duration": payload.get("duration"),
            "inference_id": payload.get("inference_id"),
        }
