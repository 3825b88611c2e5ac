"""The composition root: connects things, decides nothing, and builds each one at its first use."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from aisdr.company import Companies, ModelChoice
from aisdr.connections import Connections
from aisdr.lead import Leads
from aisdr.ledger import Ledger
from aisdr.session import Sessions
from aisdr.settings import Settings
from aisdr.table import Table
from aisdr.transcript import Transcripts

# What a `$connect` does not need is imported where it is built.
if TYPE_CHECKING:
    from aisdr.agent import Agent
    from aisdr.call import Calls
    from aisdr.delivery import Deliveries
    from aisdr.index.base import SearchIndex
    from aisdr.inference.base import Embedder, LanguageModel
    from aisdr.knowledge.hybrid import Knowledge
    from aisdr.live.tavus import TavusVideo
    from aisdr.live.tavus_api import TavusClient, TavusDocuments
    from aisdr.reception import Reception
    from aisdr.relay import Relay
    from aisdr.speech import Speech
    from aisdr.tools.base import ToolRegistry

_AWS = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})


class Services:
    """One set of services for one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._session = boto3.Session()

    def client(self, name: Any, **options: Any) -> Any:
        """A boto3 client of the one session; its address can be moved by AWS's own environment variables."""
        return self._session.client(name, config=_AWS, **options)

    @cached_property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    @cached_property
    def companies(self) -> Companies:
        return Companies(Table(self.dynamodb, self.settings.companies_table))

    @cached_property
    def conversations(self) -> Table:
        return Table(self.dynamodb, self.settings.conversations_table)

    @cached_property
    def sessions(self) -> Sessions:
        keys = {name: secret.get_secret_value() for name, secret in self.settings.signing_keys.items()}
        return Sessions(self.conversations, keys)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.conversations)

    @cached_property
    def transcripts(self) -> Transcripts:
        return Transcripts(self.conversations)

    @cached_property
    def leads(self) -> Leads:
        return Leads(self.conversations)

    @cached_property
    def connections(self) -> Connections:
        gateway = self.client("apigatewaymanagementapi", endpoint_url=self.settings.connections_endpoint)
        return Connections(self.conversations, gateway)

    @cached_property
    def tavus(self) -> "TavusClient":
        from aisdr.live.tavus_api import TavusClient

        return TavusClient(self.settings.tavus_api_url, self.settings.tavus_api_key)

    @cached_property
    def documents(self) -> "TavusDocuments":
        from aisdr.live.tavus_api import TavusDocuments

        return TavusDocuments(self.tavus)

    @cached_property
    def video(self) -> "TavusVideo":
        from aisdr.live.tavus import TavusVideo

        return TavusVideo(self.tavus, self.settings.room_hosts)

    @cached_property
    def calls(self) -> "Calls":
        from aisdr.call import Calls

        return Calls(
            self.video,
            self.ledger,
            self.sessions,
            self.companies,
            self.transcripts,
            webhook_url=f"{self.settings.public_url}/api/tavus/webhook",
            minute_price=self.settings.tavus_minute_price,
        )

    @cached_property
    def reception(self) -> "Reception":
        from aisdr.reception import Reception

        return Reception(
            self.companies,
            self.sessions,
            self.calls,
            public_url=self.settings.public_url,
            websocket_url=self.settings.websocket_url,
        )

    @cached_property
    def delivery(self) -> "Deliveries":
        from aisdr.delivery import Deliveries

        secret = self.settings.tavus_tool_secret
        return Deliveries(secret, self.ledger, self.sessions, self.companies, self.tools)

    @cached_property
    def embedder(self) -> "Embedder":
        from aisdr.inference.minilm import MiniLM

        return MiniLM()

    @cached_property
    def index(self) -> "SearchIndex":
        from aisdr.index.embedded import EmbeddedIndex

        return EmbeddedIndex(self.settings.index_dir, self.embedder)

    @cached_property
    def knowledge(self) -> "Knowledge":
        import httpx

        from aisdr.knowledge.hybrid import Knowledge
        from aisdr.knowledge.own import OwnLeg
        from aisdr.knowledge.tavus import TavusLegs

        return Knowledge(OwnLeg(self.index), TavusLegs(self.index, self.embedder, httpx.Client()), self.embedder)

    @cached_property
    def tools(self) -> "ToolRegistry":
        from aisdr.tools.base import ToolRegistry
        from aisdr.tools.create_meeting_link import CreateMeetingLink
        from aisdr.tools.get_demo_clip import GetDemoClip
        from aisdr.tools.log_lead import LogLead
        from aisdr.tools.search_knowledge import SearchKnowledge
        from aisdr.tools.show_visual import ShowVisual

        return ToolRegistry(
            (
                SearchKnowledge(self.knowledge, self.model(ModelChoice())),
                ShowVisual(self.knowledge),
                GetDemoClip(self.knowledge),
                CreateMeetingLink(),
                LogLead(self.leads),
            ),
            self.conversations,
        )

    @cached_property
    def agent(self) -> "Agent":
        from aisdr.agent import Agent

        return Agent(self.knowledge, self.tools, self.transcripts, self.model)

    @cached_property
    def relay(self) -> "Relay":
        from aisdr.relay import Relay

        return Relay(
            self.sessions,
            self.connections,
            self.companies,
            self.transcripts,
            lambda: self.agent,
            lambda: self.tools,
            self.video,
            self.calls,
        )

    @cached_property
    def speech(self) -> "Speech":
        from aisdr.speech import Speech

        return Speech(self.client("polly"), self.settings.polly_voice)

    @cache  # noqa: B019 - one Services lives as long as its process
    def model(self, choice: ModelChoice) -> "LanguageModel":
        """The language model of a choice."""
        match choice.provider:
            case "extractive":
                from aisdr.inference.extractive import Extractive

                return Extractive()
            case "openai":
                from aisdr.inference.openai import OpenAi

                return OpenAi(self.settings.openai_base_url, self.settings.openai_api_key, choice.model)
            case "bedrock":
                from aisdr.inference.bedrock import CLIENT_CONFIG, Bedrock

                return Bedrock(self._session.client("bedrock-runtime", config=CLIENT_CONFIG), choice.model)


@cache
def services() -> Services:
    """The services of this process. `services.cache_clear()` makes the next call read the environment anew."""
    return Services(Settings.from_environment())
