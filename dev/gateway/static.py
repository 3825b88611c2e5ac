"""The pages and files around the API: start page, hosted widget page, the widget's own scripts."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

ROOT = Path(__file__).resolve().parents[2]
START_PAGE = ROOT / "dev" / "page.html"
HOSTED_PAGE = ROOT / "widget" / "hosted.html"
TYPES = {".js": "text/javascript", ".css": "text/css", ".map": "application/json"}
SCRIPT_HEADERS = {
    "access-control-allow-origin": "*",  # a module is fetched with CORS, and the widget lives on other people's pages
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}


class Site:
    """Everything a browser can open that is not the API."""

    def __init__(
        self,
        companies: Callable[[], list[dict[str, Any]]],
        *,
        scripts: Path,
        room_sdk: Path | None,
        links: Mapping[str, str],
    ) -> None:
        self.companies = companies
        self.scripts = scripts
        self.room_sdk = room_sdk
        self.links = links

    async def start(self, request: Request) -> Response:
        facts = {
            "companies": await run_in_threadpool(self.companies),
            "links": [{"name": name, "address": address} for name, address in self.links.items()],
        }
        page = START_PAGE.read_text("utf-8")
        return HTMLResponse(page.replace("{{facts}}", json.dumps(facts).replace("<", "\\u003c")))

    async def hosted(self, request: Request) -> Response:
        """One file for every company; its script asks for the profile, as it does on AWS."""
        return FileResponse(HOSTED_PAGE, headers={"cache-control": "no-cache"})

    async def embed(self, request: Request) -> Response:
        return self._script("embed.js")

    async def script(self, request: Request) -> Response:
        return self._script(f"{request.path_params['file']}.{request.path_params['kind']}")

    def _script(self, name: str) -> Response:
        if name == "daily.js" and self.room_sdk is not None:
            return _file(self.room_sdk)
        path = (self.scripts / name).resolve()
        if path.is_relative_to(self.scripts.resolve()) and path.suffix in TYPES and path.is_file():
            return _file(path)
        if not self.scripts.is_dir():
            return PlainTextResponse("The widget is not built yet: run `make setup`.", status_code=404)
        return PlainTextResponse("There is no such file.", status_code=404, headers=SCRIPT_HEADERS)


def _file(path: Path) -> Response:
    return FileResponse(path, media_type=TYPES[path.suffix], headers=SCRIPT_HEADERS)
