"""`python -m scripts.api_page URL`: asks a running product everything in docs/api.md anew and writes the answers there.

The page is a list of `curl` commands, each with the answer it got. Tests replay the commands and compare status and
shape, so the page stays true. What an answer holds (`token`, `sessionId`) later ones use as `$TOKEN`, `$SESSION_ID`.
"""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
_BLOCK = re.compile(r"```console\n\$ (?P<command>curl .*?[^\\])\n(?P<answer>.*?)```", re.DOTALL)
_REMEMBERED = {"token": "TOKEN", "sessionId": "SESSION_ID", "confirmationId": "CONFIRMATION_ID"}  # nosec B105  # names of placeholders
_LONG = 160
"""Longer texts are cut on the page; their shape is what counts."""


@dataclass(frozen=True)
class Exchange:
    """One command of the page, the answer that stands there, and the answer it got now."""

    command: str
    written: str
    answer: str
    status: int


def replay(page: str, url: str) -> Iterator[Exchange]:
    """Runs the page's commands in their order against a product at `url`."""
    variables = {"URL": url, "ORIGIN": url, "UUID": str(uuid4())}
    with httpx.Client(timeout=30) as http:
        for block in _BLOCK.finditer(page):
            response = _run(http, block["command"], variables)
            variables["UUID"] = str(uuid4())
            if _is_json(response):
                body = response.json()
                variables |= _remembered(body)
            yield Exchange(block["command"], block["answer"], _shown(response), response.status_code)


def _remembered(body: Any) -> dict[str, str]:
    """What later commands need of an answer; a tool's own values stand in its `result`."""
    if not isinstance(body, dict):
        return {}
    inner = body.get("result")
    values = body | inner if isinstance(inner, dict) else body
    return {variable: values[key] for key, variable in _REMEMBERED.items() if key in values}


_WORDS = {"code", "kind", "status", "modality", "mode", "modes", "strategy", "name", "slug", "companyId", "origins"}
"""Keys whose values are words of the contract: these must stay literally."""


def shape(answer: str) -> Any:
    """What must stay: the status line, and for JSON every key, the kind of every value, and the contract's words."""
    status, _, rest = answer.partition("\n")
    try:
        return status, _kinds(json.loads(rest))
    except ValueError:
        return status, rest.strip()


def _run(http: httpx.Client, command: str, variables: dict[str, str]) -> httpx.Response:
    words = shlex.split(command.replace("\\\n", " "))
    method, url, headers, body = "GET", "", {}, None
    position = 1
    while position < len(words):
        word = re.sub(r"\$([A-Z_]+)", lambda match: variables[match[1]], words[position])
        if word in ("-X", "-H", "--json"):
            position += 1
            value = re.sub(r"\$([A-Z_]+)", lambda match: variables[match[1]], words[position])
            if word == "-X":
                method = value
            elif word == "-H":
                name, _, text = value.partition(": ")
                headers[name] = text
            else:
                method, body = "POST", value
                headers["Content-Type"] = "application/json"
        elif not word.startswith("-"):
            url = word
        position += 1
    return http.request(method, url, headers=headers, content=body)


def _shown(response: httpx.Response) -> str:
    status = f"HTTP {response.status_code}"
    if _is_json(response):
        return f"{status}\n{json.dumps(_cut(response.json()), indent=2, ensure_ascii=False)}\n"
    return f"{status}\n({response.headers['content-type']})\n" if response.content else f"{status}\n"


def _is_json(response: httpx.Response) -> bool:
    return bool(response.content) and response.headers.get("content-type", "").startswith("application/json")


def _cut(value: Any) -> Any:
    match value:
        case str() if len(value) > _LONG:
            return value[: _LONG // 2] + "…"
        case dict():
            return {key: _cut(inner) for key, inner in value.items()}
        case list() if len(value) > 2:
            return [_cut(value[0]), _cut(value[1])]
        case list():
            return [_cut(inner) for inner in value]
        case _:
            return value


def _kinds(value: Any) -> Any:
    match value:
        case dict():
            return {key: inner if key in _WORDS else _kinds(inner) for key, inner in value.items()}
        case list():
            return [_kinds(inner) for inner in value[:2]]
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "string"


def main() -> int:
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
    page = PAGE.read_text(encoding="utf-8")
    answers = iter(list(replay(page, url)))
    written = _BLOCK.sub(
        lambda block: f"```console\n$ {block['command']}\n{_for_readers(next(answers).answer, url)}```", page
    )
    PAGE.write_text(written, encoding="utf-8")
    print(f"wrote {PAGE.name}")
    return 0


def _for_readers(answer: str, url: str) -> str:
    """Ports of the machine that ran it, and secrets although they are dead by then, do not belong on a page."""
    answer = answer.replace(url, "http://localhost:3000").replace(url.replace("http", "ws"), "ws://localhost:3000")
    answer = re.sub(r"http://(localhost|127\.0\.0\.1):\d+/(c[0-9a-f]+)", r"http://localhost:4702/\2", answer)
    return re.sub(r'"(token|ticket|meetingToken)": "[^"]*"', r'"\1": "eyJhbGciOiJIUzI1NiIs…"', answer)


if __name__ == "__main__":
    sys.exit(main())
