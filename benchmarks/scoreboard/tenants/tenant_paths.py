"""Every path on which one company's visitor may ask for what is another's, by names that he knows: those of S-05."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import jwt

from aisdr.answer import Answer, Citation
from aisdr.index.base import IndexQuery, Modality, SearchHit
from aisdr.inference.base import Vectors
from aisdr.knowledge.base import SearchResult
from aisdr.knowledge.cache import Answers, key_of
from aisdr.media_links import MediaLinks
from aisdr.secret import Keys
from aisdr.tenant import mark_of
from benchmarks.scoreboard.tenants.tenants import QUESTIONS, Tenant, Tenants
from tests.material import KEYS
from tests.media_keys import media_keys

KINDS: Sequence[tuple[Modality, ...]] = ((), ("image",), ("text", "image"), ("video",))


@dataclass(frozen=True)
class Try:
    """Who asks, and for whose."""

    scene: Tenants
    chance: random.Random
    asker: Tenant
    owner: Tenant


Path = Callable[[Try], str]
"""Carries one attempt out, and returns all that its asker gets to see."""


class Leak(Exception):
    """Something that no canary stands in was another company's."""


def paths_between_companies(vectors: Mapping[str, Vectors]) -> dict[str, tuple[float, Path]]:
    """Name → how often of a thousand it is taken, and the path itself. A door costs a hundred looks at an index."""

    def query(attempt: Try) -> IndexQuery:
        chance = attempt.chance
        text = chance.choice([*QUESTIONS, attempt.owner.canary, f"company:{attempt.owner.name}", ""])
        vector = vectors.get(text) if chance.random() < 0.6 else None
        kinds: tuple[Modality, ...] = chance.choice(KINDS)
        return IndexQuery(text, vector, chance.randint(0, 60), kinds, words_weight=chance.random())

    def embedded(attempt: Try) -> str:
        index = attempt.scene.services.place(attempt.asker.session.scope).index
        return _told(attempt, index.search(attempt.asker.session.scope, query(attempt)))

    def opensearch(attempt: Try) -> str:
        return _told(attempt, attempt.scene.shared.search(attempt.asker.session.scope, query(attempt)))

    def source(attempt: Try) -> str:
        index = attempt.scene.services.place(attempt.asker.session.scope).index
        index = attempt.chance.choice([index, attempt.scene.shared])
        scope, name = attempt.asker.session.scope, f"{attempt.owner.canary}.md"
        chunks = [*index.chunks(scope, name), *index.media_chunks(scope)]
        return repr((chunks, index.sources(scope), index.vectors(scope, name), index.vocabulary(scope).words.keys()))

    return {
        "embedded index": (260, embedded),
        "OpenSearch, filter alone": (160, opensearch),
        "sources of an index": (20, source),
        "cache": (180, _cache()),
        "media links": (160, _media()),
        "tokens": (170, _token),
        "transcript": (16, _transcript),
        "leads and handovers": (4, _leads),
        "memory": (4, _memory),
        "connections": (10, _connection),
        "door: search": (4, _search_door),
        "door: tool": (4, _tool_door),
        "door: session": (5, _session_door),
        "door: relay": (3, _relay_door),
    }


def _told(attempt: Try, hits: Sequence[SearchHit]) -> str:
    if any(hit.owner != mark_of(attempt.asker.session.scope) for hit in hits):
        raise Leak
    return repr(hits)


def _cache() -> Path:
    """The owner's answer is kept, and the asker's question differs from the owner's in nothing but who asks."""
    answers = Answers()
    today = datetime.now(UTC).date()

    def path(attempt: Try) -> str:
        chance, scene = attempt.chance, attempt.scene
        question, limit, live = chance.choice(QUESTIONS), chance.randint(1, 50), chance.random() < 0.5

        def key(of: Tenant, company: Tenant) -> object:
            place = scene.services.place(of.session.scope)
            return key_of(company.company, place, "1", question, "own", limit, (), live, False, today)

        kept = SearchResult(hits=(), strategy="own", explanation=None)
        hit = scene.services.place(attempt.owner.session.scope).index.search(
            attempt.owner.session.scope, IndexQuery("prices", None, 1)
        )
        answers.put(key(attempt.owner, attempt.owner), kept.model_copy(update={"hits": tuple(hit)}))
        found = answers.get(key(attempt.asker, attempt.asker))
        return "" if found is None else _told(attempt, found.hits)

    return path


def _media() -> Path:
    links = MediaLinks("http://localhost:3000", Keys(media_keys()))

    def path(attempt: Try) -> str:
        name, canary = attempt.owner.name, attempt.owner.canary
        address = attempt.chance.choice(
            [
                f"/media/_private/{name}/{canary}.pdf",
                f"/media/_private/{attempt.asker.name}/../{name}/{canary}.pdf",
                f"/media/_private/{attempt.asker.name}/%2e%2E/{name}/{canary}.pdf",
                f"/media/_private/{attempt.asker.name}-2/{canary}.pdf",
                f"/media/_private/{attempt.asker.name[:-1]}/{canary}.pdf",
                f"/media/_private//{name}/{canary}.pdf",
                f"/media/_private/{name}/{canary}.pdf?Expires=1#/media/_private/{attempt.asker.name}/",
                f"http://localhost:3000/media/_private/{name}/{canary}.pdf",
            ]
        )
        answer = Answer(text="", citations=(Citation(number=1, title="a", url=address, chunk_id="1"),))
        signed = links.whole(attempt.asker.session, answer).citations[0].url
        if signed != address and not signed.startswith(f"/media/_private/{attempt.asker.name}/"):
            raise Leak
        if signed != address and not _stays(signed, attempt.asker.name):
            raise Leak
        return ""

    return path


def _stays(address: str, name: str) -> bool:
    """Whether a server that resolves dots would still serve a file of this company."""
    parts: list[str] = []
    for part in unquote(address.partition("?")[0]).split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return parts[:3] == ["media", "_private", name]


def _token(attempt: Try) -> str:
    """A token that names the other one's conversation, and is not signed for it."""
    owner, chance, now = attempt.owner.session, attempt.chance, int(time.time())
    claims: dict[str, Any] = {
        "iss": "aisdr",
        "aud": "api",
        "sub": owner.session_id,
        "cid": owner.company_id,
        "org": owner.origin,
    }
    claims |= {"jti": "x", "iat": now, "exp": now + 300}
    header = {
        "kid": chance.choice([*KEYS, "k9", "", "../k2"]),
        "typ": chance.choice(["sdr+session", "sdr+ticket", "JWT"]),
    }
    mine = attempt.scene.services.sessions.issue(attempt.asker.session).token if chance.random() < 0.2 else ""
    forged = jwt.encode(claims, "a key that nobody here ever knew, 32 b", algorithm="HS256", headers=header)
    signed = chance.choice(
        [
            forged,
            f"{forged.rpartition('.')[0]}.{mine.rpartition('.')[2]}",
            jwt.encode(claims, "", algorithm="none", headers=header),
            mine,
        ]
    )
    session = attempt.scene.services.sessions.authenticate(signed, chance.choice([None, owner.origin]))
    if session.company_id != attempt.asker.name:
        raise Leak
    return session.session_id


def _mixed(attempt: Try) -> object:
    """The asker's session under the other one's id: what a door would have if it believed an id that was sent to it."""
    return replace(attempt.asker.session, session_id=attempt.owner.session.session_id)


def _transcript(attempt: Try) -> str:
    transcripts, session = attempt.scene.services.transcripts, attempt.asker.session
    read = attempt.chance.choice([transcripts.all, transcripts.recent])
    return repr([*read(_mixed(attempt)), *read(session)])  # type: ignore[arg-type]


def _leads(attempt: Try) -> str:
    services, scope = attempt.scene.services, attempt.asker.session.scope
    return repr([services.leads.list(scope), [*services.handovers.each(scope)]])


def _memory(attempt: Try) -> str:
    services, company = attempt.scene.services, attempt.asker.company
    return services.memory.told(company, _mixed(attempt)) + services.memory.told(company, attempt.asker.session)  # type: ignore[arg-type]


def _connection(attempt: Try) -> str:
    if attempt.scene.services.connections.of_session(_mixed(attempt)):  # type: ignore[arg-type]
        raise Leak
    return repr(attempt.scene.services.frames.after(_mixed(attempt), 0, None))  # type: ignore[arg-type]


def _search_door(attempt: Try) -> str:
    named = attempt.chance.choice([attempt.owner.name, attempt.asker.name, "nobody"])
    if attempt.chance.random() < 0.7:
        body = {"companyId": named, "query": attempt.chance.choice([*QUESTIONS, attempt.owner.canary])}
        return attempt.scene.post(attempt.asker, "/api/search", body).body.decode()
    # A canary that a visitor brings along would be found in what he said, and prove nothing.
    question = {"question": attempt.chance.choice(QUESTIONS)}
    return attempt.scene.post(attempt.asker, "/api/answer", question).body.decode()


def _tool_door(attempt: Try) -> str:
    chance, words = attempt.chance, attempt.chance.choice(QUESTIONS)
    if chance.random() < 0.3:
        word = {"confirmationId": attempt.owner.confirmation, "accept": True}
        return attempt.scene.post(attempt.asker, "/api/tool/confirmation", word).body.decode()
    name = chance.choice(["search_knowledge", "show_visual"])
    arguments = {"query": words} | ({"companyId": attempt.owner.name} if chance.random() < 0.3 else {})
    company_id = chance.choice([attempt.asker.name, attempt.owner.name])
    body = {"companyId": company_id, "name": name, "arguments": arguments}
    return attempt.scene.post(attempt.asker, "/api/tavus/tool", body).body.decode()


def _session_door(attempt: Try) -> str:
    """The other one's conversation by its id: to read, to renew, to rate, to introduce oneself. Nothing is ended."""
    path = attempt.chance.choice(["", "/renew", "/rating", "/introduction"])
    bodies: dict[str, dict[str, Any]] = {
        "/rating": {"answerId": "q-1", "rating": "good"},
        "/introduction": {"visitor": {"name": "Ada"}},
    }
    address = f"/api/session/{attempt.owner.session.session_id}{path}"
    if path:
        return attempt.scene.post(attempt.asker, address, bodies.get(path, {})).body.decode()
    token = attempt.scene.services.sessions.issue(attempt.asker.session).token
    headers = {"authorization": f"Bearer {token}", "origin": attempt.asker.session.origin}
    return attempt.scene.doors.ask("GET", address, headers).body.decode()


def _relay_door(attempt: Try) -> str:
    words = attempt.chance.choice(QUESTIONS)
    frames: list[dict[str, Any]] = [
        {"action": "ask", "id": str(uuid4()), "text": words},
        {"action": "resume", "after": 0},
        {"action": "hello"},
        {"action": "confirm", "id": attempt.owner.confirmation, "accept": True},
    ]
    return attempt.scene.frame(attempt.asker, attempt.chance.choice(frames))
