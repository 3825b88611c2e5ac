"""A visitor's way in, walked once: profile, session, relay, search, goodbye. It stores an empty conversation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from aisdr.company import Company
from aisdr.services import Services
from scripts.doctor.finding import Broken, Finding, look, skip

PATIENCE_SECONDS = 15.0
QUESTION = "What do you offer?"
API = "see that the stack Api is deployed and that AISDR_PUBLIC_URL leads to it; the functions' log names the rest"
RELAY = (
    "check AISDR_WEBSOCKET_URL, proxies between here and there, and the relay's log; text goes on over HTTP meanwhile"
)


@dataclass
class Walk:
    """What the steps hand on to each other."""

    services: Services
    company: Company
    client: httpx.Client
    grant: dict[str, Any]


def walk(services: Services, company: Company) -> Iterator[Finding]:
    """Through the addresses that visitors use."""
    origin = services.settings.public_url
    with httpx.Client(base_url=origin, timeout=PATIENCE_SECONDS, headers={"Origin": origin}) as client:
        way = Walk(services, company, client, {})
        yield look("HTTP API", lambda: _profile(way), API)
        opened = look("session", lambda: _open(way), API)
        yield opened
        if opened.state != "ok":
            yield skip("relay, search", "there is no session")
            return
        yield look("relay", lambda: _relay(way), RELAY)
        yield look("search", lambda: _search(way), API)
        yield look("goodbye", lambda: _leave(way), API)


def _profile(way: Walk) -> str:
    path = f"/api/widget/{way.company.slug}"
    answer = way.client.get(path)
    _expect(answer, 200)
    return f"GET {path}"


def _open(way: Walk) -> str:
    answer = way.client.post("/api/session", json={"companyId": way.company.company_id})
    _expect(answer, 200)
    way.grant.update(answer.json())
    return "opened, in text"


def _relay(way: Walk) -> str:
    """What a browser does: the ticket as a second subprotocol, a greeting, and the answer to it."""
    protocols = [Subprotocol("aisdr"), Subprotocol(way.grant["ticket"])]
    try:
        with connect(
            way.grant["websocketUrl"],
            subprotocols=protocols,
            origin=way.services.settings.public_url,  # type: ignore[arg-type]
            open_timeout=PATIENCE_SECONDS,
        ) as socket:
            socket.send(json.dumps({"action": "hello"}))
            answer = json.loads(socket.recv(PATIENCE_SECONDS))
    except InvalidStatus as error:
        status = error.response.status_code
        raise Broken(f"WebSocket connection error: $connect answered {status}", RELAY) from error
    except (OSError, TimeoutError) as error:
        raise Broken(f"WebSocket connection error: {type(error).__name__}", RELAY) from error
    if answer.get("type") != "ready":
        raise Broken(f"WebSocket connection error: '{answer.get('type')}' came instead of 'ready'", RELAY)
    return "opened by its ticket, and answers"


def _search(way: Walk) -> str:
    body = {"companyId": way.company.company_id, "query": QUESTION}
    answer = way.client.post("/api/search", json=body, headers=_token(way))
    _expect(answer, 200)
    found = answer.json()
    if found["degraded"]:
        late = ", ".join(f"{leg['name']} {leg['status']}" for leg in found["legs"] if leg["status"] != "ok")
        raise Broken(f"degraded: {late or 'a part was late'}", "`search leg failed` in the log of the function search")
    return f"{len(found['hits'])} hits"


def _leave(way: Walk) -> str:
    _expect(way.client.delete(f"/api/session/{way.grant['sessionId']}", headers=_token(way)), 204)
    return "the session is ended"


def _token(way: Walk) -> dict[str, str]:
    return {"Authorization": f"Bearer {way.grant['token']}"}


def _expect(answer: httpx.Response, status: int) -> None:
    if answer.status_code == status:
        return
    try:
        error = answer.json()["error"]
        told = f"{error['message']} (requestId {error['requestId']})"
    except (ValueError, KeyError, TypeError):
        told = f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}"
    raise Broken(told, API)
