"""Three companies on one stage, with names that begin alike, the same prices, and a canary in everything they own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from aisdr.company import Company
from aisdr.index.base import Media, SearchIndex, SourceRecord
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.lead import Lead
from aisdr.services import Services
from aisdr.session import Session
from benchmarks.scoreboard.scene.doors import Answer, Doors, bearer
from benchmarks.scoreboard.scene.stage import Stage, stage
from tests.index.cluster import Cluster
from tests.material import a_chunk, a_company, teach
from tests.postbox import Postbox
from tests.tavus import Tavus

NAMES = ("acme", "acm", "acme-2")
TOOLS = ("search_knowledge", "show_visual", "log_lead")
PRICES = "The Team plan costs 12 euros a month for each person."
QUESTIONS = ("What does the Team plan cost?", "prices", "Show me the plan", "canary", "secret document", "Team")
_AGREED = {"version": "1"}
_JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Tenant:
    company: Company
    session: Session
    canary: str
    confirmation: str
    """Id of a card that its visitor was asked to confirm, and has not."""

    @property
    def name(self) -> str:
        return self.company.company_id


@dataclass(frozen=True)
class Tenants:
    """`shared` is OpenSearch's engine on a cluster in which all companies' indices are one and the same."""

    services: Services
    every: Sequence[Tenant]
    doors: Doors
    postbox: Postbox
    tavus: Tavus
    shared: SearchIndex

    def strange(self, to: Tenant, text: str) -> list[str]:
        """The canaries in a text that are not this company's."""
        return [each.canary for each in self.every if each is not to and each.canary in text]

    def post(self, to: Tenant, path: str, body: dict[str, Any], **more: str) -> Answer:
        token = self.services.sessions.issue(to.session).token
        headers = bearer(token) | {"origin": to.session.origin} | _JSON | more
        return self.doors.ask("POST", path, headers, json.dumps(body).encode())

    def frame(self, to: Tenant, frame: dict[str, Any]) -> str:
        """What comes back through the company's own socket."""
        event = {
            "requestContext": {"routeKey": "$default", "connectionId": f"socket-of-{to.name}", "requestId": "r"},
            "body": json.dumps(frame),
        }
        import_module("functions.ws-relay.handler").handler(event, None)
        return json.dumps(self.postbox.frames(f"socket-of-{to.name}"))


@contextmanager
def tenants() -> Iterator[Tenants]:
    with stage() as scene:
        embedder = scene.services.embedder("minilm")
        shared = OpenSearchIndex(cast("Any", Cluster(shared=True)), embedder.space)
        doors = Doors()
        every = [_settled(scene, doors, name, shared) for name in NAMES]
        yield Tenants(scene.services, every, doors, scene.postbox, scene.tavus, shared)


def _settled(scene: Stage, doors: Doors, name: str, shared: SearchIndex) -> Tenant:
    services, canary = scene.services, f"canary{name.replace('-', '')}q7"
    company = _opened(scene, name)
    _taught(services, company, canary, shared)
    session = services.sessions.open(company, f"https://{name}.example", "1")
    services.transcripts.append(session, "visitor", f"My secret is {canary}", channel="text")
    services.transcripts.append(session, "assistant", f"I will keep {canary}", channel="text")
    services.leads.add(company, session, Lead(email=f"{canary}@example.com", name=canary))
    asked = {"companyId": name, "name": "log_lead", "arguments": {"email": f"{canary}@example.com"}}
    headers = bearer(services.sessions.issue(session).token) | {"origin": session.origin} | _JSON
    card = json.loads(doors.ask("POST", "/api/tavus/tool", headers, json.dumps(asked).encode()).body)
    ticket = services.sessions.issue(session).ticket
    services.entrance.enter(f"socket-of-{name}", ticket, session.origin)
    return Tenant(company, session, canary, card["result"]["confirmationId"])


def _opened(scene: Stage, name: str) -> Company:
    known = scene.services.companies.stored(name)
    company = a_company(
        name,
        modes=("text", "video"),
        tools=TOOLS,
        limits=scene.company.limits.model_dump(),
        tavus_replica_id="r90bbd427f71",
    )
    scene.services.companies.put(company, expected_version=known.version if known else 0)
    return company


def _taught(services: Services, company: Company, canary: str, shared: SearchIndex) -> None:
    name = company.company_id
    image = Media(kind="image", url=f"/media/_private/{name}/{canary}.png", alt=canary)
    chunks = [
        # The same for all to the last bit of its vector, but for whose it is.
        a_chunk("prices", PRICES, chunk_id=f"{canary}-prices", url=f"/media/_private/{name}/{canary}.pdf"),
        a_chunk(f"{canary}.md", f"Our secret document is called {canary}.", chunk_id=f"{canary}-secret"),
        a_chunk(f"{canary}.png", "The plan", chunk_id=f"{canary}-plan", modality="image", media=image),
    ]
    teach(services, company, *chunks)
    place = services.place(company.operator_scope)
    for chunk in chunks:
        vectors = place.embedder.embed_passages([chunk.searchable_text])
        shared.replace_source(company.operator_scope, SourceRecord(chunk.source_id, "h", 1), [chunk], vectors)


def open_video(scene: Tenants, to: Tenant, key: str) -> Answer:
    """A paid call, into which the conversation so far goes along."""
    wish = {"companyId": to.name, "consent": _AGREED}
    return scene.post(to, "/api/tavus/session", wish, **{"idempotency-key": key})
