"""FastAPI plumbing: strict JSON in, one error shape out, the session behind a token, and the Lambda entry."""

import math
import warnings
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.models import HTTPBearer
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from mangum import Mangum
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.exceptions import HTTPException

from aisdr import time_left
from aisdr.audit import ANONYMOUS, by_session, refusals
from aisdr.edge import HEADER as EDGE_HEADER
from aisdr.errors import AisdrError, NotFound, StoreBusy, Unauthorized
from aisdr.observability import about, begin, logger
from aisdr.services import services
from aisdr.session import Session
from aisdr.strict_json import MalformedJson, read_json
from aisdr.wire import Wire, problems

MAX_BODY_BYTES = 32 * 1024
"""What nearly every door needs at most; one that takes more says so with `at_most`."""
CODES = {
    400: "malformed_json",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
"""What went wrong before a door was reached."""
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


Door = TypeVar("Door", bound=Callable[..., Any])


def at_most(count: int) -> Callable[[Door], Door]:
    """Stands below a door's route: its body may have so many bytes, and not `MAX_BODY_BYTES`."""

    def limited(door: Door) -> Door:
        door.most_body_bytes = count  # type: ignore[attr-defined]  # read by the route that is made of it
        return door

    return limited


class _StrictRequest(Request):
    async def json(self) -> Any:
        try:
            return read_json(await self.body())
        except MalformedJson as error:
            raise HTTPException(400, f"The body is not valid JSON: {error}") from None


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        most = getattr(self.endpoint, "most_body_bytes", MAX_BODY_BYTES)

        async def strict(request: Request) -> Response:
            # The one request that reads the body: it comes over `receive` only once.
            once = _StrictRequest(request.scope, request.receive)
            body = await once.body()
            if len(body) > most:
                raise HTTPException(413, f"The body is larger than {most} bytes")
            if body and self.body_field is not None and not _is_json(once.headers.get("content-type", "")):
                raise HTTPException(415, "Send the body as JSON, with the header 'Content-Type: application/json'")
            try:
                return await handle(once)
            except (AisdrError, RequestValidationError, HTTPException):
                raise
            except Exception as error:
                # Answered here, inside the CORS layer: outside of it a browser would only see an opaque failure.
                return _crash(request, error)

        return strict


def _is_json(content_type: str) -> bool:
    """As RFC 8259 and the suffix of RFC 6839 name it; what the type says of a charset changes nothing."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def request_id(request: Request) -> str:
    """API Gateway's request id, so that an error can be found in the logs."""
    event: dict[str, Any] = request.scope.get("aws.event", {})
    given = event.get("requestContext", {}).get("requestId")
    return str(given) if given else uuid4().hex


def _error(
    request: Request, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = ErrorBody(error=ErrorDetail(code=code, message=message, request_id=request_id(request)))
    return JSONResponse(body.model_dump(by_alias=True), status, headers)


NAMELESS = {"company_not_found": "There is no such company; check 'companyId', or the slug in the address"}
"""What operators read with the name that they gave, a stranger reads without: no answer quotes what came in."""


async def _aisdr_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AisdrError)
    if error.status >= 500:
        logger.error("request failed", code=error.code)
    message = NAMELESS.get(error.code, error.message)
    return _error(request, error.status, error.code, message, _again_after(error))


def _again_after(error: AisdrError) -> dict[str, str]:
    """Whole seconds, and none too few: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after"""
    return {} if error.retry_after is None else {"Retry-After": str(math.ceil(error.retry_after))}


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Names fields and rules, never the values: an echoed NaN cannot be encoded, and visitors' words stay private."""
    assert isinstance(error, RequestValidationError)
    return _error(request, 422, "invalid_input", problems(error.errors()))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = {"Allow": _methods(request)} if error.status_code == 405 else error.headers
    code = CODES.get(error.status_code, "http_error")
    return _error(request, error.status_code, code, str(error.detail), headers)


def _methods(request: Request) -> str:
    """What may be asked of this address. Starlette's own header knows one route only, and an address may have two."""
    path = request.scope["path"]
    routes = [each for each in request.app.routes if isinstance(each, APIRoute) and each.path_regex.match(path)]
    return ", ".join(sorted({method for each in routes for method in each.methods or ()}))


def _crash(request: Request, error: Exception) -> JSONResponse:
    logger.exception("unexpected failure", exc_info=error)
    return _error(request, 500, "internal_error", "Something failed on our side; it has been logged")


_RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds; absent when nobody knows."}}
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody} | ({"headers": _RETRY_AFTER} if status in (429, 503) else {})
    for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 502, 503)
}


async def through_the_edge(request: Request) -> None:
    """Raises: Forbidden."""
    with refusals("edge.check", company_id=None, who=ANONYMOUS):
        services().edge.check(request.headers.get(EDGE_HEADER))


async def in_time(request: Request) -> None:
    """From here on everybody who is asked on this request's behalf has only what is left of its time."""
    time_left.begin(request.headers.get(time_left.HEADER))


def create_app(name: str) -> FastAPI:
    """An application whose every failure has the contract's shape.

    CORS answers `*`: nothing here reads a cookie, so the browser's origin rule protects nobody. Which website may talk
    for which company is decided by `Origin` at the doors that open a session, and by the token afterwards.
    """
    app = FastAPI(
        title=f"AI SDR · {name}",
        openapi_url=None,
        responses=ERROR_RESPONSES,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(in_time), Depends(through_the_edge)],
    )
    app.router.route_class = _StrictRoute
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "traceparent", time_left.HEADER],
        expose_headers=["Retry-After"],
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


class _SessionToken(SecurityBase):
    """The token of an `Authorization: Bearer` header, if there is one."""

    def __init__(self) -> None:
        self.model = HTTPBearer(bearerFormat="JWT", description="`token` of a session; POST /api/session gives one")
        self.scheme_name = "sessionToken"

    async def __call__(self, request: Request) -> str | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None


async def source_address(request: Request) -> str | None:
    """Where the visitor is on the internet: to count by neighbourhoods, never to be stored or logged."""
    peer = request.client.host if request.client else None
    return services().edge.address(request.headers.get("x-forwarded-for", ""), peer)


BearerToken = Annotated[str | None, Depends(_SessionToken())]
SourceAddress = Annotated[str | None, Depends(source_address)]
Origin = Annotated[str | None, Header(alias="Origin")]


async def current_session(token: BearerToken, origin: Origin = None) -> Session:
    """Raises: Unauthorized."""
    return _verified(token, lambda given: services().sessions.authenticate(given, origin))


async def text_session(token: BearerToken, origin: Origin = None) -> Session:
    """The same for what costs no money: while the database turns us away, the token's own word is enough.

    Raises: Unauthorized.
    """

    def believe(given: str) -> Session:
        try:
            return services().sessions.authenticate(given, origin)
        except StoreBusy:
            logger.warning("session not looked up")
            return services().sessions.believed(given, origin)

    return _verified(token, believe)


def _verified(token: str | None, verify: Callable[[str], Session]) -> Session:
    with refusals("session.verify", company_id=None, who=ANONYMOUS):
        if token is None:
            raise Unauthorized("Send the session token as 'Authorization: Bearer …'; POST /api/session gives one")
        session = verify(token)
    about(company_id=session.company_id, session_id=session.session_id)
    return session


CurrentSession = Annotated[Session, Depends(current_session)]
TextSession = Annotated[Session, Depends(text_session)]


def require_own_company(session: Session, company_id: str) -> None:
    """Raises: NotFound, whether the other company exists or not."""
    with refusals("tenant.check", company_id=session.company_id, who=by_session(session.session_id)):
        if company_id != session.company_id:
            raise NotFound(
                "'companyId' is not the company of this session; use the one the session was opened for",
                code="company_not_found",
            )
