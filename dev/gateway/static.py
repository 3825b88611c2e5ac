"""The pages and files around the API: start page, playground, hosted widget page, the widget's own scripts."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response

from dev.gateway.states import states_of

ROOT = Path(__file__).resolve().parents[2]
START_PAGE = ROOT / "dev" / "page.html"
PLAYGROUND = ROOT / "dev" / "playground.html"
HOSTED_PAGE = ROOT / "widget" / "hosted.html"
MANIFEST = "manifest.json"
TYPES = {".js": "text/javascript", ".json": "application/json"}
SCRIPT_HEADERS = {
    "access-control-allow-origin": "*",  # a module is fetched with CORS, and the widget lives on other people's pages
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Site:
    """Everything a browser can open that is not the API."""

    def __init__(
        self,
        companies: Callable[[], list[dict[str, Any]]],
        *,
        scripts: Path,
        links: Mapping[str, str],
        look_alikes: Mapping[str, str],
    ) -> None:
        self.companies = companies
        self.scripts = scripts
        self.links = links
        self.look_alikes = look_alikes

    async def start(self, request: Request) -> Response:
        return await self._with_facts(START_PAGE)

    async def playground(self, request: Request) -> Response:
        """Every option, verb and event of the widget, to be tried."""
        return await self._with_facts(PLAYGROUND)

    async def states(self, request: Request) -> Response:
        return JSONResponse(await states_of(self.look_alikes))

    async def _with_facts(self, page: Path) -> Response:
        facts = {
            "companies": await run_in_threadpool(self.companies),
            "links": [{"name": name, "address": address} for name, address in self.links.items()],
        }
        return HTMLResponse(_filled_in(page, facts))

    async def hosted(self, request: Request) -> Response:
        """One file for every company; its script asks for the profile, as it does on AWS."""
        return FileResponse(HOSTED_PAGE, headers={"cache-control": "no-cache"})

    async def embed(self, request: Request) -> Response:
        return self._script("embed.js")

    async def script(self, request: Request) -> Response:
        return self._script(f"{request.path_params['file']}.{request.path_params['kind']}")

    def _script(self, name: str) -> Response:
        """What the build's manifest lists, and the manifest itself."""
        manifest = self.scripts / MANIFEST
        if not manifest.is_file():
            return PlainTextResponse("The widget is not built yet: run `make setup`.", status_code=404)
        listed: dict[str, Any] = json.loads(manifest.read_text("utf-8"))["files"]
        if name != MANIFEST and name not in listed:
            return PlainTextResponse("There is no such file.", status_code=404, headers=SCRIPT_HEADERS)
        kept = FOR_EVER if listed.get(name, {}).get("immutable") else ASK_AGAIN
        path = self.scripts / name
        return FileResponse(path, media_type=TYPES[path.suffix], headers=SCRIPT_HEADERS | {"cache-control": kept})


def _filled_in(page: Path, facts: dict[str, Any]) -> str:
    """Facts are data to the page: no company's name can end the element that holds them."""
    return page.read_text("utf-8").replace("{{facts}}", json.dumps(facts).replace("<", "\\u003c"))
