"""Companies: every key survives the store, addresses are exact, a slug has one owner, a stale writer is refused."""

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from aisdr.company import Companies, Company
from aisdr.configuration import Webhook
from aisdr.errors import Conflict, NotFound
from aisdr.table import Table
from tests.conftest import COMPANIES
from tests.material import a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVERY_KEY: dict[str, Any] = {
    "companyId": "acme",
    "slug": "acme-robots",
    "displayName": "Acme Röbots",
    "shortDescription": "Robots for warehouses",
    "websiteUrl": "https://acme.example",
    "allowedOrigins": ["https://acme.example", "http://localhost:8080"],
    "modes": ["text", "tts", "voice", "video"],
    "branding": {
        "accent": "#aa3300",
        "radius": 8,
        "font": '"Open Sans", sans-serif',
        "logoUrl": "https://acme.example/logo.svg",
        "position": "left",
        "theme": "dark",
    },
    "greeting": "Hi!",
    "starters": ["What does it cost?"],
    "languages": ["en", "de"],
    "disclosure": "I am an AI.",
    "consent": {"version": "7", "text": "We store this.", "privacyUrl": "https://acme.example/privacy"},
    "privateWords": ["CUST-######"],
    "retention": {"conversationDays": 7, "leadDays": 90, "consentDays": 400},
    "persona": {"prompt": "Be brief.", "tone": "calm", "do": ["name prices"], "dont": ["promise dates"]},
    "qualification": {"criteria": ["has a warehouse"]},
    "bookingUrl": "https://cal.example/acme?name={name}",
    "demoClips": [
        {
            "title": "Picking",
            "url": "/media/acme/picking.webm",
            "description": "A robot picks",
            "start": 1.5,
            "end": 9.25,
            "topics": ["picking"],
            "poster": "/media/acme/picking.webp",
            "captionsUrl": "/media/acme/picking.vtt",
        }
    ],
    "linkHosts": ["docs.partner.example"],
    "tools": ["search_knowledge", "log_lead"],
    "httpTools": [
        {
            "name": "reserve_demo",
            "title": "Reserve a demo device?",
            "description": "Reserve a demo device.",
            "parameters": {
                "type": "object",
                "properties": {
                    "people": {
                        "type": "integer",
                        "description": "How many come",
                        "title": "People",
                        "enum": [1, 2],
                        "minimum": 1.0,
                        "maximum": 2.0,
                        "minLength": None,
                        "maxLength": None,
                    }
                },
                "required": ["people"],
                "additionalProperties": False,
            },
            "url": "https://tools.acme.example/reserve",
            "secret": "whsec_" + "A" * 32,
            "timeoutSeconds": 2.5,
            "maxBytes": 4096,
            "writes": False,
        }
    ],
    "people": {
        "name": "Sales",
        "email": "sales@acme.example",
        "phone": "+1 555 0100",
        "url": "https://acme.example/contact",
        "hours": "Mon to Fri",
    },
    "webhook": {"url": "https://crm.acme.example/hook", "secrets": ["whsec_" + "B" * 32]},
    "speech": {"provider": "openai", "engine": "neural", "model": "tts-1", "voices": {"de": "alloy"}, "price": 0.5},
    "realtime": {
        "model": "gpt-realtime-2.1",
        "voice": "cedar",
        "transcriptionModel": "gpt-realtime-whisper",
        "turnDetection": "server_vad",
        "eagerness": "low",
        "noiseReduction": "near_field",
    },
    "avatar": {
        "model": "tavus-gpt-oss",
        "patience": "high",
        "interruptibility": "low",
        "idleEngagement": "eager",
        "perception": True,
        "guardrails": ["Never give legal advice"],
        "hotwords": ["Acme"],
    },
    "limits": {
        "callSeconds": 300,
        "concurrentCalls": 1,
        "networkCallsPerHour": 4,
        "callsPerDay": 9,
        "minutesPerDay": 45,
        "moneyPerDay": 12.34,
        "minutesPerMonth": 900,
        "moneyPerMonth": 150.5,
        "answerTokens": 500,
        "toolSteps": 2,
    },
    "models": {
        "chat": [
            {"provider": "openai", "model": "small", "temperature": 0.5, "inputPrice": 0.25, "outputPrice": 1.5},
            {"provider": "extractive", "model": "", "temperature": None, "inputPrice": 0.0, "outputPrice": 0.0},
        ]
    },
    "sample": True,
    "useTavusVideo": True,
    "useTavusKB": True,
    "tavusReplicaId": "r90bbd427f71",
    "tavusPersonaId": "pcb7a34da5fe",
    "searchStrategy": "smart",
    "search": {
        "deadlineMs": 500,
        "liveDeadlineMs": 300,
        "wordsWeight": 0.25,
        "weak": 0.4,
        "rerank": "bedrock",
        "rerankModel": "amazon.rerank-v1:0",
        "synonyms": [["SSO", "single sign-on"]],
        "exemplars": [{"question": "How does the board look?", "route": "multimodal"}],
    },
    "tavusKBWeight": 0.45,
    "tavusDocumentTags": ["acme"],
    "tavusKbSearchUrl": "https://kb.acme.example/search",
}


@pytest.fixture
def companies(companies_table: Table) -> Companies:
    return Companies(companies_table)


def test_every_key_an_operator_can_write_comes_back_from_the_store(companies: Companies) -> None:
    companies.put(Company.model_validate(EVERY_KEY), expected_version=0)

    assert companies.get("acme").as_configuration() == EVERY_KEY


def test_the_list_of_keys_above_is_complete() -> None:
    known = {field.serialization_alias or field.alias for field in Company.model_fields.values()}

    assert known == set(EVERY_KEY)


@pytest.mark.parametrize(
    ("face", "pal"), [("tavusReplicaId", "tavusPersonaId"), ("tavusFaceId", "tavusPalId")], ids=["old", "new"]
)
def test_both_name_families_of_tavus_are_the_same_fields(face: str, pal: str) -> None:
    minimal = {key: EVERY_KEY[key] for key in ("companyId", "slug", "displayName", "websiteUrl")}

    company = Company.model_validate(minimal | {face: "r90bbd427f71", pal: "pcb7a34da5fe"})

    assert (company.tavus_replica_id, company.tavus_persona_id) == ("r90bbd427f71", "pcb7a34da5fe")
    assert company.as_configuration()["tavusReplicaId"] == "r90bbd427f71"


@pytest.mark.parametrize(
    "origin",
    [
        "https://acme.example/",
        "https://acme.example/shop",
        "https://ACME.example",
        "acme.example",
        "//acme.example",
        "https://",
        "null",
        "*",
        "https://acme.example?x",
        "https://acme.example#x",
        "file:///acme",
        "https://user@acme.example",
        "https://acme.example:port",
        "https://*.acme.example",
    ],
)
def test_an_origin_is_written_exactly_or_not_at_all(origin: str) -> None:
    with pytest.raises(ValidationError):
        a_company(allowed_origins=(origin,))


@pytest.mark.parametrize(
    "origin",
    [
        "https://acme.example.",
        "https://acme.example:443",
        "http://acme.example",
        "https://shop.acme.example",
        "https://acme.example.evil.example",
        "https://evil-acme.example",
        "HTTPS://acme.example",
        "null",
        "",
    ],
)
def test_an_origin_that_only_looks_like_a_listed_one_is_foreign(origin: str) -> None:
    assert a_company().allows("https://acme.example")
    assert not a_company().allows(origin)


def test_no_listed_origin_means_nobody() -> None:
    company = a_company(allowed_origins=())

    assert not company.allows("https://acme.example")
    assert not company.allows("")


def test_calls_last_as_long_as_the_company_allows_and_no_longer_than_is_left() -> None:
    company = a_company(limits={"call_seconds": 300, "concurrent_calls": 7})

    assert company.with_calls_within(120) == a_company(limits={"call_seconds": 120, "concurrent_calls": 7})
    assert company.with_calls_within(301) == company


def test_video_needs_the_mode_and_the_switch() -> None:
    assert a_company().offers("video")
    assert not a_company(use_tavus_video=False).offers("video")
    assert not a_company(modes=("text",)).offers("video")


def test_the_profile_tells_only_what_a_visitor_may_know() -> None:
    profile = Company.model_validate(EVERY_KEY | {"useTavusVideo": False}).profile().model_dump(by_alias=True)

    assert set(profile) == {
        *("companyId", "slug", "displayName", "shortDescription", "websiteUrl", "modes", "branding", "greeting"),
        *("starters", "languages", "disclosure", "consent", "sample", "linkHosts", "linkPages", "mediaHosts"),
    }
    assert profile["modes"] == ("text", "tts", "voice")


@pytest.mark.parametrize("money", [float("inf"), float("nan")])
def test_a_budget_is_finite(money: float) -> None:
    with pytest.raises(ValidationError):
        a_company(limits={"money_per_day": money})


def test_an_unknown_company_is_not_found_by_id_or_slug(companies: Companies) -> None:
    with pytest.raises(NotFound, match="Company 'acme' does not exist"):
        companies.get("acme")
    with pytest.raises(NotFound, match="Company 'acme' does not exist"):
        companies.by_slug("acme")


def test_a_company_is_found_by_its_slug(companies: Companies) -> None:
    companies.put(a_company(slug="robots"), expected_version=0)

    assert companies.by_slug("robots").company_id == "acme"


def test_a_slug_has_one_owner(companies: Companies, aws: "DynamoDBClient") -> None:
    companies.put(a_company("acme", slug="robots"), expected_version=0)
    before = items(aws, COMPANIES)

    with pytest.raises(Conflict, match="slug 'robots' belongs to company 'acme'; choose another slug") as caught:
        companies.put(a_company("globex", slug="robots"), expected_version=0)

    assert caught.value.code == "slug_taken"
    assert items(aws, COMPANIES) == before


def test_a_new_slug_frees_the_old_one(companies: Companies) -> None:
    companies.put(a_company("acme", slug="old"), expected_version=0)

    companies.put(a_company("acme", slug="new"), expected_version=1)
    companies.put(a_company("globex", slug="old"), expected_version=0)

    assert companies.by_slug("new").company_id == "acme"
    assert companies.by_slug("old").company_id == "globex"


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_writer_who_did_not_see_the_newest_version_is_refused(
    companies: Companies, aws: "DynamoDBClient", expected: int
) -> None:
    companies.put(a_company(), expected_version=0)
    companies.put(a_company(greeting="second"), expected_version=1)
    before = items(aws, COMPANIES)

    with pytest.raises(Conflict) as caught:
        companies.put(a_company(greeting="late"), expected_version=expected)

    assert caught.value.code == "version_conflict"
    assert items(aws, COMPANIES) == before


def test_companies_that_share_a_pal_are_found(companies: Companies) -> None:
    pals = (("acme", "p1"), ("globex", "p1"), ("initech", None), ("hooli", None))
    ours, theirs, none, other = (a_company(name, tavus_persona_id=pal) for name, pal in pals)
    for company in (ours, theirs, none, other):
        companies.put(company, expected_version=0)

    assert companies.sharing_persona(ours) == (theirs,)
    assert companies.sharing_persona(none) == ()


def test_companies_are_listed_by_slug_without_their_pointers(companies: Companies) -> None:
    companies.put(a_company("globex", slug="a-globex"), expected_version=0)
    companies.put(a_company("acme", slug="b-acme"), expected_version=0)

    assert [company.company_id for company in companies.list()] == ["globex", "acme"]


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.acme.example/hook",
        "https://crm.acme.example:port/hook",
        "https://crm.acme.example:99999/hook",
        "https://crm acme.example/hook",
        "https://user:password@crm.acme.example/hook",
        "https:///hook",
        "https://[hook]/",
        # Read in more ways than there is time, where a name's dots are optional.
        "https://" + "x" * 60 + "." * 2 + "x" * 40,
    ],
)
def test_an_address_that_cannot_be_posted_to_is_refused_when_it_is_written(url: str) -> None:
    with pytest.raises(ValidationError, match="write"):
        Webhook(url=url, secrets=("whsec_" + "B" * 32,))


@pytest.mark.parametrize(
    "url", ["https://crm.acme.example:8443/hook", "http://localhost:9/", "https://[2606:4700::1]/"]
)
def test_an_address_that_can_be_posted_to_is_taken(url: str) -> None:
    assert Webhook(url=url, secrets=("whsec_" + "B" * 32,)).url == url
