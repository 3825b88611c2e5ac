"""F-DP-01 to 04: two versions at once. Tokens, widgets, companies and records of one get on with the other."""

from copy import deepcopy
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
import pytest

from aisdr.services import Services
from tests.conftest import COMPANIES, CONVERSATIONS
from tests.doors import Reply, call
from tests.faults.contracts import broken, older_contracts, present_contract
from tests.material import KEYS, ORIGIN, a_chunk, a_company, teach
from tests.tavus import KEY, Tavus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


@pytest.fixture(autouse=True)
def acme(services: Services) -> None:
    company = a_company()
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))


def opened(mode: str = "text", **more: Any) -> Reply:
    wish = {"companyId": "acme", "mode": mode, "consent": {"version": "1"}} | more
    return call("POST", "/api/session", body=wish, origin=ORIGIN, idempotency_key=str(uuid4()))


def asked(token: str) -> Reply:
    question = {"question": "What does the Growth plan cost?"}
    return call("POST", "/api/answer", body=question, origin=ORIGIN, authorization=f"Bearer {token}")


def as_the_last_release_signed(session_id: str, issued_at: float) -> str:
    """Written out once more, and not by our own code: it is what browsers hold in the minutes of a deployment."""
    claims = {
        "iss": "aisdr",
        "aud": "api",
        "sub": session_id,
        "cid": "acme",
        "org": ORIGIN,
        "jti": "Zm9yIGEgdGVzdA",
        "iat": int(issued_at),
        "exp": int(issued_at) + 600,
    }
    key_id = next(iter(KEYS))
    return jwt.encode(claims, KEYS[key_id], algorithm="HS256", headers={"kid": key_id, "typ": "sdr+session"})


@pytest.mark.cell("F-DP-01")
def test_a_token_and_a_session_of_the_last_release_are_taken(services: Services, aws: "DynamoDBClient") -> None:
    now = services.sessions._clock()
    session_id = "0123456789abcdef0123456789abcdef"
    item = {
        "pk": {"S": f"acme#session#{session_id}"},
        "sk": {"S": "session"},
        "company_id": {"S": "acme"},
        "session_id": {"S": session_id},
        "origin": {"S": ORIGIN},
        "started_at": {"N": str(now)},
        "ends_at": {"N": str(now + 3600)},
        "consent_version": {"NULL": True},
        "session_state": {"S": "open"},
        "open_group": {"S": "conversation"},
        "open_until": {"N": str(int(now + 3660))},
        "expires_at": {"N": str(int(now + 30 * 24 * 3600))},
    }
    aws.put_item(TableName=CONVERSATIONS, Item=item)  # type: ignore[arg-type]  # plain dictionaries
    token = as_the_last_release_signed(session_id, now)

    answer = asked(token)
    renewed = call("POST", f"/api/session/{session_id}/renew", origin=ORIGIN, authorization=f"Bearer {token}")

    assert (answer.status, renewed.status) == (200, 200), (answer.text, renewed.text)
    assert "$149" in answer.json()["text"]


@pytest.mark.cell("F-DP-02")
@pytest.mark.parametrize("release", older_contracts())
def test_a_widget_of_an_older_release_gets_on_with_the_present_doors(release: str) -> None:
    assert list(broken(older_contracts()[release], present_contract())) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda contract: contract["paths"].pop("/api/answer"), "post /api/answer is gone"),
        (
            lambda contract: contract["components"]["schemas"]["Question"]["required"].append("mood"),
            "post /api/answer wants the field 'mood'",
        ),
        (
            lambda contract: contract["components"]["schemas"]["SessionGrant"]["properties"].pop("ticket"),
            "post /api/session does not tell 'ticket' any more",
        ),
    ],
)
def test_a_door_that_an_older_widget_cannot_use_any_more_is_named(change: Any, told: str) -> None:
    present = present_contract()
    newer = deepcopy(present)
    change(newer)

    assert told in list(broken(present, newer))


@pytest.mark.cell("F-DP-03")
def test_a_conversation_goes_on_while_its_company_is_changed(services: Services, tavus: Tavus) -> None:
    token = opened().json()["token"]
    call_of_another = opened("video")
    assert call_of_another.status == 200, call_of_another.text
    running = call_of_another.json()

    changed = a_company(modes=("text",), greeting="Hello again.", limits={"call_seconds": 60})
    services.companies.put(changed, expected_version=1)

    answer, headers = asked(token), {"origin": ORIGIN, "authorization": f"Bearer {running['token']}"}
    renewed = call("POST", f"/api/session/{running['sessionId']}/renew", **headers)
    assert answer.status == 200
    assert "$149" in answer.json()["text"]
    assert renewed.json()["modes"] == ["text"]
    operation = services.ledger.by_conversation(running["video"]["conversationId"])
    assert operation is not None
    assert operation.reserved_seconds == 600, "what was reserved and bought stays so"
    assert opened("video").status == 403
    assert call("DELETE", f"/api/session/{running['sessionId']}", **headers).status == 204
    assert (tavus.running(), services.ledger.today("acme")["active"]) == (0, 0)


@pytest.mark.cell("F-DP-04")
def test_what_a_newer_version_wrote_is_read_after_it_was_taken_back(
    services: Services, aws: "DynamoDBClient", tavus: Tavus
) -> None:
    text, video = opened().json(), opened("video").json()
    assert asked(text["token"]).status == 200
    for table in (COMPANIES, CONVERSATIONS):
        for item in aws.scan(TableName=table)["Items"]:
            newer: dict[str, Any] = dict(item) | {
                "hologram": {"M": {"depth": {"N": "3"}}},
                "schema_version": {"N": "99"},
            }
            if "configuration" in newer:
                newer["configuration"]["M"]["hologramMode"] = {"BOOL": True}
            aws.put_item(TableName=table, Item=newer)

    for grant in (text, video):
        headers = {"origin": ORIGIN, "authorization": f"Bearer {grant['token']}"}
        assert asked(grant["token"]).status == 200
        seen = call("GET", f"/api/session/{grant['sessionId']}", **headers)
        assert seen.status == 200, seen.text
        assert call("DELETE", f"/api/session/{grant['sessionId']}", **headers).status == 204

    assert (tavus.running(), services.ledger.today("acme")["active"]) == (0, 0)
