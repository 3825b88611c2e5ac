"""The pages and files around the API: start page, hosted widget page, the widget's own scripts."""

import json
import logging
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from dev.gateway.http_api import HttpApi
from dev.gateway.http_event import Incoming

logger = logging.getLogger("gateway")

HERE = Path(__file__).parent
START_PAGE = HERE.parent / "page.html"
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
        api: HttpApi,
        companies: Callable[[], list[dict[str, Any]]],
        *,
        scripts: Path,
        room_sdk: Path | None,
        links: Mapping[str, str],
    ) -> None:
        self.api = api
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
        """The page asks the public profile as a browser would; what the function refuses is not shown."""
        slug = request.path_params["slug"]
        host = request.headers.get("host", "localhost")
        answer = await self.api.answer(Incoming("GET", f"/api/widget/{slug}", headers=[("host", host)]))
        if answer.status_code == 404:
            return HTMLResponse(_page("missing.html", slug=slug), status_code=404)
        if answer.status_code != 200:
            logger.error("GET /api/widget/%s answered %d", slug, answer.status_code)
            return HTMLResponse(_page("broken.html", slug=slug), status_code=502)
        return HTMLResponse(hosted_page(slug, json.loads(bytes(answer.body))))

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


def hosted_page(slug: str, profile: dict[str, Any]) -> str:
    website = profile.get("websiteUrl") or ""
    starters = "".join(
        f'<li><button type="button" data-ask="{escape(starter)}">{escape(starter)}</button></li>'
        for starter in profile.get("starters") or []
    )
    return Template((HERE / "hosted.html").read_text("utf-8")).substitute(
        slug=escape(slug),
        name=escape(profile["displayName"]),
        description=escape(profile.get("shortDescription") or ""),
        accent=escape((profile.get("branding") or {}).get("accent") or "#3d5afe"),
        website=_link(website),
        sample='<p class="sample">Sample company: its content is made up to show the product.</p>'
        if profile.get("sample")
        else "",
        starters=f"<h2>People ask</h2><ul>{starters}</ul>" if starters else "",
    )


def _link(website: str) -> str:
    if not website.startswith(("https://", "http://")):
        return ""
    shown = website.partition("://")[2].rstrip("/")
    return f'<a class="website" href="{escape(website)}" rel="noopener">{escape(shown)}</a>'


def _page(name: str, **values: str) -> str:
    page = Template((HERE / name).read_text("utf-8"))
    return page.substitute({key: escape(value) for key, value in values.items()})


def _file(path: Path) -> Response:
    return FileResponse(path, media_type=TYPES[path.suffix], headers=SCRIPT_HEADERS)
