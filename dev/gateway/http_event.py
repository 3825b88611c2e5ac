"""HTTP API, payload format 2.0: a request becomes an event, and a handler's result becomes a response."""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from dev.gateway.workers import ACCOUNT, FunctionError

API_ID = "local"
TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")
HOP_HEADERS = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})


@dataclass(frozen=True)
class Incoming:
    """A request as it reached the gateway. `path` is percent-decoded, `query` is as it was sent."""

    method: str
    path: str
    query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"
    scheme: str = "http"

    @classmethod
    def of(cls, request: Request, body: bytes) -> "Incoming":
        return cls(
            method=request.method,
            path=request.scope["path"],
            query=request.scope["query_string"].decode("latin-1"),
            headers=[(name.lower(), value) for name, value in request.headers.items()],
            body=body,
            source_ip=request.client.host if request.client else "127.0.0.1",
            protocol=f"HTTP/{request.scope['http_version']}",
            scheme=request.url.scheme,
        )

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


def request_id() -> str:
    """Looks like API Gateway's own ids: eleven bytes, sixteen characters, one `=`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


def clock(now: datetime) -> dict[str, Any]:
    """The two times of a requestContext, under the names of the HTTP API."""
    return {"time": now.strftime("%d/%b/%Y:%H:%M:%S %z"), "timeEpoch": int(now.timestamp() * 1000)}


def http_event(incoming: Incoming, route_key: str, parameters: dict[str, str], identifier: str) -> dict[str, Any]:
    """Keys that AWS leaves out when there is nothing to say are left out here too."""
    host = incoming.header("host") or "localhost"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": incoming.path,  # decoded: unlike REST APIs and function URLs, an HTTP API delivers it so
        "rawQueryString": incoming.query,
        "headers": _headers(incoming, host, identifier),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": incoming.method,
                "path": incoming.path,
                "protocol": incoming.protocol,
                "sourceIp": incoming.source_ip,
                "userAgent": incoming.header("user-agent"),
            },
            "requestId": identifier,
            "routeKey": route_key,
            "stage": "$default",
            **clock(datetime.now(UTC)),
        },
        "isBase64Encoded": False,
    }
    if cookies := [part.strip() for key, value in incoming.headers if key == "cookie" for part in value.split(";")]:
        event["cookies"] = cookies
    if query := _joined(parse_qsl(incoming.query, keep_blank_values=True)):
        event["queryStringParameters"] = query
    if parameters:
        event["pathParameters"] = parameters
    if incoming.body:
        event["body"], event["isBase64Encoded"] = _body(incoming)
    return event


def http_response(result: Any) -> Response:
    """Without a statusCode the result itself is the JSON body (AWS's "response inference")."""
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else json.dumps(result)
        return Response(text, headers={"content-type": "application/json"})
    status, headers, body = result["statusCode"], result.get("headers") or {}, result.get("body")
    cookies = result.get("cookies") or []
    well_formed = (
        _is_status(status)
        and isinstance(headers, dict)
        and isinstance(cookies, list)
        and (body is None or isinstance(body, str))
    )
    if not well_formed:
        raise FunctionError("The result has a statusCode but is not a response")
    try:
        content = (
            base64.b64decode(body or "", validate=True) if result.get("isBase64Encoded") else (body or "").encode()
        )
    except binascii.Error as error:
        raise FunctionError("The body is marked as base64 and is not") from error
    response = Response(content, status_code=int(status))
    named = {name.lower(): value for name, value in headers.items()}
    for name, value in named.items():
        if name not in HOP_HEADERS:
            response.headers[name] = str(value).lower() if isinstance(value, bool) else str(value)
    if content and "content-type" not in named:
        response.headers["content-type"] = "text/plain;charset=UTF-8"
    for cookie in cookies:
        response.headers.append("set-cookie", str(cookie))
    return response


def _headers(incoming: Incoming, host: str, identifier: str) -> dict[str, str]:
    forwarded = [value for key, value in incoming.headers if key == "x-forwarded-for"]
    added = {
        "host": host,
        "x-amzn-trace-id": f"Root=1-{secrets.token_hex(4)}-{secrets.token_hex(12)}",
        "x-forwarded-for": ", ".join([*forwarded, incoming.source_ip]),
        "x-forwarded-port": host.rpartition(":")[2] if ":" in host else "443",
        "x-forwarded-proto": incoming.scheme,
    }
    return _joined([(key, value) for key, value in incoming.headers if key != "cookie"]) | added


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in pairs:
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _body(incoming: Incoming) -> tuple[str, bool]:
    kind = incoming.header("content-type").partition(";")[0].strip().lower()
    if not kind or kind.startswith(TEXT_TYPES) or kind.endswith(("+json", "+xml")):
        try:
            return incoming.body.decode(), False
        except UnicodeDecodeError:
            pass  # called text, but is not: it travels as bytes
    return base64.b64encode(incoming.body).decode(), True


def _is_status(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return str(value).isdecimal() and 100 <= int(value) <= 599
