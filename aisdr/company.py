"""A company is a tenant: who it is, what its representative may do, what it may cost."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field

from aisdr.errors import Conflict, NotFound
from aisdr.table import Item, Table
from aisdr.wire import Wire

Mode = Literal["text", "tts", "voice", "video"]
SearchStrategy = Literal["parallel", "smart", "fallback", "own"]


_ORIGIN = re.compile(r"https?://([a-z0-9_.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
"""As a browser writes it: no user, no wildcard, other alphabets in Punycode."""


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("write an origin as scheme://host or scheme://host:port, lower case, without a path")
    return value


def _accent(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("write a colour as #rrggbb")
    return value


def _web_address(value: str) -> str:
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
        raise ValueError("write an address that begins with https://")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
CompanyId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


@dataclass(frozen=True)
class TenantScope:
    """The one key to a company's data. A request gets it from its verified session, an operator by naming a company."""

    company_id: str


class Branding(Wire):
    """What a company may turn on the widget; everything else follows from the accent."""

    accent: Annotated[str, AfterValidator(_accent)] = "#3b5bfd"
    radius: int = Field(20, ge=0, le=32)
    font: str | None = Field(None, max_length=120, pattern=r"^[\w\s,\"'-]*$")
    logo_url: WebAddress | None = None
    position: Literal["right", "left"] = "right"
    theme: Literal["auto", "light", "dark"] = "auto"


class Consent(Wire):
    """What a visitor agrees to before microphone, camera or vendor is touched. The session keeps `version`."""

    version: str = "1"
    text: str = (
        "Your messages are processed by an AI to answer you. In a call your voice is sent to our video provider."
    )
    privacy_url: WebAddress | None = None


class Persona(Wire):
    """How the representative speaks."""

    prompt: str = ""
    tone: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()


class Qualification(Wire):
    """What makes a lead."""

    criteria: tuple[str, ...] = ()


class DemoClip(Wire):
    """A clip that the representative may play, from `start` to `end` seconds."""

    title: str
    url: str
    description: str = ""
    start: float = Field(0, ge=0)
    end: float | None = Field(None, ge=0)
    topics: tuple[str, ...] = ()
    poster: str | None = None
    captions_url: str | None = None


class Limits(Wire):
    """Finite by default. A day is a UTC day."""

    call_seconds: int = Field(600, ge=60, le=3600)
    concurrent_calls: int = Field(2, ge=0)
    calls_per_day: int = Field(50, ge=0)
    minutes_per_day: int = Field(120, ge=0)
    money_per_day: float = Field(40.0, ge=0)


class ModelChoice(Wire):
    """A language model: `provider` is a member of `inference/`, `model` that provider's own name for it."""

    provider: Literal["bedrock", "openai", "extractive"] = "extractive"
    model: str = ""


class Models(Wire):
    """Asked in order: the next one answers when one fails before its first word."""

    chat: tuple[ModelChoice, ...] = Field((ModelChoice(),), min_length=1)


class PublicProfile(Wire):
    """All that a website's visitor may know about a company."""

    company_id: str
    slug: str
    display_name: str
    short_description: str
    website_url: str
    modes: tuple[Mode, ...]
    branding: Branding
    greeting: str
    starters: tuple[str, ...]
    languages: tuple[str, ...]
    disclosure: str
    consent: Consent
    sample: bool


class Company(Wire):
    """The configuration of one tenant, as an operator writes it in `company.toml`."""

    company_id: CompanyId
    slug: CompanyId
    display_name: str = Field(min_length=1, max_length=80)
    short_description: str = Field("", max_length=300)
    website_url: WebAddress
    allowed_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Exact origins of the websites that may embed the widget. Empty means nobody but our own hosted page."""
    modes: tuple[Mode, ...] = Field(("text",), min_length=1)
    branding: Branding = Branding()
    greeting: str = "Hello! What would you like to know?"
    starters: tuple[str, ...] = Field((), max_length=6)
    languages: tuple[str, ...] = ("en",)
    disclosure: str = "You are talking with an AI."
    consent: Consent = Consent()
    persona: Persona = Persona()
    qualification: Qualification = Qualification()
    booking_url: str | None = Field(None, pattern=r"^https://")
    """May hold `{name}`, `{email}`, `{company}` and `{topic}`."""
    demo_clips: tuple[DemoClip, ...] = ()
    tools: tuple[str, ...] = ("search_knowledge", "show_visual", "get_demo_clip", "create_meeting_link", "log_lead")
    limits: Limits = Limits()
    models: Models = Models()
    sample: bool = False
    """Says on the page that the content is invented for demonstration."""

    use_tavus_video: bool = False
    use_tavus_kb: bool = Field(False, alias="useTavusKB")
    tavus_replica_id: str | None = Field(
        None,
        pattern=r"^r[0-9a-z]+$",
        validation_alias=AliasChoices("tavusReplicaId", "tavusFaceId", "tavus_replica_id"),
        serialization_alias="tavusReplicaId",
    )
    tavus_persona_id: str | None = Field(
        None,
        pattern=r"^p[0-9a-z-]+$",
        validation_alias=AliasChoices("tavusPersonaId", "tavusPalId", "tavus_persona_id"),
        serialization_alias="tavusPersonaId",
    )
    search_strategy: SearchStrategy = "parallel"
    tavus_kb_weight: float = Field(0.3, ge=0, le=1, alias="tavusKBWeight")
    tavus_document_tags: tuple[str, ...] = ()
    tavus_kb_search_url: WebAddress | None = None

    @property
    def scope(self) -> TenantScope:
        return TenantScope(self.company_id)

    def allows(self, origin: str) -> bool:
        return origin in self.allowed_origins

    def offers(self, mode: Mode) -> bool:
        """Video needs the mode and the switch: an operator can take the avatar away without rewriting the modes."""
        return mode in self.modes and (mode != "video" or self.use_tavus_video)

    def profile(self) -> PublicProfile:
        shared = {name: getattr(self, name) for name in PublicProfile.model_fields}
        return PublicProfile(**shared | {"modes": tuple(mode for mode in self.modes if self.offers(mode))})

    def introduction(self) -> str:
        """Who the representative is and how it speaks, for every brain that plays it."""
        rules = (*(f"Do: {rule}" for rule in self.persona.do), *(f"Don't: {rule}" for rule in self.persona.dont))
        lines = (
            f"You are the AI sales representative of {self.display_name}. {self.short_description}".strip(),
            self.persona.prompt.strip(),
            f"Tone: {self.persona.tone}" if self.persona.tone else "",
            *rules,
        )
        return "\n".join(line for line in lines if line)

    def as_configuration(self) -> dict[str, Any]:
        """JSON-ready values under the operator's own key names."""
        return self.model_dump(mode="json", by_alias=True)


def _stored(item: Item) -> Company:
    """Keys that this version does not know are left out: an older deployment must live with a newer seed."""
    return Company.model_validate(item["configuration"], extra="ignore")


def slug_taken(slug: str, owner: str | None) -> Conflict:
    """The owner is not known when it came between our look and our write."""
    whose = f"company '{owner}'" if owner else "another company"
    return Conflict(f"slug '{slug}' belongs to {whose}; choose another slug", code="slug_taken")


@dataclass(frozen=True)
class StoredCompany:
    """A company together with the version that the next write must name."""

    company: Company
    version: int


class Companies:
    """The store of companies. Operators write it, functions read it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, company_id: str) -> Company:
        """Raises: NotFound."""
        stored = self.stored(company_id)
        if stored is None:
            raise NotFound(f"Company '{company_id[:80]}' does not exist", code="company_not_found")
        return stored.company

    def by_slug(self, slug: str) -> Company:
        """Raises: NotFound."""
        owner = self.owner_of(slug)
        if owner is None:
            raise NotFound(f"Company '{slug[:80]}' does not exist", code="company_not_found")
        return self.get(owner)

    def owner_of(self, slug: str) -> str | None:
        """The id of the company that a slug leads to."""
        pointer = self._table.get(f"slug#{slug}", "slug")
        return str(pointer["company_id"]) if pointer else None

    def stored(self, company_id: str) -> StoredCompany | None:
        item = self._table.get(company_id, "company")
        return StoredCompany(_stored(item), item["version"]) if item else None

    def list(self) -> list[Company]:
        """All companies by slug; for operators and the start page, not for a request's path."""
        items = self._table.scan_sort_key("company")
        return sorted(map(_stored, items), key=lambda each: each.slug)

    def sharing_persona(self, company: Company) -> tuple[Company, ...]:
        """Other companies that name the same PAL: what one writes into it, all of them say. For operators only."""
        pal = company.tavus_persona_id
        others = (each for each in self.list() if each.company_id != company.company_id) if pal else ()
        return tuple(other for other in others if other.tavus_persona_id == pal)

    def put(self, company: Company, *, expected_version: int) -> int:
        """Writes the company if its stored version still is `expected_version` (0 = not stored yet).

        Returns:
            The new version.

        Raises:
            Conflict: somebody else wrote in between (`version_conflict`), or another company holds the slug
                (`slug_taken`).
        """
        item: Item = {
            "pk": company.company_id,
            "sk": "company",
            "version": expected_version + 1,
            "configuration": company.as_configuration(),
        }
        before, owner = self.stored(company.company_id), self.owner_of(company.slug)
        with self._table.transaction(
            Conflict(
                f"Company '{company.company_id}' was changed by somebody else: look at the difference again and repeat",
                code="version_conflict",
            )
        ) as writes:
            if expected_version == 0:
                writes.put(item, condition="attribute_not_exists(pk)")
            else:
                writes.put(item, condition="version = :expected", values={":expected": expected_version})
            writes.put(
                {"pk": f"slug#{company.slug}", "sk": "slug", "company_id": company.company_id},
                condition="attribute_not_exists(pk) OR company_id = :owner",
                values={":owner": company.company_id},
                refusal=slug_taken(company.slug, owner),
            )
            if before and before.company.slug != company.slug:
                writes.delete(f"slug#{before.company.slug}", "slug")
        return expected_version + 1
