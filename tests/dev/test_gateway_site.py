"""The gateway shows what CloudFront shows on AWS: the start page, the hosted page and the scripts."""

import json
import socket
from pathlib import Path

import httpx

from dev.gateway.app import Options
from dev.gateway.static import HOSTED_PAGE
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


def test_the_widgets_scripts_can_be_loaded_by_other_sites(scene: Scene, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "embed.js").write_text("embed")
    (dist / "panel-4f.js").write_text("panel")
    (tmp_path / "secret.js").write_text("secret")
    base = scene.open(Options(scripts=dist))

    embed, chunk = httpx.get(f"{base}/embed.js"), httpx.get(f"{base}/widget/panel-4f.js")

    assert (embed.text, chunk.text) == ("embed", "panel")
    assert embed.headers["content-type"].startswith("text/javascript")
    assert chunk.headers["access-control-allow-origin"] == "*"
    assert httpx.get(f"{base}/widget/none.js").status_code == 404
    assert b"404" in raw_get(base, "/widget/../secret.js").splitlines()[0]


def test_the_room_sdk_is_the_builds_own_unless_a_look_alike_is_named(scene: Scene, tmp_path: Path) -> None:
    dist, room = tmp_path / "dist", tmp_path / "room.js"
    dist.mkdir()
    (dist / "daily.js").write_text("the real one")
    room.write_text("the look-alike")

    real = httpx.get(f"{scene.open(Options(scripts=dist))}/widget/daily.js")
    other = httpx.get(f"{scene.open(Options(scripts=dist, room_sdk=room))}/widget/daily.js")

    assert (real.text, other.text) == ("the real one", "the look-alike")


def raw_get(base: str, path: str) -> bytes:
    """Clients tidy `..` away; a hostile one does not."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: line.recv(65536), b""))
