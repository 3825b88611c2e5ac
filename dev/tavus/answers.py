"""How the vendor answers: refusals with its exact bodies, lists with their paging, identifiers in its shapes."""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.tavus.names import understood

LONGEST_PAGE = 100


class Refusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, body: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body

    @classmethod
    def error(cls, status: int, text: str) -> "Refusal":
        return cls(status, {"error": text})

    @classmethod
    def message(cls, status: int, text: str) -> "Refusal":
        return cls(status, {"message": text})


async def refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if refusal.body is None:
        return Response(status_code=refusal.status)
    return JSONResponse(refusal.body, status_code=refusal.status)


async def json_body(request: Request) -> Any:
    raw = await request.body()
    try:
        return understood(json.loads(raw)) if raw.strip() else {}
    except ValueError as broken:
        raise Refusal.error(400, "Invalid request: body is not valid JSON") from broken


async def object_body(request: Request) -> dict[str, Any]:
    body = await json_body(request)
    if not isinstance(body, dict):
        raise Refusal.error(400, "Invalid request: body must be a JSON object")
    return body


def listed(request: Request, items: Sequence[dict[str, Any]], first_page: int, *, echo: bool = False) -> JSONResponse:
    """One page of a list. The vendor counts pages from 0 for some families and from 1 for others.

    It names no longest page; whoever asks for more than ours gets that much, as careful interfaces do.
    """
    limit, page = _number(request, "limit", 10), _number(request, "page", first_page)
    if limit < 1:
        raise Refusal.error(400, "Invalid request: limit must be a positive integer")
    limit = min(limit, LONGEST_PAGE)
    start = max(0, page - first_page) * limit
    answer: dict[str, Any] = {"data": list(items[start : start + limit]), "total_count": len(items)}
    if echo:
        answer |= {"page": page, "limit": limit}
    return JSONResponse(answer)


def _number(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query_params.get(name, default))
    except ValueError as wrong:
        raise Refusal.error(400, f"Invalid request: {name} must be a positive integer") from wrong


def new_id(beginning: str, digits: int = 12) -> str:
    return beginning + secrets.token_hex(digits)[:digits]
