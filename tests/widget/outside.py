"""The product behind the widget in a few lines: the built files, one answer, a relay; every request is written down.

A website stands at another address, as websites do. What the real functions say is tested in the walks.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dev.serve import serving

DIST = Path(__file__).parents[2] / "widget" / "dist"
ANSWER = {
    "text": "From $49 a month [1].",
    "citations": [
        {
            "number": 1,
            "title": "Pricing",
            "label": "p. 2",
            "url": "/media/p.pdf",
            "modality": "text",
            "snippet": "",
            "chunkId": "c",
        }
    ],
    "shown": [],
    "actions": [],
    "grounded": True,
}
PROFILE: dict[str, Any] = {
    "companyId": "acme",
    "slug": "acme",
    "displayName": "Acme",
    "shortDescription": "",
    "websiteUrl": "https://acme.example",
    "modes": ["text", "tts", "voice", "video"],
    "branding": {
        "accent": "#0b7a4b",
        "radius": 20,
        "font": None,
        "logoUrl": None,
        "position": "right",
        "theme": "light",
    },
    "greeting": "Hello!",
    "starters": [],
    "languages": ["en"],
    "disclosure": "You are talking with an AI.",
    "consent": {"version": "1", "text": "Agreed?", "privacyUrl": None},
    "linkHosts": ["acme.example"],
    "linkPages": [],
    "mediaHosts": [],
    "sample": False,
}


def build() -> dict[str, dict[str, Any]]:
    """The files of the build, as its manifest lists them."""
    files: dict[str, dict[str, Any]] = json.loads((DIST / "manifest.json").read_text("utf-8"))["files"]
    return files


def sealed(stem: str) -> str:
    """`panel` → `panel-0123456789.js`."""
    return next(name for name, file in build().items() if file["immutable"] and name.startswith(f"{stem}-"))


@dataclass
class Product:
    """Where the widget and its API are served. `tampered` names files whose content somebody has changed on the way."""

    url: str = ""
    seen: list[tuple[str, Any]] = field(default_factory=list)
    sockets: int = 0
    branding: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    tampered: str = ""

    def asked(self, path: str) -> list[Any]:
        """The bodies of the requests to one door."""
        return [body for name, body in self.seen if name == path]

    def paths(self) -> list[str]:
        return [name for name, _ in self.seen]

    def tag(self, options: str = 'data-company="acme"', *, pinned: bool = False) -> str:
        if not pinned:
            return f'<script async src="{self.url}/embed.js" {options}></script>'
        name = sealed("embed")
        integrity = f'integrity="{build()[name]["integrity"]}" crossorigin="anonymous"'
        return f'<script async src="{self.url}/widget/{name}" {integrity} {options}></script>'

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/embed.js", self._file),
                Route("/widget/{name}", self._file),
                WebSocketRoute("/ws", self._relay),
                Route("/{path:path}", self._api, methods=["GET", "POST", "DELETE"]),
            ],
            middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])],
        )

    async def _file(self, request: Request) -> Response:
        name = request.path_params.get("name", "embed.js")
        self.seen.append((request.url.path, None))
        if name not in build():
            return Response(status_code=404)
        text = (DIST / name).read_text("utf-8")
        if self.tampered and name.startswith(self.tampered):
            text += ";document.documentElement.dataset.stolen = 'yes';"
        return Response(text, media_type="text/javascript")

    async def _api(self, request: Request) -> Response:
        body = await request.body()
        path = request.url.path
        self.seen.append((path, json.loads(body) if body else None))
        if path.startswith("/api/widget/"):
            slug = path.rpartition("/")[2]
            if slug == "nobody":
                error = {"code": "company_not_found", "message": "There is no company 'nobody'", "requestId": "r"}
                return JSONResponse({"error": error}, 404)
            branding = PROFILE["branding"] | self.branding
            named = {"slug": slug, "displayName": slug.title(), "branding": branding}
            return JSONResponse(PROFILE | named | self.profile)
        if path == "/api/answer":
            return JSONResponse(ANSWER)
        if path == "/api/tavus/session":
            room = {"conversationId": "c-1", "conversationUrl": "https://tavus.daily.co/c-1", "meetingToken": "meeting"}
            return JSONResponse(self._grant() | room | {"replicaId": "r-1", "maxSeconds": 600, "secondsLeft": 600})
        if path == "/api/session" or path.endswith("/renew"):
            return JSONResponse(self._grant())
        return Response(status_code=204)

    def _grant(self) -> dict[str, Any]:
        return {
            "sessionId": "s-1",
            "token": "token",
            "ticket": "ticket",
            "websocketUrl": f"{self.url.replace('http', 'ws')}/ws",
            "expiresAt": int(time.time()) + 900,
            "mode": "text",
            "modes": ["text"],
            "video": None,
            "voice": None,
        }

    async def _relay(self, socket: WebSocket) -> None:
        await socket.accept("aisdr")
        self.sockets += 1
        try:
            while True:
                frame = await socket.receive_json()
                if frame["action"] in ("hello", "resume"):
                    await socket.send_json({"type": "ready", "received": 0, "seq": 0})
                elif frame["action"] == "ask":
                    number = int(time.time() * 1e6)
                    await socket.send_json({"type": "done", "seq": number, "id": frame["id"], "answer": ANSWER})
        except WebSocketDisconnect:
            pass
        finally:
            self.sockets -= 1


@dataclass
class Website:
    """Somebody's website. `pages` holds what its paths answer; `headers` go with every page."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def page(self, body: str, path: str = "/", *, head: str = "", attributes: str = "") -> str:
        """Puts a page up and returns its address."""
        self.pages[path] = (
            f'<!doctype html><html lang="en" {attributes}><head><meta charset="utf-8"><title>Shop</title>'
            f'<link rel="icon" href="/icon">{head}</head><body>{body}</body></html>'
        )
        return f"{self.url}{path}"

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._page)])

    async def _page(self, request: Request) -> Response:
        path = request.url.path
        found = next((text for known, text in self.pages.items() if path == known), None)
        if found is None:
            return Response(status_code=404)
        if path.endswith(".js"):
            return Response(found, media_type="text/javascript")
        return HTMLResponse(found, headers=self.headers)


Place = TypeVar("Place", Product, Website)


@contextmanager
def running(place: Place) -> Iterator[Place]:
    with serving(place.app()) as url:
        place.url = url
        yield place
