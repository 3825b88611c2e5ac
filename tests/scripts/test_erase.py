"""`aisdr erase` (T-PRV-02): after it, nothing that a visitor or a company left is found in any store, nor at Tavus."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from aisdr.company import Company
from aisdr.configuration import ModelChoice, Webhook
from aisdr.errors import Conflict, InvalidInput, NotFound
from aisdr.handover import HandoverRequest
from aisdr.lead import Lead
from aisdr.ledger import ERASED
from aisdr.services import Services
from aisdr.session import Session
from aisdr.tools.base import ToolContext
from scripts import erase as command
from tests.calls import start_call
from tests.conftest import COMPANIES, CONVERSATIONS, KNOWLEDGE, MEDIA
from tests.material import ORIGIN, a_chunk, a_company, items, teach
from tests.tavus import KEY, Tavus
from tests.webhook_receiver import SECRET

pytestmark = pytest.mark.slow

EMAIL, PHONE, NAME = "Zebra.Canary@mail.example", "+1 555 010 4477", "Zebedee Canary"
SAID = f"I am {NAME}, write to {EMAIL} or call {PHONE}."
OTHER = "another.person@mail.example"


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


@pytest.fixture
def acme(services: Services) -> Company:
    company = a_company(
        webhook=Webhook(url="https://hooks.acme.example/", secrets=(SECRET,)), tavus_replica_id="r90bbd427f71"
    )
    services.companies.put(company, expected_version=0)
    return company


def leave_traces(services: Services, company: Company, email: str, said: str, name: str) -> Session:
    """A visitor who speaks, is called, leaves a lead, wants a person, is read to, and is remembered in short."""
    session = services.sessions.open(company, f"https://{company.company_id}.example", "1")
    services.sessions.introduce(session, json.dumps({"visitor": {"email": email}}))
    services.consents.record(company, session, "video")
    services.transcripts.append(session, "visitor", said, channel="text", key="q1")
    services.transcripts.append(session, "assistant", f"Welcome, {name}!", channel="text")
    phone = PHONE if email == EMAIL else None
    services.leads.add(company, session, Lead(email=email, name=name, phone=phone, message=said), key="k")
    services.handovers.add(company, session, HandoverRequest(reason=said, email=email))
    context = ToolContext(company, session)
    services.tools.run(context, "call-0001", "log_lead", {"email": email, "name": name})
    services.usages.record(session, ModelChoice(provider="openai", model="m"), input_tokens=1, output_tokens=1)
    services.conversations.put({"pk": session.key, "sk": "summary", "text": said, "expires_at": 1})  # expired, not gone
    services.client("s3").put_object(Bucket=MEDIA, Key=f"speech/{company.company_id}/d.mp3", Body=said.encode())
    start_call(services.calls, company, session, f"key-of-{email}")
    return session


def everything(services: Services, tavus: Tavus) -> str:
    """All that any store holds, and what Tavus did not delete."""
    s3 = services.client("s3")
    objects = [
        {"key": each["Key"], "body": s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode("latin-1")}
        for bucket in (MEDIA, KNOWLEDGE)
        for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    ]
    files = [
        path.read_bytes().decode("latin-1") for path in Path(services.settings.index_dir).rglob("*") if path.is_file()
    ]
    rows = [items(services.dynamodb, table) for table in (COMPANIES, CONVERSATIONS)]
    kept = [each for each in tavus.conversations() if not each["deleted"]]
    return json.dumps([objects, files, rows, kept], ensure_ascii=False)


def aisdr_erase(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(command.erase)
    return CliRunner().invoke(app, list(arguments))


def test_after_a_visitor_was_erased_no_store_holds_a_word_of_them_and_others_lose_nothing(
    services: Services, acme: Company, tavus: Tavus
) -> None:
    mine = leave_traces(services, acme, EMAIL, SAID, NAME)
    others = leave_traces(services, acme, OTHER, "Something else.", "Somebody")
    assert everything(services, tavus).count("Canary") > 10

    erased = services.forgetting.erase(acme, EMAIL.lower())

    found = everything(services, tavus)
    for canary in (EMAIL, EMAIL.lower(), NAME, "Zebedee", "555 010 4477", mine.key):
        assert canary not in found, canary
    assert erased.left == []
    assert [lead.lead.email for lead in services.leads.each(acme.operator_scope)] == [OTHER]
    assert services.transcripts.all(others)
    deleted = [each["deleted"] for each in tavus.conversations()]
    assert sorted(deleted) == [False, True]


def test_the_money_stays_without_the_person_and_so_does_the_consent(
    services: Services, acme: Company, tavus: Tavus
) -> None:
    session = leave_traces(services, acme, EMAIL, SAID, NAME)
    before = services.ledger.today("acme")

    services.forgetting.erase(acme, EMAIL)

    (operation,) = services.ledger.each(acme.operator_scope)
    assert (operation.session_id, operation.state, operation.conversation_id) == (ERASED, "settled", None)
    assert services.ledger.today("acme")["calls"] == before["calls"] == 1
    (consent,) = services.consents.each(acme.operator_scope)
    assert (consent.session_id, consent.mode) == (session.session_id, "video")
    assert services.consents.text(acme.operator_scope, consent.digest) == acme.consent.text


@pytest.mark.parametrize("named_by", ["session", "lead", "email"])
def test_a_visitor_is_found_by_whatever_they_were_given(
    services: Services, acme: Company, tavus: Tavus, named_by: str
) -> None:
    session = leave_traces(services, acme, EMAIL, SAID, NAME)
    (lead,) = services.leads.each(acme.operator_scope)
    names = {"session": session.session_id, "lead": lead.lead_id, "email": EMAIL}

    services.forgetting.erase(acme, names[named_by])

    assert "Canary" not in everything(services, tavus)


def test_an_address_that_only_ends_or_begins_alike_is_somebody_elses(services: Services, acme: Company) -> None:
    session = services.sessions.open(acme, ORIGIN, "1")
    for email in ("joann@mail.example", "ann@mail.example.org"):
        services.leads.add(acme, session, Lead(email=email))

    services.forgetting.erase(acme, "ann@mail.example")

    assert len(list(services.leads.each(acme.operator_scope))) == 2


def test_a_dry_run_counts_and_erases_nothing(services: Services, acme: Company, tavus: Tavus) -> None:
    leave_traces(services, acme, EMAIL, SAID, NAME)
    before = everything(services, tavus)

    done = aisdr_erase("--visitor", EMAIL, "--dry-run", "--json")

    (told,) = json.loads(done.stdout)["erased"]
    assert told["dry_run"]
    assert told["removed"]["conversations"] == 1
    assert everything(services, tavus) == before


def test_a_vendor_that_refuses_is_told_and_the_same_command_goes_on(
    services: Services, acme: Company, tavus: Tavus, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_traces(services, acme, EMAIL, SAID, NAME)
    services.forgetting._pause = lambda _: None
    tavus.fault(status=500, method="DELETE", path="/v2/conversations/*", times=20)

    first = aisdr_erase("--visitor", EMAIL, "--yes", "--json")
    tavus.clear_faults()
    services.erasure._clock = lambda: 9e9
    services.erasure.sweep_due()

    assert first.exit_code == command.UNFINISHED
    assert "reconciler" in json.loads(first.stdout)["erased"][0]["left"][0]
    assert "Canary" not in everything(services, tavus)
    assert tavus.conversations()[0]["deleted"]


def company_with_everything(services: Services, company: Company) -> None:
    leave_traces(services, company, EMAIL, SAID, NAME)
    teach(services, company, a_chunk("canary", f"{NAME} founded us."))
    s3 = services.client("s3")
    for bucket, key in ((MEDIA, "acme/a.png"), (MEDIA, "_private/acme/b.png"), (KNOWLEDGE, "acme/notes.md")):
        s3.put_object(Bucket=bucket, Key=key, Body=NAME.encode())
    services.documents.register(company.operator_scope, NAME, "https://x.example/canary.pdf", ())


def test_after_a_company_was_erased_nothing_is_left_of_it_but_numbers(
    services: Services, acme: Company, tavus: Tavus
) -> None:
    globex = a_company("globex")
    services.companies.put(globex, expected_version=0)
    leave_traces(services, globex, OTHER, "Something else.", "Somebody")
    company_with_everything(services, acme)

    done = aisdr_erase("--company", "acme", "--yes", "--json")

    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)["erased"]
    assert told["left"] == []
    assert {"configuration", "media", "dropped files", "rows", "documents at Tavus"} <= told["removed"].keys()
    found = everything(services, tavus)
    assert "Canary" not in found
    assert SECRET not in found
    rest = [row for table in (COMPANIES, CONVERSATIONS) for row in items(services.dynamodb, table)]
    assert {row["pk"]["S"] for row in rest if "acme" in row["pk"]["S"]} == {"acme#ledger"}
    assert all("expires_at" in row for row in rest if row["pk"]["S"] == "acme#ledger")
    assert services.documents.there(acme.operator_scope) == {}
    assert len(list(services.leads.each(globex.operator_scope))) == 1


def test_a_removal_that_was_interrupted_goes_on_and_the_name_is_free_only_then(
    services: Services, acme: Company, tavus: Tavus
) -> None:
    company_with_everything(services, acme)
    services.removal._pause = lambda _: None
    tavus.fault(status=500, method="DELETE", path="/v2/documents/*", times=20)

    first = services.removal.erase("acme")
    with pytest.raises(NotFound):
        services.companies.get("acme")
    assert any("document" in rest for rest in first.left)
    assert services.companies.owner_of("acme") == "acme"
    tavus.clear_faults()
    second = services.removal.erase("acme")

    assert second.left == []
    assert services.companies.owner_of("acme") is None
    assert "Canary" not in everything(services, tavus)


def test_without_a_person_or_a_yes_nothing_happens(services: Services, acme: Company) -> None:
    for arguments, refusal in (
        ((), InvalidInput),
        (("--company", "acme"), Conflict),
        (("--visitor", "ann", "--yes"), NotFound),
    ):
        assert isinstance(aisdr_erase(*arguments).exception, refusal)
    assert services.companies.get("acme")
