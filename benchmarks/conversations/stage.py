"""The stage: both sample companies, really ingested, behind the services that the functions use.

Only AWS is emulated, in this process. A conversation is held as a visitor holds it: a session, questions, and a yes or
no to the card that asks for confirmation.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from moto import mock_aws

from aisdr.agent import Done
from aisdr.answer import Answer, ConfirmCard
from aisdr.company import Company
from aisdr.configuration import ModelChoice, Models, Search
from aisdr.index.base import Chunk
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.limits import Limits
from aisdr.services import Services
from aisdr.session import Session
from aisdr.settings import Settings
from aisdr.table.schema import create_tables
from aisdr.tools.base import ToolContext
from benchmarks.conversations.score import Observed, Verdict, judge
from benchmarks.conversations.script import Script, ScriptTurn
from scripts.seed import read_company

EXAMPLES = Path(__file__).parents[2] / "examples"
COMPANIES = ("hypersonix", "aisdr")
_ACCOUNT = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
# Bedrock is the one service that is asked for real.
_EMULATED: Any = {"core": {"mock_credentials": False, "passthrough": {"urls": [r".*bedrock-runtime"]}}}
_MOST_PASSAGES = 50


class Stage:
    """Holds scripted conversations with one model."""

    def __init__(self, services: Services, companies: dict[str, Company]) -> None:
        self._services = services
        self._companies = companies
        self._texts: dict[str, str] = {}

    def with_model(self, choice: ModelChoice) -> "Stage":
        """The same companies and their material, before another model."""
        models = Models(chat=(choice,))
        others = {name: company.model_copy(update={"models": models}) for name, company in self._companies.items()}
        return Stage(self._services, others)

    def play(self, script: Script) -> Iterator[tuple[ScriptTurn, Answer, Verdict]]:
        """Holds the conversation turn by turn, and judges each answer."""
        company = self._companies[script.company]
        session = self._services.sessions.open(company, company.allowed_origins[0], company.consent.version)
        heard = json.dumps(company.profile().model_dump(mode="json")) + company.people.model_dump_json()
        for turn in script.turns:
            answer = self._ask(company, session, turn)
            heard += f"\n{turn.say}"
            cited = tuple(self._text(company, turn.say, each.chunk_id, each.title) for each in answer.citations)
            yield turn, answer, judge(turn, Observed(answer, cited, heard, self._lead(company, session)))

    def _ask(self, company: Company, session: Session, turn: ScriptTurn) -> Answer:
        events = self._services.agent.answer(company, session, turn.say)
        answer = next(event.answer for event in events if isinstance(event, Done))
        for card in answer.actions:
            if isinstance(card, ConfirmCard) and (turn.confirm or turn.decline):
                self._services.tools.confirm(
                    ToolContext(company, session), card.confirmation_id, accept=turn.confirm, values=None
                )
        return answer

    def _lead(self, company: Company, session: Session) -> dict[str, str] | None:
        """The lead of this conversation, without what the visitor did not say."""
        for stored in self._services.leads.list(company.operator_scope):
            if stored.session_id == session.session_id:
                return {name: value for name, value in stored.lead.model_dump().items() if isinstance(value, str)}
        return None

    def _text(self, company: Company, question: str, chunk_id: str, title: str) -> str:
        for query in (question, title):
            if chunk_id not in self._texts:
                found = self._services.knowledge.search(
                    company.operator_scope, company, query[:500], limit=_MOST_PASSAGES
                )
                self._texts |= {hit.chunk.chunk_id: _whole(hit.chunk) for hit in found.hits}
        return self._texts[chunk_id]


def _whole(chunk: Chunk) -> str:
    return f"{chunk.locator.heading}\n{chunk.text}" if chunk.locator.heading else chunk.text


@contextmanager
def stage(
    choice: ModelChoice, openai_base_url: str | None = None, openai_api_key: str | None = None
) -> Iterator[Stage]:
    """The companies with this one model, and with nothing that runs out in the middle of a measurement."""
    for name, value in _ACCOUNT.items():
        os.environ.setdefault(name, value)  # whoever measures a model on Bedrock has an account
    with TemporaryDirectory() as folder, mock_aws(config=_EMULATED):
        settings = Settings.from_environment(
            {
                "AISDR_SIGNING_KEYS": json.dumps({"k": secrets.token_urlsafe(48)}),
                "AISDR_INDEX_DIR": folder,
                **({"OPENAI_BASE_URL": openai_base_url} if openai_base_url else {}),
                **({"OPENAI_API_KEY": openai_api_key} if openai_api_key else {}),
            }
        )
        services = Services(settings)
        create_tables(services.dynamodb, settings.companies_table, settings.conversations_table)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=settings.media_bucket)
        media = MediaLibrary(s3, settings.media_bucket)
        ingestion = Ingestion(services.place, media, public_url=settings.public_url)
        companies = {}
        for name in COMPANIES:
            company = read_company(EXAMPLES / name).model_copy(
                update={
                    "models": Models(chat=(choice,)),
                    "limits": Limits(money_per_day=10_000, money_per_month=10_000),
                    "search": Search(deadline_ms=5000, live_deadline_ms=5000),
                }
            )
            services.companies.put(company, expected_version=0)
            report = ingestion.run(company, Folder(EXAMPLES / name / "knowledge"))
            if report.failed:
                raise RuntimeError(
                    f"{name}: some of its material could not be read; run `aisdr ingest examples/{name}`"
                )
            companies[name] = company
        yield Stage(services, companies)
