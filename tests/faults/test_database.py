"""F-DB-01 to 06: DynamoDB turns us away, fails, or falls silent after a write: no money is spent, text goes on."""

from typing import Any
from uuid import uuid4

import pytest

from aisdr.errors import AisdrError, InvalidInput, StoreBusy, Unauthorized
from aisdr.inference.base import Message, Prompt
from aisdr.inference.extractive import Extractive
from aisdr.models import CompanyModels
from aisdr.services import Services
from aisdr.session import Sessions
from aisdr.table import Table
from dev.store_faults import WRITES, StoreFault, StoreFaults
from tests.conftest import CONVERSATIONS
from tests.doors import Reply, call
from tests.faults.scene import Trouble
from tests.material import KEYS, ORIGIN, Clock, a_chunk, a_company, teach
from tests.models import Scripted, say
from tests.tavus import KEY, Tavus

pytestmark = pytest.mark.slow

TEXT = {"#text": "text"}
TURNED_AWAY: list[Any] = [
    pytest.param("throttled", marks=pytest.mark.cell("F-DB-01")),
    pytest.param("failing", marks=pytest.mark.cell("F-DB-04")),
]


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


@pytest.fixture
def faults(services: Services) -> StoreFaults:
    """Of the client that functions have, with its own patience, and not of the one that all tests share."""
    services.dynamodb = type(services).dynamodb.func(services)  # type: ignore[attr-defined]  # of a cached property
    return StoreFaults(services.dynamodb)


@pytest.fixture
def acme(services: Services, faults: StoreFaults) -> None:
    company = a_company()
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))


def opened(mode: str = "text", key: str = "") -> Reply:
    wish = {"companyId": "acme", "mode": mode, "consent": {"version": "1"}}
    return call("POST", "/api/session", body=wish, origin=ORIGIN, idempotency_key=key or str(uuid4()))


def asked(token: str) -> Reply:
    """As the widget asks: each question has an id of its own."""
    question = {"id": str(uuid4()), "question": "What does the Growth plan cost?"}
    return call("POST", "/api/answer", body=question, origin=ORIGIN, authorization=f"Bearer {token}")


def turned_away(reply: Reply) -> None:
    assert (reply.status, reply.json()["error"]["code"]) == (503, "store_busy"), reply.text
    assert int(reply.headers["retry-after"]) >= 1


@pytest.mark.parametrize("fault", TURNED_AWAY)
def test_a_store_that_turns_us_away_is_asked_twice(services: Services, faults: StoreFaults, fault: StoreFault) -> None:
    table = Table(services.dynamodb, CONVERSATIONS)

    with faults.trouble(fault), pytest.raises(StoreBusy) as caught:
        table.get("acme#session#s1", "session")
    with faults.trouble(fault), pytest.raises(StoreBusy):
        list(table.stored_in("acme#session#s1"))

    assert faults.asked["GetItem"] == 2
    assert caught.value.retry_after == 1
    with faults.trouble(fault, which=0):
        assert table.get("acme#session#s1", "session") is None


@pytest.mark.parametrize("fault", TURNED_AWAY)
@pytest.mark.usefixtures("acme")
def test_where_money_cannot_be_reserved_no_call_is_bought_and_text_opens(
    faults: StoreFaults, tavus: Tavus, fault: StoreFault
) -> None:
    with faults.trouble(fault, "TransactWriteItems"):
        turned_away(opened("video"))
        text = opened()
        assert text.status == 200, text.text
        assert "$149" in asked(text.json()["token"]).json()["text"]

    assert tavus.tried("POST", "/v2/conversations") == 0
    assert opened("video").status == 200


@pytest.mark.parametrize("fault", TURNED_AWAY)
@pytest.mark.usefixtures("acme")
def test_a_conversation_goes_on_in_text_while_the_whole_store_turns_us_away(
    services: Services, faults: StoreFaults, tavus: Tavus, fault: StoreFault
) -> None:
    token = opened().json()["token"]
    assert asked(token).status == 200
    session = services.sessions.authenticate(token, ORIGIN)
    turns = len(services.transcripts.all(session))

    with faults.trouble(fault):
        answer = asked(token)
        found = call(
            "POST",
            "/api/search",
            body={"companyId": "acme", "query": "Growth plan"},
            origin=ORIGIN,
            authorization=f"Bearer {token}",
        )
        turned_away(opened("video"))
        turned_away(opened())
        forged = asked(token[:-4] + "AAAA")
        elsewhere = call(
            "POST",
            "/api/answer",
            body={"question": "Hello"},
            origin="https://evil.example",
            authorization=f"Bearer {token}",
        )

    assert (answer.status, found.status) == (200, 200), (answer.text, found.text)
    assert "$149" in answer.json()["text"]
    assert found.json()["hits"]
    assert (forged.status, elsewhere.status) == (401, 401), "who is not known is not believed now either"
    assert tavus.tried("POST", "/v2/conversations") == 0
    assert len(services.transcripts.all(session)) == turns, "nothing half-written"


@pytest.mark.cell("F-DB-01")
def test_a_paid_model_whose_cost_cannot_be_counted_is_not_asked_and_text_goes_on(
    services: Services, faults: StoreFaults
) -> None:
    company = a_company(
        models={"chat": [{"provider": "openai", "model": "large", "input_price": 2, "output_price": 9}]}
    )
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))
    session = services.sessions.open(company, ORIGIN, None)
    model = Scripted(say("Bought."))
    chain = CompanyModels(lambda choice: Extractive() if choice.provider == "extractive" else model, services.usages)

    with faults.trouble("throttled"):
        [*said] = chain.stream(company, session, Prompt("Answer.", (Message("user", "Hello?"),)))

    assert said
    assert not model.prompts


@pytest.fixture
def trouble(tavus: Tavus, services: Services, faults: StoreFaults, companies_table: Table, clock: Clock) -> Trouble:
    return Trouble(tavus, Table(services.dynamodb, CONVERSATIONS, clock), companies_table, clock)


@pytest.mark.cell("F-DB-05")
@pytest.mark.parametrize("which", range(5))
def test_a_write_whose_answer_is_lost_stands_once(trouble: Trouble, faults: StoreFaults, which: int) -> None:
    """Each write of a call's life in turn: its reservation, its room, its end, its bill."""
    with faults.trouble("unheard", *WRITES, which=which):
        try:
            trouble.start()
            trouble.ends()
        except AisdrError:
            pass  # who repeats a wish whose answer was lost waits for the reconciler
    happened = faults.happened
    trouble.mended()

    assert happened == 1, "there is such a write"
    assert trouble.books_are_balanced()
    assert trouble.creates() <= 1
    assert trouble.today()["calls"] <= 1
    assert trouble.today()["seconds"] <= 600


@pytest.mark.cell("F-DB-05")
def test_a_ticket_whose_use_was_not_confirmed_opens_nothing_twice(services: Services, faults: StoreFaults) -> None:
    sessions = Sessions(Table(services.dynamodb, CONVERSATIONS), KEYS)
    ticket = sessions.issue(sessions.open(a_company(), ORIGIN, None)).ticket

    with faults.trouble("unheard", *WRITES, which=0), pytest.raises(Unauthorized):
        sessions.redeem(ticket, ORIGIN)  # its visitor renews, and has another
    with pytest.raises(Unauthorized):
        sessions.redeem(ticket, ORIGIN)

    assert faults.happened == 1


@pytest.mark.cell("F-DB-06")
def test_an_item_that_is_too_large_is_refused_and_nothing_of_it_stands(services: Services, faults: StoreFaults) -> None:
    table = Table(services.dynamodb, CONVERSATIONS)
    item = {"pk": "acme#session#s1", "sk": "turn#1", "text": "x" * 410_000}

    with pytest.raises(InvalidInput) as caught:
        table.put(item)
    with pytest.raises(InvalidInput):
        table.put_new(item)
    with pytest.raises(InvalidInput):
        table.update("acme#session#s1", "turn#2", "SET #text = :text", values={":text": "x" * 410_000}, names=TEXT)

    assert (caught.value.status, caught.value.code) == (422, "too_large")
    assert table.get("acme#session#s1", "turn#1") is None


@pytest.mark.cell("F-DB-06")
@pytest.mark.usefixtures("acme")
def test_no_visitor_can_send_as_much_as_an_item_may_hold() -> None:
    token = opened().json()["token"]
    headers = {"origin": ORIGIN, "authorization": f"Bearer {token}"}

    reply = call("POST", "/api/answer", body={"question": "x" * 410_000}, **headers)

    assert (reply.status, reply.json()["error"]["code"]) == (413, "too_large")
