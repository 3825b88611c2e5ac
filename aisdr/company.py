"""A company is a tenant: who it is, what its representative may do, what it may cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field

from aisdr.audit import governed_by
from aisdr.booking import with_places
from aisdr.configuration import (
    Avatar,
    Branding,
    Consent,
    DemoClip,
    Mode,
    Models,
    People,
    Persona,
    Qualification,
    Realtime,
    Search,
    SearchStrategy,
    Speech,
    Webhook,
)
from aisdr.destination import Destinations, hosts_of
from aisdr.errors import Conflict, NotFound, StoreBusy
from aisdr.limits import Limits, Retention
from aisdr.own_tools import HttpTool
from aisdr.redaction import keep_private
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope
from aisdr.wire import Wire
from aisdr.written import Host, Origin, WebAddress

CompanyId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


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
    link_hosts: tuple[str, ...] = ()
    """Where an answer may lead, with every host below them: without `allowedOrigins`, of which a page knows its own."""
    link_pages: tuple[str, ...] = ()
    """Addresses on others' hosts where it may lead, each with what lies below it; braces stand for any value."""
    media_hosts: tuple[str, ...] = ()
    """Where its pictures and clips may come from beside our own host."""
    sample: bool


class Company(Wire):
    """The configuration of one tenant, as an operator writes it in `company.toml`."""

    company_id: CompanyId
    slug: CompanyId
    display_name: str = Field(min_length=1, max_length=80)
    short_description: str = Field("", max_length=300)
    website_url: WebAddress
    allowed_origins: tuple[Origin, ...] = ()
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
    booking_url: Annotated[WebAddress, Field(pattern=r"^https://")] | None = None
    """Cal.com, Calendly or any page; may hold `{name}`, `{email}`, `{company}` and `{topic}`."""
    demo_clips: tuple[DemoClip, ...] = ()
    link_hosts: tuple[Host, ...] = Field((), max_length=50)
    """Others, beside the company's own, that an answer may link to."""
    tools: tuple[str, ...] = (
        "search_knowledge",
        "show_visual",
        "get_demo_clip",
        "create_meeting_link",
        "log_lead",
        "request_human",
    )
    http_tools: tuple[HttpTool, ...] = Field((), max_length=16)
    """Tools of the company's own, allowed by being here."""
    people: People = People()
    webhook: Webhook | None = None
    speech: Speech = Speech()
    realtime: Realtime = Realtime()
    avatar: Avatar = Avatar()
    limits: Limits = Limits()
    retention: Retention = Retention()
    models: Models = Models()
    private_words: tuple[Annotated[str, Field(min_length=3, max_length=80)], ...] = Field((), max_length=50)
    """What no log may hold, such as `CUST-######`; `#` stands for any digit."""
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
    search: Search = Search()
    tavus_kb_weight: float = Field(0.3, ge=0, le=1, alias="tavusKBWeight")
    tavus_document_tags: tuple[str, ...] = ()
    tavus_kb_search_url: WebAddress | None = None

    @property
    def operator_scope(self) -> TenantScope:
        """For commands, ingestion and tests. A visitor's request has the scope of its session."""
        return TenantScope.for_operator(self.company_id)

    def allows(self, origin: str) -> bool:
        return origin in self.allowed_origins

    def with_calls_within(self, seconds: int) -> "Company":
        """The same with calls that last no longer than that."""
        limits = self.limits.model_copy(update={"call_seconds": min(self.limits.call_seconds, seconds)})
        return self.model_copy(update={"limits": limits})

    def offers(self, mode: Mode) -> bool:
        """Video needs the mode and the switch: an operator can take the avatar away without rewriting the modes."""
        return mode in self.modes and (mode != "video" or self.use_tavus_video)

    def profile(self) -> PublicProfile:
        told_otherwise = {"link_pages", "media_hosts"}
        shared = {name: getattr(self, name) for name in PublicProfile.model_fields.keys() - told_otherwise}
        led_to = self._led_to(())
        clips = ((clip.url, clip.poster, clip.captions_url) for clip in self.demo_clips)
        return PublicProfile(
            **shared
            | {
                "modes": tuple(mode for mode in self.modes if self.offers(mode)),
                "link_hosts": led_to.hosts,
                "link_pages": led_to.pages,
                "media_hosts": hosts_of(
                    (self.branding.logo_url, *(url for each in clips for url in each)), exactly=True
                ),
            }
        )

    def led_to(self) -> Destinations:
        """Where an answer may lead: to what the operator named for any purpose."""
        return self._led_to(self.allowed_origins)

    def _led_to(self, origins: Iterable[str]) -> Destinations:
        """The website is the company's own host unless it has only a path there, as at a builder of websites."""
        has_path = urlsplit(self.website_url).path not in ("", "/")
        own = (*hosts_of((*(() if has_path else (self.website_url,)), *origins)), *self.link_hosts)
        booking = with_places(self.booking_url) if self.booking_url else None
        return Destinations.of(own, (self.website_url, booking, self.people.url, self.consent.privacy_url))

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


def no_such_company(name: str) -> NotFound:
    """One answer for a company that does not exist and for one that is not the asker's."""
    return NotFound(f"Company '{name[:80]}' does not exist", code="company_not_found")


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


MOST_REMEMBERED = 256


class Companies:
    """The store of companies. Operators write it, functions read it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._last: dict[str, Company] = {}

    def get(self, company_id: str) -> Company:
        """As it is stored; as it was when it was last read, while the database turns us away.

        Raises:
            NotFound: there is none.
            StoreBusy: and it was never read here.
        """
        try:
            stored = self.stored(company_id)
        except StoreBusy:
            if company_id not in self._last:
                raise
            return self._last[company_id]
        if stored is None:
            self._last.pop(company_id, None)
            raise no_such_company(company_id)
        if len(self._last) >= MOST_REMEMBERED and company_id not in self._last:
            self._last.pop(next(iter(self._last)))
        self._last[company_id] = stored.company
        return stored.company

    def by_slug(self, slug: str) -> Company:
        """Raises: NotFound."""
        owner = self.owner_of(slug)
        if owner is None:
            raise no_such_company(slug)
        return self.get(owner)

    def owner_of(self, slug: str) -> str | None:
        """The id of the company that a slug leads to."""
        pointer = self._table.get(f"slug#{slug}", "slug")
        return str(pointer["company_id"]) if pointer else None

    def stored(self, company_id: str) -> StoredCompany | None:
        item = self._table.get(company_id, "company")
        if item is None:
            return None
        company = _stored(item)
        governed_by(company_id, item["version"])
        keep_private(company_id, company.private_words)
        return StoredCompany(company, item["version"])

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
