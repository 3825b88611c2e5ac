"""Visitors as protocols: what a browser would ask, forward, lose and ask for again, and what it was promised."""

import asyncio
import itertools
import json
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from benchmarks.soak.line import PATIENCE, Line, LineLost
from benchmarks.soak.stack import CANARIES, PRICES, Stack

OFFER = (Path(__file__).parents[2] / "tests" / "data" / "voice-offer.sdp").read_bytes().decode()
VISITORS_WORD = "zirconplover"
"""A word in everything that visitors say, which no log may hold."""
TRIES = 12
Mode = Literal["text", "tts", "voice", "video"]
MODES: tuple[Mode, ...] = ("text", "tts", "voice", "video")


@dataclass
class Promised:
    """What one conversation was told: an answer that it got, a spoken turn that the relay said it had received."""

    company_id: str
    session_id: str
    asked: dict[str, str] = field(default_factory=dict)
    """Question by its id, whether answered or not."""
    answered: dict[str, str] = field(default_factory=dict)
    """Answer by the id of its question."""
    spoken: list[str] = field(default_factory=list)
    heard: bool = False
    """The relay has said that it has received all that was spoken."""


@dataclass
class Told:
    """What all visitors saw together."""

    promised: list[Promised] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    bare: int = 0
    """Answers of 5xx that are not in our words: a function died."""
    without_fact: int = 0
    """Answers to a question about a price that do not hold it: nothing was found in time."""
    foreign: list[str] = field(default_factory=list)
    """Names of companies whose visitors were told another one's secret."""
    broken: list[str] = field(default_factory=list)
    """Visits that did not come to their end."""
    tokens: set[str] = field(default_factory=set)
    reconnects: int = 0


class Visitor:
    """One seat: a person comes, talks in some mode, leaves well or not, and the next one takes it."""

    def __init__(self, stack: Stack, told: Told, number: int, seed: int, *, leaves_calls: bool) -> None:
        self._stack = stack
        self._told = told
        self._number = number
        self._chance = random.Random(f"{seed}-{number}")  # noqa: S311 - the same visitors for the same seed
        self._leaves_calls = leaves_calls
        self._count = itertools.count(1)

    async def stay(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            mode = self._chance.choice(MODES)
            company = self._chance.choice(list(self._stack.companies))
            self._told.visits[mode] += 1
            # A network of their own: so many calls do not come from one.
            address = f"127.0.{self._chance.randrange(1, 255)}.{self._chance.randrange(1, 255)}"
            transport = httpx.AsyncHTTPTransport(local_address=address)
            async with httpx.AsyncClient(base_url=self._stack.url, transport=transport, timeout=35) as browser:
                visit = Visit(self._stack, self._told, browser, company, self._chance, self._word)
                try:
                    await visit.live(mode, leaves=self._leaves_calls and self._chance.random() < 0.3)
                except (LineLost, TimeoutError, httpx.HTTPError, VisitFailed) as problem:
                    self._told.broken.append(f"{mode} at {company}: {type(problem).__name__}: {problem}")
                finally:
                    await visit.close()

    def _word(self) -> str:
        return f"{VISITORS_WORD} {self._number}x{next(self._count)}"


class VisitFailed(Exception):
    """A door did not do what it promises."""


class Visit:
    """One conversation of one visitor."""

    def __init__(
        self,
        stack: Stack,
        told: Told,
        browser: httpx.AsyncClient,
        company_id: str,
        chance: random.Random,
        word: Callable[[], str],
    ) -> None:
        self._stack, self._told, self._browser = stack, told, browser
        self._company = stack.companies[company_id]
        self._origin = self._company.website_url
        self._chance, self._word = chance, word
        self._token = ""
        self._promised = Promised(company_id, "")
        self._in_call = False
        self._line = Line(self._origin, self._renew, chance)

    async def live(self, mode: Mode, *, leaves: bool) -> None:
        """Raises: VisitFailed, LineLost, TimeoutError, httpx.HTTPError."""
        grant = await self._open(mode if mode == "tts" else "text")
        self._promised.session_id = grant["sessionId"]
        self._told.promised.append(self._promised)
        await self._line.open(grant["websocketUrl"], grant["ticket"])
        await self._ask(mode)
        if mode in ("voice", "video"):
            await self._call(mode, leaves=leaves)
        for _ in range(self._chance.randrange(1, 3)):
            if self._chance.random() < 0.3:
                await self._line.cut()
            await self._ask(mode)
        if self._chance.random() < 0.5:
            await self._delete(f"/api/session/{self._promised.session_id}")

    async def close(self) -> None:
        await self._line.close()
        self._told.reconnects += self._line.reconnects
        self._look(json.dumps(list(self._line.view.values()), ensure_ascii=False))

    async def _ask(self, mode: Mode) -> None:
        identifier = f"q{uuid.UUID(int=self._chance.getrandbits(128))}"
        price = self._chance.random() < 0.5
        about = "What does the Growth plan cost a month?" if price else "When does support answer?"
        question = f"{about} ({self._word()})"
        self._promised.asked[identifier] = question
        done = await self._line.ask(identifier, question, "tts" if mode == "tts" else "text")
        text = done["answer"]["text"]
        self._promised.answered[identifier] = text
        if price and PRICES[self._company.company_id] not in text and CANARIES[self._company.company_id] not in text:
            self._told.without_fact += 1
        if mode == "tts":
            body = {"text": text, "language": "en"}
            await self._request("POST", "/api/speech", json=body, accept=(429, 502, 503))

    async def _call(self, mode: Mode, *, leaves: bool) -> None:
        wish: dict[str, Any] = {
            "companyId": self._company.company_id,
            "mode": mode,
            "resume": self._token,
            "consent": {"version": self._company.consent.version},
        }
        if mode == "voice":
            wish["sdpOffer"] = OFFER
        key = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        headers = {"Idempotency-Key": key}
        refusals = (400, 402, 409, 429, 502, 503, 504)
        answer = await self._request("POST", "/api/session", json=wish, headers=headers, accept=refusals)
        if answer.status_code != 200:
            self._told.visits[f"{mode}, stepped down to text"] += 1
            return
        grant = self._granted(answer)
        self._in_call = True
        call = grant[mode]["conversationId" if mode == "video" else "callId"]
        if mode == "video":
            await self._room(call, "participant.joined")
        await self._line.close()
        await self._line.open(grant["websocketUrl"], grant["ticket"])
        for turn in range(self._chance.randrange(3, 8)):
            if self._chance.random() < 0.1:
                await self._line.cut()
            elif self._chance.random() < 0.1:
                await self._line.reopen()
            await self._speak(mode, call, turn)
            await asyncio.sleep(self._chance.uniform(0, 0.3))
        await self._tool(mode, call)
        self._promised.heard = await self._line.settle()
        if leaves:
            if mode == "video":
                await self._room(call, "participant.left")
            self._told.visits[f"{mode}, left without a word"] += 1
        else:
            await self._delete(f"/api/session/{self._promised.session_id}?call=only")
        self._in_call = False

    async def _speak(self, mode: Mode, call: str, turn: int) -> None:
        text = f"I would like to know more. {self._word()}"
        self._promised.spoken.append(text)
        item = f"i{turn}"
        if mode == "voice":
            kind = "conversation.item.input_audio_transcription.completed"
            await self._line.bring({"type": kind, "item_id": item, "transcript": text})
        else:
            identity = {"turn_idx": turn, "inference_id": item}
            properties = {"role": "user", "speech": text}
            await self._line.bring(_in_room("conversation.utterance", call, properties) | identity)

    async def _tool(self, mode: Mode, call: str) -> None:
        """A search in the call, whose result has to come back into it."""
        name, arguments = "search_knowledge", json.dumps({"query": "What does the Growth plan cost?"})
        identifier = f"call_{self._chance.getrandbits(64):x}"
        if mode == "voice":
            output = [{"type": "function_call", "call_id": identifier, "name": name, "arguments": arguments}]
            response = {"id": identifier, "status": "completed", "output": output}
            await self._line.bring({"type": "response.done", "response": response})
        else:
            properties = {"name": name, "arguments": arguments, "tool_call_id": identifier}
            await self._line.bring(_in_room("conversation.tool_call", call, properties))

        def came() -> bool:
            return any(f["type"] == "send" and identifier in json.dumps(f) for f in self._line.view.values())

        for _ in range(3):
            if await self._line.wait_for(came, PATIENCE / 3):
                return
            await self._line.reopen()  # a function may have died with it, and nobody may have said so
        raise VisitFailed(f"no result of a tool call in {mode}")

    async def _open(self, mode: Mode) -> dict[str, Any]:
        body = {"companyId": self._company.company_id, "mode": mode}
        return self._granted(await self._request("POST", "/api/session", json=body))

    async def _renew(self) -> tuple[str, str]:
        which = "" if self._in_call else "?call=none"
        answer = await self._request("POST", f"/api/session/{self._promised.session_id}/renew{which}")
        grant = self._granted(answer)
        return grant["websocketUrl"], grant["ticket"]

    async def _delete(self, path: str) -> None:
        await self._request("DELETE", path)

    def _granted(self, answer: httpx.Response) -> dict[str, Any]:
        grant: dict[str, Any] = answer.json()
        self._token = grant["token"]
        self._told.tokens |= {grant["token"], grant["ticket"]}
        return grant

    async def _room(self, call: str, kind: str) -> None:
        """What the room tells Tavus of its people."""
        async with httpx.AsyncClient(timeout=10) as room:
            payload = {"room": call, "session_id": "a-visitor"}
            await room.post(self._stack.tavus("daily"), json={"type": kind, "payload": payload})

    async def _request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> httpx.Response:
        """Asks again as a browser does, with the same key. Raises: VisitFailed, when it is refused all the same."""
        sent = {"Origin": self._origin} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        said = ""
        for attempt in range(TRIES):
            try:
                answer = await self._browser.request(method, path, json=json, headers=sent | (headers or {}))
            except httpx.TransportError as problem:
                said = type(problem).__name__
                await asyncio.sleep(self._chance.uniform(0, min(4.0, 0.2 * 2**attempt)))
                continue
            code = _code(answer)
            if answer.status_code >= 400:
                door = path.split("?")[0].replace(self._promised.session_id or "-", "{id}")
                self._told.statuses[f"{method} {door} {answer.status_code} {code or 'bare'}"] += 1
            if answer.status_code >= 500 and code is None:
                self._told.bare += 1
            elif answer.status_code < 400 or answer.status_code in accept:
                if "application/json" in answer.headers.get("content-type", ""):
                    self._look(answer.text)
                return answer
            elif answer.status_code not in (429, 503):
                raise VisitFailed(f"{method} {path.split('/')[2]}: {answer.status_code} {code}")
            said = f"{answer.status_code} {code}"
            await asyncio.sleep(self._chance.uniform(0, min(4.0, 0.2 * 2**attempt)))
        raise VisitFailed(f"{method} {path.split('/')[2]}: {said}, {TRIES} times")

    def _look(self, text: str) -> None:
        others = (canary for company, canary in CANARIES.items() if company != self._company.company_id)
        if any(canary in text for canary in others):
            self._told.foreign.append(self._company.company_id)


def _in_room(kind: str, call: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"message_type": "conversation", "event_type": kind, "conversation_id": call, "properties": properties}


def _code(answer: httpx.Response) -> str | None:
    """The code of an error in our words."""
    try:
        code = answer.json()["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, str) else None
