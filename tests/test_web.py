"""The HTTP plumbing: whatever comes in, an answer of the contract's shape goes out, and it never repeats what came."""

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.errors import (
    AisdrError,
    Conflict,
    Forbidden,
    InvalidInput,
    LimitReached,
    NotConfigured,
    NotFound,
    Unauthorized,
    VendorError,
)
from aisdr.services import Services
from aisdr.session import Session, Tokens
from aisdr.strict_json import MOST_LEVELS, MalformedJson, read_json
from aisdr.web import create_app, lambda_handler
from aisdr.wire import Body
from functions import FUNCTIONS
from tests.conftest import CONVERSATIONS
from tests.doors import Reply, call, through
from tests.material import ORIGIN, a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CANARY = "a-word-of-the-visitor"
DELIVERY_SECRET = "the secret that signs deliveries"


@pytest.fixture
def environment(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_TOOL_SECRET", DELIVERY_SECRET)
    return environment


@pytest.fixture
def session(services: Services) -> Session:
    company = a_company()
    services.companies.put(company, expected_version=0)
    return services.sessions.open(company, ORIGIN, None)


@pytest.fixture
def tokens(services: Services, session: Session) -> Tokens:
    return services.sessions.issue(session)


def assert_error(reply: Reply, status: int, code: str) -> None:
    error = reply.json()["error"]
    assert (reply.status, error["code"]) == (status, code), reply
    assert set(error) == {"code", "message", "requestId"}
    assert error["requestId"] == "request-of-a-test"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"companyId": "acme", "mode": NaN}',
        b'{"companyId": "acme", "mode": -Infinity}',
        b'{"companyId": "acme", "companyId": "globex"}',
        b'{"companyId": "acme", "consent": {"version": "1", "version": "2"}}',
        b'{"companyId": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b"9" * 5000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_malformed_json_is_a_400_and_stores_nothing(
    services: Services, session: Session, aws: "DynamoDBClient", body: bytes
) -> None:
    before = items(aws, CONVERSATIONS)

    reply = call("POST", "/api/session", body=body, origin=ORIGIN)

    if body:
        assert_error(reply, 400, "malformed_json")
    else:
        assert_error(reply, 422, "invalid_input")
    assert items(aws, CONVERSATIONS) == before


def test_good_json_of_every_kind_is_read_as_it_is() -> None:
    value = {"text": "Grüße 👋", "number": -1.5e3, "list": [None, True], "nested": {"a": {"a": 1}}}

    assert read_json(json.dumps(value).encode()) == value
    assert repr(read_json(b"[8.0, -1.5e1, 8.5, 1e300]")) == "[8, -15, 8.5, 1e+300]"
    assert read_json(b'{"paired": "\\ud83d\\udc4b"}') == {"paired": "👋"}


@pytest.mark.parametrize("pair", [b"[]", b'{"":}'], ids=["lists", "objects"])
def test_json_may_be_so_deep_and_no_deeper(pair: bytes) -> None:
    begin, end = pair[:-1], pair[-1:]

    read_json(begin * MOST_LEVELS + (b"1" if pair != b"[]" else b"") + end * MOST_LEVELS)
    with pytest.raises(MalformedJson, match="deep"):
        read_json(begin * (MOST_LEVELS + 1) + b"1" + end * (MOST_LEVELS + 1))


@pytest.mark.parametrize("text", ["1e999", '{"a": [-1e400]}', "NaN", '{"a": 1, "a": 1}', '"\\udc00"', "9" * 5000])
def test_what_other_readers_would_read_otherwise_is_not_read(text: str) -> None:
    with pytest.raises(MalformedJson) as refused:
        read_json(text)

    assert "999" not in str(refused.value)


@pytest.mark.parametrize(
    ("door", "most"),
    [
        ("/api/session", 128),
        ("/api/tavus/session", 32),
        ("/api/session/x/renew", 32),
        ("/api/session/x/introduction", 64),
        ("/api/session/x/rating", 32),
        ("/api/tavus/tool", 64),
        ("/api/tavus/delivery", 64),
        ("/api/tool/confirmation", 64),
        ("/api/tavus/webhook/x", 256),
        ("/api/search", 32),
        ("/api/answer", 32),
        ("/api/speech", 48),
    ],
)
def test_each_door_takes_bodies_up_to_its_limit(services: Services, door: str, most: int) -> None:
    assert call("POST", door, body=b" " * (most * 1024)).status in (400, 401, 404, 422)
    assert_error(call("POST", door, body=b" " * (most * 1024 + 1)), 413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "json"])
def test_a_body_of_another_type_is_refused(services: Services, session: Session, kind: str) -> None:
    body = {"companyId": "acme"}

    assert_error(
        call("POST", "/api/session", body=body, origin=ORIGIN, content_type=kind), 415, "unsupported_media_type"
    )
    for same in ("application/json; charset=utf-8", "Application/JSON", "application/vnd.aisdr+json"):
        assert call("POST", "/api/session", body=body, origin=ORIGIN, content_type=same).status == 200


def test_wrong_fields_are_named_and_their_values_are_not_repeated(services: Services) -> None:
    reply = call("POST", "/api/session", body={"companyId": "acme", "mode": CANARY, "colour": CANARY}, origin=ORIGIN)

    assert_error(reply, 422, "invalid_input")
    assert "'mode'" in reply.json()["error"]["message"]
    assert "'colour': extra inputs are not permitted" in reply.json()["error"]["message"]
    assert CANARY not in reply.text


def test_a_field_with_an_endless_name_is_not_repeated_in_full(services: Services) -> None:
    reply = call("POST", "/api/session", body={"companyId": "acme", "x" * 100_000: 1}, origin=ORIGIN)

    assert_error(reply, 422, "invalid_input")
    assert len(reply.text) < 1000


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [("PUT", "/api/session", 405, "method_not_allowed"), ("POST", "/api/nothing", 404, "not_found")],
)
def test_a_wrong_address_has_the_same_shape(
    services: Services, method: str, address: str, status: int, code: str
) -> None:
    assert_error(call(method, address, function="session"), status, code)


def test_a_method_that_is_not_served_is_told_which_are(services: Services) -> None:
    assert call("PUT", "/api/session/x", function="session").headers["allow"] == "DELETE, GET"


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/search", {"companyId": "acme", "query": "q", "limit": "8"}),
        ("/api/search", {"companyId": "acme", "query": "q", "limit": True}),
        ("/api/tool/confirmation", {"confirmationId": "c", "accept": "true"}),
        ("/api/tool/confirmation", {"confirmationId": "c", "accept": 1}),
    ],
)
def test_a_value_of_another_type_is_not_made_to_fit(
    services: Services, session: Session, tokens: Tokens, address: str, body: Any
) -> None:
    reply = call("POST", address, body=body, origin=ORIGIN, authorization=f"Bearer {tokens.token}")

    assert_error(reply, 422, "invalid_input")


@pytest.mark.parametrize("name", [f"<b>{CANARY}</b>", "4111111111111111", "ada.lovelace@example.com", "ada.example"])
def test_the_name_of_an_unknown_field_is_told_only_if_it_looks_like_one(services: Services, name: str) -> None:
    reply = call("POST", "/api/session", body={"companyId": "acme", name: 1}, origin=ORIGIN)

    assert_error(reply, 422, "invalid_input")
    assert name not in reply.text
    assert "'?': extra inputs are not permitted" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("why", code="c"), 422),
        (Unauthorized("why", code="c"), 401),
        (Forbidden("why", code="c"), 403),
        (NotFound("why", code="c"), 404),
        (Conflict("why", code="c"), 409),
        (LimitReached("why", code="c"), 429),
        (NotConfigured("why", code="c"), 503),
        (VendorError("why", vendor="tavus", code="c"), 502),
        (AisdrError("why", code="c"), 400),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_of_the_house_has_its_status(error: AisdrError, status: int) -> None:
    reply = through(app_that_raises(error), "GET", "/")

    assert_error(reply, status, "c")
    assert reply.json()["error"]["message"] == "why"


def test_a_bug_is_logged_and_says_nothing_outside() -> None:
    reply = through(app_that_raises(RuntimeError("the password is 1234")), "GET", "/")

    assert_error(reply, 500, "internal_error")
    assert "1234" not in reply.text


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer", "Token x", "Bearer x", "Bearer a.b.c", "é"]
)
def test_a_door_behind_a_session_opens_to_no_other_header(
    services: Services, session: Session, authorization: str
) -> None:
    reply = call("POST", "/api/answer", body={"question": "Hello"}, origin=ORIGIN, authorization=authorization)

    assert_error(reply, 401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/api/session/x/renew"),
        ("DELETE", "/api/session/x"),
        ("POST", "/api/tavus/tool"),
        ("POST", "/api/search"),
        ("POST", "/api/answer"),
        ("POST", "/api/speech"),
    ],
)
def test_without_a_token_a_door_asks_for_one_whatever_the_body(services: Services, method: str, address: str) -> None:
    good = {"companyId": "acme", "name": "log_lead", "arguments": {}, "query": "q", "question": "q", "text": "t"}
    wanted = {"tool": ("companyId", "name", "arguments"), "search": ("companyId", "query")}
    fields = wanted.get(address.rpartition("/")[2], ({"answer": "question"}.get(address.rpartition("/")[2], "text"),))

    reply = call(method, address, body={name: good[name] for name in fields}, origin=ORIGIN)

    assert_error(reply, 401, "unauthorized")
    assert "POST /api/session" in reply.json()["error"]["message"]


@pytest.mark.parametrize("company_id", ["globex", "no-such-company"])
def test_another_companys_id_is_refused_alike_whether_it_exists_or_not(
    services: Services, tokens: Tokens, company_id: str
) -> None:
    services.companies.put(a_company("globex"), expected_version=0)

    replies = [
        call("POST", address, body=body | {"companyId": company_id}, authorization=f"Bearer {tokens.token}")
        for address, body in (
            ("/api/search", {"query": "pricing"}),
            ("/api/tavus/tool", {"name": "search_knowledge", "arguments": {"query": "pricing"}}),
        )
    ]

    for reply in replies:
        assert_error(reply, 404, "company_not_found")
        assert company_id not in reply.text


def test_another_sessions_address_is_refused(services: Services, session: Session, tokens: Tokens) -> None:
    other = services.sessions.open(a_company(), ORIGIN, None)

    for method, address in (
        ("DELETE", f"/api/session/{other.session_id}"),
        ("POST", f"/api/session/{other.session_id}/renew"),
    ):
        assert_error(call(method, address, authorization=f"Bearer {tokens.token}"), 404, "session_not_found")

    assert services.sessions.get("acme", other.session_id) == other


def test_a_browser_may_ask_from_any_website_and_reads_every_answer(services: Services) -> None:
    asked = call(
        "OPTIONS",
        "/api/session",
        origin="https://any.example",
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type,idempotency-key",
    )
    refused = call("POST", "/api/session", body={}, origin="https://any.example")

    assert asked.status == 200
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in asked.headers
    assert refused.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("capability", ["x", "acme.operation.digest", "acme.operation." + "0" * 64, "%00", "a" * 5000])
def test_a_webhook_on_a_path_that_we_did_not_make_is_told_nothing(services: Services, capability: str) -> None:
    reply = call("POST", f"/api/tavus/webhook/{capability}", body={"event_type": "system.shutdown"})

    assert_error(reply, 404, "not_found")
    assert reply.json()["error"]["message"] == "There is nothing here"


@pytest.mark.parametrize("slug", ["nobody", "ACME", "..", "a" * 63, "%00"])
def test_an_unknown_slug_is_not_found(services: Services, session: Session, slug: str) -> None:
    assert_error(call("GET", f"/api/widget/{slug}"), 404, "company_not_found")


def test_a_slug_longer_than_any_is_not_looked_up(services: Services) -> None:
    assert_error(call("GET", f"/api/widget/{'a' * 3000}"), 422, "invalid_input")


def app_that_raises(error: Exception) -> Any:
    app = create_app("raises")

    @app.get("/")
    async def door() -> None:
        raise error

    return lambda_handler(app)


def test_every_record_that_a_door_takes_is_strict_and_ready_from_the_start() -> None:
    """Built later, it would be built by the first request, and pydantic would warn of the name FastAPI gives it."""
    taken = {}
    for function in FUNCTIONS:
        app = getattr(import_module(function.handler.rpartition(".")[0]), "app", None)
        for route in app.routes if app else ():
            body = getattr(route, "body_field", None)
            if body is not None:
                taken[route.path] = body.field_info.annotation
    assert taken.pop("/api/tavus/webhook/{capability}") == dict[str, Any], "a vendor's words, which are read with care"

    assert len(taken) >= 9
    assert [path for path, record in taken.items() if not issubclass(record, Body)] == []
