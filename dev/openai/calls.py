"""The doors of realtime calls: creation by an SDP offer, client secrets, hang-up; and what became of them."""

import asyncio
import json
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.openai.doors import bearer, form_parts, json_body
from dev.openai.faults import Fault, Faults
from dev.openai.refusals import OpenAIError, wrong
from dev.openai.sessions import Session, effective

if TYPE_CHECKING:
    from dev.openai.call import Call

_SECRET_SECONDS = (10, 7200)
_USUAL_SECRET_SECONDS = 600


class Calls:
    """Every call since the last reset, the ended ones too."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.faults = Faults()
        self.all: dict[str, Call] = {}
        self._secrets: dict[str, tuple[float, dict[str, Any]]] = {}
        self._endings: set[asyncio.Task[None]] = set()

    def warm(self) -> None:
        """Loads what the first call needs: WebRTC, the published types, the recogniser."""
        from dev.openai import hearing
        from dev.openai.call import Call  # noqa: F401

        hearing.warm()

    def knows_secret(self, given: str) -> bool:
        """Raises: OpenAIError, when it has expired."""
        if given not in self._secrets:
            return False
        if self._secrets[given][0] < time.time():
            raise OpenAIError(401, "The client secret has expired.", code="invalid_api_key")
        return True

    async def create_secret(self, request: Request) -> Response:
        from openai.types.realtime.client_secret_create_params import ExpiresAfter

        from dev.openai.published import check

        body = await json_body(request)
        for name in body:
            if name not in ("expires_after", "session"):
                raise wrong(name, f"Unknown parameter: '{name}'.", "unknown_parameter")
        check(body.get("expires_after", {}), ExpiresAfter, "expires_after")
        lasts = body.get("expires_after", {}).get("seconds", _USUAL_SECRET_SECONDS)
        if not _SECRET_SECONDS[0] <= lasts <= _SECRET_SECONDS[1]:
            raise wrong("expires_after.seconds", "Expected an integer from 10 to 7200.", "invalid_value")
        given = body.get("session") or {}
        session = await asyncio.to_thread(effective, given, self.seconds)
        value, expires = f"ek_{secrets.token_hex(16)}", int(time.time()) + lasts
        self._secrets[value] = (expires, given)
        return JSONResponse({"value": value, "expires_at": expires, "session": session})

    async def create(self, request: Request) -> Response:
        if slow := self.faults.take("slow"):
            await asyncio.sleep(slow.seconds)
        if refusal := self.faults.refusal():
            raise refusal
        offer, given = await self._asked(request)
        limit = self.faults.take("session_seconds")
        seconds = limit.seconds if limit else self.seconds
        session = await asyncio.to_thread(effective, given, seconds)
        if not offer.startswith("v=0"):
            raise wrong("sdp", "Failed to parse the SDP offer.", "invalid_offer")
        call, answer = await self._connect(session, seconds, offer)
        self.all[call.id] = call
        headers = {"Location": f"/v1/realtime/calls/{call.id}"}
        return Response(answer, 201, headers, media_type="application/sdp")

    async def hang_up(self, request: Request) -> Response:
        call_id = request.path_params["call_id"]
        call = self.all.get(call_id)
        if call is None or call.state == "closed":
            raise OpenAIError(404, f"Call with id '{call_id}' not found.", code="call_id_not_found")
        await call.hang_up("hangup")
        return Response(status_code=200)

    async def told(self, _: Request) -> Response:
        return JSONResponse([_told(call) for call in self.all.values()])

    async def add_fault(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate(await json_body(request))
        except ValidationError as error:
            return JSONResponse({"problems": error.errors(include_url=False)}, 422)
        open_calls = [call for call in self.all.values() if call.state == "open"]
        if fault.kind == "drop_channel" and open_calls:
            for call in open_calls:
                call.line.drop_channel()
        else:
            self.faults.waiting.append(fault)
        return JSONResponse({"waiting": [waiting.kind for waiting in self.faults.waiting]})

    async def reset(self) -> None:
        self.faults.waiting.clear()
        await asyncio.gather(*(call.hang_up("reset") for call in self.all.values()), *self._endings)
        self.all.clear()

    async def _asked(self, request: Request) -> tuple[str, Any]:
        """The offer and the session of a creation."""
        kind, body = request.headers.get("content-type", ""), await request.body()
        if kind.startswith("application/sdp"):
            secret = self._secrets.get(bearer(request))
            if secret is None:
                raise wrong("session", "Missing required parameter: 'session'.", "missing_required_parameter")
            return body.decode("utf-8", "replace"), secret[1]
        if not kind.startswith("multipart/form-data"):
            message = f"Unsupported content type: '{kind}'. Send 'multipart/form-data' or 'application/sdp'."
            raise OpenAIError(400, message, code="unsupported_content_type")
        parts = form_parts(body, kind)
        for name in ("sdp", "session"):
            if name not in parts:
                raise wrong(name, f"Missing required parameter: '{name}'.", "missing_required_parameter")
        try:
            return parts["sdp"], json.loads(parts["session"])
        except ValueError:
            raise wrong("session", "We could not parse the JSON of 'session'.", "invalid_json") from None

    async def _connect(self, session: Session, seconds: float, offer: str) -> "tuple[Call, str]":
        from dev.openai.call import Call

        def lost() -> None:
            closing = asyncio.create_task(call.line.close())
            self._endings.add(closing)
            closing.add_done_callback(self._endings.discard)

        call = Call(session, seconds, self.faults, lost)
        try:
            return call, await call.line.answer(offer)
        except Exception as unusable:
            # aiortc stumbles over a broken line in many ways, and mostly not by its own errors.
            with suppress(Exception):  # nor does it take back well what was half made
                await call.line.close()
            raise wrong("sdp", "Failed to parse the SDP offer.", "invalid_offer") from unusable


def _told(call: "Call") -> dict[str, Any]:
    said = [event["response"] for who, event in call.events if who == "server" and event["type"] == "response.done"]
    return {
        "id": call.id,
        "state": call.state,
        "reason": call.reason,
        "session": call.session,
        "microphone_frames": call.line.microphone_frames,
        "heard": list(call.conversation.heard.values()),
        "said": [
            part.get("transcript") or part.get("text") or ""
            for item in call.conversation.items
            if item.get("role") == "assistant"
            for part in item["content"]
        ],
        "tool_calls": [
            {"name": item["name"], "arguments": item["arguments"], "call_id": item["call_id"]}
            for item in call.conversation.items
            if item["type"] == "function_call"
        ],
        "items": call.conversation.items,
        "responses": [{"id": response["id"], "status": response["status"]} for response in said],
        "events": [{"from": who, "type": event.get("type")} for who, event in call.events],
        "received": [event for who, event in call.events if who == "client"],
    }
