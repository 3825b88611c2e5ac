"""The gateway shows what CloudFront shows on AWS: the start page, the hosted page and the scripts."""

import json
import socket
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dev.gateway.app import Options
from dev.gateway.static import HOSTED_PAGE
from dev.serve import serving
from tests.dev.scene import Scene


def test_the_start_page_lists_the_companies_as_data(scene: Scene) -> None:
    company = {"slug": "acme", "displayName": "</script><b>Acme", "shortDescription": "Anvils.", "sample": True}
    options = Options(companies=lambda: [company], links={"Video calls": "http://127.0.0.1:4701/"})

    page = httpx.get(scene.open(options)).text

    facts = page.partition('id="facts">')[2].partition("</script>")[0]
    assert json.loads(facts)["companies"] == [company]
    assert json.loads(facts)["links"] == [{"name": "Video calls", "address": "http://127.0.0.1:4701/"}]


def test_the_hosted_page_is_one_file_for_every_company(scene: Scene) -> None:
    base = scene.open()

    acme, nobody = httpx.get(f"{base}/widget/acme"), httpx.get(f"{base}/widget/nobody")

    assert acme.status_code == 200
    assert acme.headers["content-type"].startswith("text/html")
    assert acme.content == nobody.content == HOSTED_PAGE.read_bytes()


def test_the_start_page_tells_which_look_alikes_are_up_and_what_their_accounts_say(scene: Scene) -> None:
    async def meter(_: Request) -> JSONResponse:
        return JSONResponse({"billed_seconds": 36, "credit_seconds": 6000, "active": 1, "concurrency": 3})

    with serving(Starlette(routes=[Route("/_lookalike/meter", meter)])) as tavus:
        base = scene.open(Options(look_alikes={"tavus": tavus, "openai": "http://127.0.0.1:9"}))
        states = {state["name"]: state for state in httpx.get(f"{base}/look-alikes").json()}

    assert (states["tavus"]["up"], states["tavus"]["account"]) == (True, "36 of 6000 s billed, 1 of 3 calls running")
    assert (states["openai"]["up"], states["openai"]["account"]) == (False, "")
    assert (states["speech"]["address"], states["speech"]["up"]) == (None, None)


def test_the_playground_knows_the_companies(scene: Scene) -> None:
    page = httpx.get(f"{scene.open(Options(companies=lambda: [{'slug': 'acme'}]))}/playground").text

    assert '"slug": "acme"' in page
    assert '<script src="/embed.js"></script>' in page


def a_build(folder: Path) -> Path:
    """As widget/build.mjs leaves it."""
    dist = folder / "dist"
    dist.mkdir()
    for name in ("embed.js", "panel-4f.js", "forgotten.js"):
        (dist / name).write_text(name)
    listed = {
        "embed.js": {"integrity": "sha384-e", "immutable": False},
        "panel-4f.js": {"integrity": "sha384-p", "immutable": True},
    }
    (dist / "manifest.json").write_text(json.dumps({"version": "1", "files": listed}))
    (folder / "secret.js").write_text("secret")
    return dist


def test_the_widgets_scripts_can_be_loaded_by_other_sites(scene: Scene, tmp_path: Path) -> None:
    base = scene.open(Options(scripts=a_build(tmp_path)))

    embed, chunk = httpx.get(f"{base}/embed.js"), httpx.get(f"{base}/widget/panel-4f.js")

    assert (embed.text, chunk.text) == ("embed.js", "panel-4f.js")
    assert embed.headers["content-type"].startswith("text/javascript")
    assert chunk.headers["access-control-allow-origin"] == "*"
    assert httpx.get(f"{base}/widget/manifest.json").json()["version"] == "1"


def test_what_never_changes_is_kept_for_ever_and_the_rest_is_asked_for_again(scene: Scene, tmp_path: Path) -> None:
    base = scene.open(Options(scripts=a_build(tmp_path)))

    def kept(path: str) -> str:
        return httpx.get(f"{base}{path}").headers["cache-control"]

    assert kept("/widget/panel-4f.js") == "public, max-age=31536000, immutable"
    assert kept("/embed.js") == kept("/widget/embed.js") == kept("/widget/manifest.json") == "no-cache"


def test_nothing_is_served_that_the_build_does_not_list(scene: Scene, tmp_path: Path) -> None:
    base = scene.open(Options(scripts=a_build(tmp_path)))

    assert httpx.get(f"{base}/widget/none.js").status_code == 404
    assert httpx.get(f"{base}/widget/forgotten.js").status_code == 404
    assert b"404" in raw_get(base, "/widget/../secret.js").splitlines()[0]


def test_without_a_build_the_remedy_is_said(scene: Scene, tmp_path: Path) -> None:
    answer = httpx.get(f"{scene.open(Options(scripts=tmp_path / 'none'))}/embed.js")

    assert answer.status_code == 404
    assert "make setup" in answer.text


def raw_get(base: str, path: str) -> bytes:
    """Clients tidy `..` away; a hostile one does not."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: line.recv(65536), b""))
