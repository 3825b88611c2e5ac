"""The smoke test: a few questions to the address that visitors use, each through another part of the deployment."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.deploy.site import DIST, MANIFEST

NOBODY = "smoke-test-nobody"
"""No company has this slug: what is asked for it is answered by the functions and stores nothing."""
HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "YWlzZHItc21va2UtdGVzdA==",
}
PATIENCE_SECONDS = 90.0
"""A distribution that was just made, or changed, is not the same everywhere at once."""
PAUSE_SECONDS = 3.0


class NotServed(Exception):
    """What the deployment did not do; the message says what was asked and answered."""


@dataclass(frozen=True)
class Check:
    says: str
    ask: Callable[[httpx.Client], None]


def smoke(site: str, *, dist: Path = DIST, patience: float = PATIENCE_SECONDS) -> Iterator[str]:
    """Yields what was found to work, in the order of a visitor's way in.

    Args:
        site: address that visitors use, such as `https://sdr.example.com`.
        patience: seconds that each question is asked again for.

    Raises: NotServed.
    """
    wanted = json.loads((dist / MANIFEST).read_text("utf-8"))["version"]
    checks = (
        Check("the widget's script, for any website", _script),
        Check(f"version {wanted} of the widget", lambda client: _version(client, wanted)),
        Check("the hosted page, with its security headers", _page),
        Check("the HTTP API, behind the distribution, with its tables", _api),
        Check("the relay, which lets nobody in without a ticket", _relay),
        Check("media, and nothing that is not there", _media),
    )
    with httpx.Client(base_url=site, timeout=20) as client:
        for check in checks:
            _patiently(check, client, patience)
            yield check.says


def _patiently(check: Check, client: httpx.Client, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            return check.ask(client)
        except (NotServed, httpx.HTTPError) as problem:
            if time.monotonic() >= until:
                raise NotServed(f"{check.says}: {problem}") from problem
            time.sleep(PAUSE_SECONDS)


def _script(client: httpx.Client) -> None:
    answer = _get(client, "/embed.js", 200, origin="https://website.example")
    _tells(answer, "content-type", "text/javascript")
    _tells(answer, "cache-control", "public, max-age=300")
    _tells(answer, "access-control-allow-origin", "*")


def _version(client: httpx.Client, wanted: str) -> None:
    found = _get(client, f"/widget/{MANIFEST}", 200).json()["version"]
    if found != wanted:
        raise NotServed(f"version {found} is served")


def _page(client: httpx.Client) -> None:
    answer = _get(client, f"/widget/{NOBODY}", 200)
    _tells(answer, "content-type", "text/html")
    _tells(answer, "content-security-policy", "default-src 'none'")
    _tells(answer, "strict-transport-security", "max-age=")


def _api(client: httpx.Client) -> None:
    answer = _get(client, f"/api/widget/{NOBODY}", 404)
    code = answer.json().get("error", {}).get("code")
    if code != "company_not_found":
        raise NotServed(f"GET {answer.url} answered {code or answer.text[:200]!r}")


def _relay(client: httpx.Client) -> None:
    answer = client.get("/ws", headers=HANDSHAKE)
    # API Gateway tells a refused handshake as 401 or 403, whatever the function says.
    if answer.status_code not in (401, 403):
        raise NotServed(f"GET {answer.url} answered {answer.status_code}")


def _media(client: httpx.Client) -> None:
    answer = client.get(f"/media/{NOBODY}/nothing.png")
    if answer.status_code not in (403, 404):
        raise NotServed(f"GET {answer.url} answered {answer.status_code}")


def _get(client: httpx.Client, path: str, status: int, **headers: str) -> httpx.Response:
    answer = client.get(path, headers=headers)
    if answer.status_code != status:
        raise NotServed(f"GET {answer.url} answered {answer.status_code}: {answer.text[:200]!r}")
    return answer


def _tells(answer: httpx.Response, header: str, value: str) -> None:
    found = answer.headers.get(header, "")
    if value not in found:
        raise NotServed(f"GET {answer.url}: {header} is {found!r} and not {value!r}")
