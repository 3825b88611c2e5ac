"""What stands before every address: the key is checked, and the request is noted for tests."""

import json
import re
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.openai.refusals import OpenAIError

Endpoint = Callable[[Request], Awaitable[Response]]
_REMEMBERED = 500


class Doors:
    """Lets in who has the key. The journal holds what was asked, never with what key."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.journal: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)

    def behind_key(self, endpoint: Endpoint, accepts: Callable[[str], bool] = lambda _: False) -> Endpoint:
        """`accepts` may let in a second kind of credential."""

        async def door(request: Request) -> Response:
            given = bearer(request)
            if not accepts(given) and not secrets.compare_digest(given.encode(), self._key.encode()):
                raise OpenAIError(401, f"Incorrect API key provided: {given[:3]}***.", code="invalid_api_key")
            body = _readable(await request.body(), request.headers.get("content-type", ""))
            trace = {name: request.headers[name] for name in ("traceparent",) if name in request.headers}
            self.journal.append({"method": request.method, "path": request.url.path, "body": body, **trace})
            return await endpoint(request)

        return door

    async def asked(self, _: Request) -> Response:
        return JSONResponse(list(self.journal))


def bearer(request: Request) -> str:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise OpenAIError(401, "You didn't provide an API key in the Authorization header (Bearer YOUR_KEY).")
    return given


async def json_body(request: Request, kind: type = dict) -> Any:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, kind):
        raise OpenAIError(400, "We could not parse the JSON body of your request.")
    return body


def form_parts(body: bytes, content_type: str) -> dict[str, str]:
    """The named parts of a multipart/form-data body; what is none has no parts."""
    return {name: content.decode("utf-8", "replace") for name, content in form_files(body, content_type).items()}


def form_files(body: bytes, content_type: str) -> dict[str, bytes]:
    """The same parts, as they came."""
    # The protocol's own boundary, not the parser of mails: that one mends line ends, which breaks a file.
    match = re.search(r'boundary="?([^";]+)', content_type)
    parts: dict[str, bytes] = {}
    for part in body.split(b"--" + match[1].encode("latin-1"))[1:-1] if match else ():
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = re.search(rb'name="([^"]*)"', head)
        if named:
            parts[named[1].decode("utf-8", "replace")] = content.removesuffix(b"\r\n")
    return parts


def _readable(body: bytes, content_type: str) -> Any:
    if content_type.startswith("multipart/form-data"):
        return {name: _json_or_text(content) for name, content in form_parts(body, content_type).items()}
    return _json_or_text(body.decode("utf-8", "replace")) if body else None


def _json_or_text(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content
