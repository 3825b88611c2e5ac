"""The smoke test: passes what works, and names what does not."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dev.serve import serving
from infra.deploy.smoke import NotServed, smoke

VERSION = "1.2.3"
PAGE = {"content-security-policy": "default-src 'none'", "strict-transport-security": "max-age=1"}
SCRIPT = {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}
NOBODY = {"error": {"code": "company_not_found", "message": "", "requestId": ""}}
WORKS: dict[str, Response] = {
    "/embed.js": Response("//", media_type="text/javascript", headers=SCRIPT),
    "/widget/manifest.json": JSONResponse({"version": VERSION}),
    "/widget/{slug}": Response("<!doctype html>", media_type="text/html", headers=PAGE),
    "/api/widget/{slug}": JSONResponse(NOBODY, status_code=404),
    "/media/{path:path}": Response(status_code=403),
}


@contextmanager
def deployed(broken: Mapping[str, Response] | None = None, relay: int = 401) -> Iterator[str]:
    """What a deployment answers, but for the paths that are `broken`."""

    def answering(response: Response) -> Any:
        async def answer(request: Request) -> Response:
            return response

        return answer

    async def refuse(socket: WebSocket) -> None:
        if relay == 101:
            await socket.accept()
        else:
            await socket.send_denial_response(Response(status_code=relay))

    routes = [Route(path, answering(response)) for path, response in (WORKS | dict(broken or {})).items()]
    with serving(Starlette(routes=[*routes, WebSocketRoute("/ws", refuse)])) as url:
        yield url


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text(json.dumps({"version": VERSION, "files": {}}))
    return tmp_path


def test_a_deployment_that_works_is_told_so_part_by_part(dist: Path) -> None:
    with deployed() as url:
        told = list(smoke(url, dist=dist, patience=0))

    assert len(told) == 6
    assert any(VERSION in line for line in told)


@pytest.mark.parametrize(
    ("path", "answer", "named"),
    [
        ("/embed.js", Response(status_code=404), r"script.*404"),
        ("/embed.js", Response("//", media_type="text/plain", headers=SCRIPT), "content-type is 'text/plain"),
        ("/embed.js", Response("//", media_type="text/javascript"), "cache-control"),
        ("/widget/manifest.json", JSONResponse({"version": "1.2.2"}), r"version 1\.2\.2 is served"),
        ("/widget/{slug}", Response("", media_type="text/html"), "content-security-policy"),
        ("/api/widget/{slug}", JSONResponse({"message": "Not Found"}, status_code=404), "HTTP API"),
        (
            "/api/widget/{slug}",
            JSONResponse({"error": {"code": "not_at_the_edge"}}, status_code=403),
            "not_at_the_edge",
        ),
        ("/api/widget/{slug}", Response(status_code=502), "502"),
        ("/media/{path:path}", Response("", status_code=200), r"media.*200"),
    ],
)
def test_what_does_not_work_is_named(dist: Path, path: str, answer: Response, named: str) -> None:
    with deployed({path: answer}) as url, pytest.raises(NotServed, match=named):
        list(smoke(url, dist=dist, patience=0))


@pytest.mark.parametrize("status", [101, 404, 502])
def test_a_relay_that_is_away_or_lets_everybody_in_is_named(dist: Path, status: int) -> None:
    with deployed(relay=status) as url, pytest.raises(NotServed, match="relay"):
        list(smoke(url, dist=dist, patience=0))


def test_nobody_there_is_told_and_not_raised(dist: Path) -> None:
    with pytest.raises(NotServed, match="script"):
        list(smoke("http://127.0.0.1:9", dist=dist, patience=0))
