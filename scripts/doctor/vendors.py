"""Tavus and OpenAI: keys, faces, PALs, documents and models, each asked for without buying anything."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import httpx

from aisdr.company import Company
from aisdr.live.tavus_api import either
from aisdr.live.tavus_pal import Provisioning
from aisdr.services import Services
from scripts.doctor.drift import documents
from scripts.doctor.finding import Broken, Finding, look, skip
from scripts.provision import plan_for

TAVUS_KEY = "store a key of https://maker.tavus.io as TAVUS_API_KEY where the functions run, and restart"
OPENAI_KEY = "store a key with credit as OPENAI_API_KEY, or name another server in OPENAI_BASE_URL, and restart"
FACE = "write the id of a face whose status is 'completed' as tavusReplicaId, and seed again"
PATIENCE_SECONDS = 10.0


def tavus(services: Services, companies: Sequence[Company]) -> Iterator[Finding]:
    wanted = [company for company in companies if company.use_tavus_video or "video" in company.modes]
    if not wanted and not services.settings.tavus_api_key:
        yield skip("Tavus", "no company uses video")
        return
    faces: dict[str, dict[str, Any]] = {}

    def key() -> str:
        faces.update({str(either(face, "face_id", "replica_id")): face for face in services.tavus.list_faces()})
        return f"accepted, {len(faces)} faces"

    accepted = look("Tavus: key", key, TAVUS_KEY)
    yield accepted
    for company in wanted:
        yield look(f"{company.slug}: video", partial(_enabled, company), "change company.toml, seed again")
        if accepted.state == "ok" and company.offers("video"):
            yield look(f"{company.slug}: face", partial(_face, company, faces), FACE)
            yield look(f"{company.slug}: PAL", partial(_pal, services, company), _provision(company))
            yield from documents(services, company, TAVUS_KEY)


def openai(services: Services, companies: Sequence[Company]) -> Iterator[Finding]:
    models = {
        choice.model: company.slug
        for company in companies
        for choice in company.models.chat
        if choice.provider == "openai"
    }
    speaking = [company.slug for company in companies if "voice" in company.modes]
    if not models and not speaking:
        yield skip("OpenAI", "no company names a model of it, or offers voice")
        return
    known: set[str] = set()

    def key() -> str:
        known.update(_models(services))
        return f"accepted, {len(known)} models"

    if speaking and not services.settings.openai_api_key:
        yield Finding("OpenAI: key", "failed", f"no OPENAI_API_KEY, and {speaking[0]} offers voice", OPENAI_KEY)
        return
    accepted = look("OpenAI: key", key, OPENAI_KEY)
    yield accepted
    for model, slug in models.items() if accepted.state == "ok" else ():
        state: Any = "ok" if model in known else "failed"
        yield Finding(
            f"{slug}: model {model}",
            state,
            "" if model in known else "this key's account does not know it",
            "" if model in known else "name another one in models.chat, and seed again",
        )


def _enabled(company: Company) -> str:
    if not company.offers("video"):
        missing = "'video' is not in modes" if company.use_tavus_video else "useTavusVideo is off"
        raise Broken(f"Tavus video not enabled for this company: {missing}", "change company.toml, seed again")
    return f"at most {company.limits.call_seconds} s a call, {company.limits.concurrent_calls} at once"


def _face(company: Company, faces: dict[str, dict[str, Any]]) -> str:
    if company.tavus_replica_id is None:
        return "the PAL's own"
    face = faces.get(company.tavus_replica_id)
    if face is None:
        raise Broken(f"Failed to create Tavus session: Tavus knows no face {company.tavus_replica_id}", FACE)
    if face.get("status") != "completed":
        raise Broken(f"No video stream: face {company.tavus_replica_id} is '{face.get('status')}' at Tavus", FACE)
    return f"{company.tavus_replica_id}, completed"


def _pal(services: Services, company: Company) -> str:
    if company.tavus_persona_id is None:
        raise Broken("no tavusPersonaId: calls have neither our prompt nor our tools", _provision(company))
    plan = plan_for(Provisioning(services.tavus), services.companies, company, create=False)
    if plan.changes:
        raise Broken(
            f"{company.tavus_persona_id} is not as configured: {len(plan.changes)} differences, such as "
            f"{plan.changes[0].what}",
            _provision(company),
        )
    return f"{company.tavus_persona_id}, with our prompt and {len(plan.tools)} tools"


def _models(services: Services) -> set[str]:
    settings = services.settings
    key = settings.openai_api_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    answer = httpx.get(f"{settings.openai_base_url}/models", headers=headers, timeout=PATIENCE_SECONDS)
    if answer.status_code in (401, 403):
        raise Broken(f"the key was refused ({answer.status_code})" if key else "it asks for a key", OPENAI_KEY)
    return {str(model["id"]) for model in answer.raise_for_status().json()["data"]}


def _provision(company: Company) -> str:
    return f"`aisdr provision {company.slug}`"
