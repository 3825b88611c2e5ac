"""FastAPI plumbing: strict JSON in, one error shape out, the session behind a token, and the Lambda entry."""

import json
import warnings
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from mangum import Mangum
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.exceptions import HTTPException

from aisdr.audit import ANONYMOUS, by_session, refusals
from aisdr.edge import HEADER as EDGE_HEADER
from aisdr.errors import AisdrError, Forbidden, Unauthorized
from aisdr.observability import about, begin, logger
from aisdr.services import services
from aisdr.session import Session
from aisdr.wire import Wire

MAX_BODY_BYTES = 256 * 1024
# FastAPI gives a body an alias that says nothing, and keeps pydantic from telling so only while it builds the schema;
# ours are built at the first request (`wire.py`).
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


class ErrorDetail(Wire):
    """`code` is for programs, `message` for people: it names the field and the remedy."""

    code: str
    message: str
    request_id: str


class ErrorBody(Wire):
    """Every error of every door."""

    error: ErrorDetail


class _MalformedJson(ValueError):
    """The body is not JSON as RFC 8259 means it, or says something twice."""


def _no_constants(name: str) -> None:
    raise _MalformedJson(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _MalformedJson("a key stands twice in one object")
    return record


def strict_json(body: bytes) -> Any:
    """Parses a body; NaN, duplicate keys, lone surrogates and bottomless nesting are refused.

    Raises:
        ValueError: it is malformed.
    """
    try:
        value = json.loads(body.decode(), parse_constant=_no_constants, object_pairs_hook=_no_duplicates)
        json.dumps(value, ensure_ascii=False).encode()
    except (RecursionError, UnicodeError) as error:
        raise _MalformedJson("the text is not valid UTF-8, or nested too deep") from error
    return value


class _StrictRequest(Request):
    async def json(self) -> Any:
        try:
            return strict_json(await self.body())
        except ValueError as error:
            raise HTTPException(400, f"The body is not valid JSON: {error}") from None


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            # The one request that reads the body: it comes over `receive` only once.
            once = _StrictRequest(request.scope, request.receive)
            if len(await once.body()) > MAX_BODY_BYTES:
                raise HTTPException(413, f"The body is larger than {MAX_BODY_BYTES} bytes")
            try:
                return await handle(once)
            except (AisdrError, RequestValidationError, HTTPException):
                raise
            except Exception as error:
                # Answered here, inside the CORS layer: outside of it a browser would only see an opaque failure.
                return _crash(request, error)

        return strict


def request_id(request: Request) -> str:
    """API Gateway's request id, so that an error can be found in the logs."""
    event: dict[str, Any] = request.scope.get("aws.event", {})
    given = event.get("requestContext", {}).get("requestId")
    return str(given) if given else uuid4().hex


def _error(request: Request, status: int, code: str, message: str) -> JSONResponse:
    body = ErrorBody(error=ErrorDetail(code=code, message=message, request_id=request_id(request)))
    return JSONResponse(body.model_dump(by_alias=True), status)


async def _aisdr_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AisdrError)
    if error.status >= 500:
        logger.error("request failed", code=error.code)
    return _error(request, error.status, error.code, error.message)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Names fields and rules, never the values: an echoed NaN cannot be encoded, and visitors' words stay private."""
    assert isinstance(error, RequestValidationError)
    problems = [
        f"'{'.'.join(str(part)[:64] for part in each['loc'] if part != 'body') or 'body'}': {each['msg'].lower()}"
        for each in error.errors()
    ]
    return _error(request, 422, "invalid_input", "; ".join(problems[:5]))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {400: "malformed_json", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    return _error(request, error.status_code, codes.get(error.status_code, "http_error"), str(error.detail))


def _crash(request: Request, error: Exception) -> JSONResponse:
    logger.exception("unexpected failure", exc_info=error)
    return _error(request, 500, "internal_error", "Something failed on our side; it has been logged")


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody} for status in (400, 401, 403, 404, 409, 413, 422, 429, 502, 503)
}


async def through_the_edge(request: Request) -> None:
    """Raises: Forbidden."""
    with refusals("edge.check", company_id=None, who=ANONYMOUS):
        services().edge.check(request.headers.get(EDGE_HEADER))


def create_app(name: str) -> FastAPI:
    """An application whose every failure has the contract's shape.

    CORS answers `*`: nothing here reads a cookie, so the browser's origin rule protects nobody. Which website may talk
    for which company is decided by `Origin` at the doors that open a session, and by the token afterwards.
    """
    app = FastAPI(
        title=f"AI SDR · {name}",
        openapi_url=None,
        responses=ERROR_RESPONSES,
        dependencies=[Depends(through_the_edge)],
    )
    app.router.route_class = _StrictRoute
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "traceparent"],
        max_age=3600,
    )
    app.add_exception_handler(AisdrError, _aisdr_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    return app


def lambda_handler(app: FastAPI) -> Callable[[Any, Any], dict[str, Any]]:
    """The entry that API Gateway (HTTP API, payload 2.0) invokes."""
    serve = Mangum(app, lifespan="off")

    def handler(event: Any, context: Any) -> dict[str, Any]:
        begin(event, context)
        return serve(event, context)

    return handler


async def bearer(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """The token of an `Authorization: Bearer` header, if there is one."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


BearerToken = Annotated[str | None, Depends(bearer)]
Origin = Annotated[str | None, Header(alias="Origin")]


async def current_session(token: BearerToken, origin: Origin = None) -> Session:
    """Raises: Unauthorized."""
    with refusals("session.verify", company_id=None, who=ANONYMOUS):
        if token is None:
            raise Unauthorized("Send the session token as 'Authorization: Bearer …'; POST /api/session gives one")
        session = services().sessions.authenticate(token, origin)
    about(company_id=session.company_id, session_id=session.session_id)
    return session


CurrentSession = Annotated[Session, Depends(current_session)]


def require_own_company(session: Session, company_id: str) -> None:
    """Raises: Forbidden, whether the other company exists or not."""
    with refusals("tenant.check", company_id=session.company_id, who=by_session(session.session_id)):
        if company_id != session.company_id:
            raise Forbidden("'companyId' is not the company of this session; use the one the session was opened for")
