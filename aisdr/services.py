"""The composition root: connects things, decides nothing, and builds each one at its first use."""

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session, get_session

from aisdr.connections import Connections
from aisdr.crowd import Crowd
from aisdr.edge import Edge
from aisdr.errors import InvalidInput
from aisdr.metrics import belong_to
from aisdr.observability import TRACED
from aisdr.secret import SecretStore
from aisdr.session import Sessions
from aisdr.settings import Settings
from aisdr.table import Table
from aisdr.tenant import TenantScope

# What a `$connect` does not need is imported where it is built.
if TYPE_CHECKING:
    from aisdr.agent import Agent
    from aisdr.call import Calls
    from aisdr.closing import Closing
    from aisdr.company import Companies, Company
    from aisdr.configuration import Mode, ModelChoice
    from aisdr.confirming import Confirming
    from aisdr.consent import Consents
    from aisdr.delivery import Deliveries
    from aisdr.entrance import Entrance
    from aisdr.erasure import Erasure
    from aisdr.forgetting import Forgetting
    from aisdr.frames import Frames
    from aisdr.handover import Handovers
    from aisdr.home import Home, Homes
    from aisdr.index.base import Place, SearchIndex
    from aisdr.inference.base import Embedder, LanguageModel, PictureEmbedder, ToolSpec
    from aisdr.ingest.inbox import Inbox
    from aisdr.ingest.lease import Leases
    from aisdr.ingest.perception.base import Describer, Hearing, Perception, Transcriber
    from aisdr.ingest.pipeline import Ingestion
    from aisdr.ingest.runs import Runs
    from aisdr.ingest.sandbox.pool import ReaderPool
    from aisdr.ingest.unread import UnreadFiles
    from aisdr.knowledge.base import SecondStage
    from aisdr.knowledge.hybrid import Knowledge
    from aisdr.lead import Leads
    from aisdr.ledger import Ledger
    from aisdr.live.base import LiveVendor
    from aisdr.live.openai_realtime import OpenAiVoice
    from aisdr.live.tavus import TavusVideo
    from aisdr.live.tavus_api import TavusClient
    from aisdr.live.tavus_documents import TavusDocuments
    from aisdr.media_links import MediaLinks
    from aisdr.memory import Memory
    from aisdr.models import CompanyModels
    from aisdr.notices import Notices
    from aisdr.outbox import Outbox
    from aisdr.reception import Reception
    from aisdr.relay import Relay
    from aisdr.removal import Removal
    from aisdr.reply import Replies
    from aisdr.screen import Screen
    from aisdr.speech.base import Narrator
    from aisdr.speech.speeches import Speeches
    from aisdr.tools.base import ToolRegistry
    from aisdr.transcript import Transcripts
    from aisdr.usage import Usages
    from aisdr.webhook import Webhooks

# botocore is boto3 without resources and uploads in parts: those cost every start 3 MiB and 15 ms, and only operators
# need them (`ingest/media.py`).
_AWS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    # Half of what a call costs us: AWS checks requests itself, and a name that stays the same need not be composed.
    parameter_validation=False,
    user_agent="aisdr",
)

# A post to a browser takes milliseconds. Who posts to several must be through with all of them in a function's time.
_POSTS = _AWS.merge(Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}))


class Services:
    """One set of services for one process."""

    def __init__(self, settings: Settings, session: Session | None = None) -> None:
        self.settings = settings
        self._session = session or get_session()

    def client(self, name: Any, **options: Any) -> Any:
        """A client of the SDK's one session; its address can be moved by AWS's own environment variables."""
        return self._session.create_client(name, **{"config": _AWS} | options)

    @cached_property
    def dynamodb(self) -> Any:
        # It answers within milliseconds, or something is wrong that waiting does not mend: asked again once, and after
        # 50 ms. The newer modes of retrying pause for half a second, which text that goes on without it cannot afford.
        seconds, twice = self.settings.store_seconds, Config(retries={"mode": "legacy", "total_max_attempts": 2})
        patience = Config(connect_timeout=seconds, read_timeout=seconds)
        return self.client("dynamodb", config=_AWS.merge(patience).merge(twice))

    @cached_property
    def companies(self) -> "Companies":
        from aisdr.company import Companies

        return Companies(Table(self.dynamodb, self.settings.companies_table))

    @cached_property
    def conversations(self) -> Table:
        return Table(self.dynamodb, self.settings.conversations_table)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.conversations, self.settings.signing_keys)

    @cached_property
    def edge(self) -> Edge:
        return Edge(self.settings.edge_keys)

    @cached_property
    def ledger(self) -> "Ledger":
        from aisdr.ledger import Ledger

        return Ledger(self.conversations)

    @cached_property
    def transcripts(self) -> "Transcripts":
        from aisdr.transcript import Transcripts

        return Transcripts(self.conversations)

    @cached_property
    def leads(self) -> "Leads":
        from aisdr.lead import Leads

        return Leads(self.conversations)

    @cached_property
    def handovers(self) -> "Handovers":
        from aisdr.handover import Handovers

        return Handovers(self.conversations)

    @cached_property
    def consents(self) -> "Consents":
        from aisdr.consent import Consents

        return Consents(self.conversations)

    @cached_property
    def outbox(self) -> "Outbox":
        from aisdr.outbox import Outbox

        return Outbox(self.conversations)

    @cached_property
    def connections(self) -> Connections:
        address = self.settings.connections_endpoint
        gateway = self.client("apigatewaymanagementapi", endpoint_url=address, config=_POSTS)
        return Connections(self.conversations, gateway, crowd=Crowd(self.conversations, self.settings.most_sockets))

    @cached_property
    def entrance(self) -> "Entrance":
        from aisdr.entrance import Entrance

        return Entrance(self.sessions, self.connections)

    @cached_property
    def media_links(self) -> "MediaLinks":
        from aisdr.media_links import MediaLinks

        return MediaLinks(self.settings.public_url, self.settings.media_keys)

    @cached_property
    def tavus(self) -> "TavusClient":
        from aisdr.live.circuit import Circuits
        from aisdr.live.tavus_api import KEY_REFUSED, VENDOR, TavusClient

        circuits = Circuits(self.conversations, VENDOR, KEY_REFUSED)
        return TavusClient(self.settings.tavus_api_url, self.settings.tavus_api_key, circuits)

    @cached_property
    def documents(self) -> "TavusDocuments":
        from aisdr.live.tavus_documents import TavusDocuments

        deployment = urlsplit(self.settings.public_url).netloc
        return TavusDocuments(self.tavus, self.conversations, deployment=deployment)

    @cached_property
    def video(self) -> "TavusVideo":
        from aisdr.live.tavus import TavusVideo

        return TavusVideo(self.tavus, self.settings.room_hosts, self.settings.tavus_minute_price)

    @cached_property
    def voice(self) -> "OpenAiVoice":
        from aisdr.live.circuit import Circuits
        from aisdr.live.openai_realtime import OpenAiVoice
        from aisdr.live.openai_realtime_api import KEY_REFUSED, VENDOR, RealtimeClient

        circuits = Circuits(self.conversations, VENDOR, KEY_REFUSED)
        client = RealtimeClient(self.settings.openai_base_url, self.settings.openai_api_key, circuits)
        return OpenAiVoice(client, self.settings.voice_minute_price)

    @cached_property
    def vendors(self) -> "dict[Mode, LiveVendor]":
        """Who runs the live calls of each mode."""
        return {"voice": self.voice, "video": self.video}

    @cached_property
    def calls(self) -> "Calls":
        from aisdr.call import Calls

        return Calls(
            self.vendors,
            self.ledger,
            self.sessions,
            lambda company, session: self.memory.told(company, session),
            self.described_tools,
            webhook_url=f"{self.settings.public_url}/api/tavus/webhook",
            over=lambda call, reason: self.screen.call_over(
                call.company_id, call.session_id, call.conversation_id or "", reason
            ),
        )

    @cached_property
    def notices(self) -> "Notices":
        from aisdr.notices import Notices

        return Notices(self.calls, self.ledger, self.sessions, self.transcripts, self.conversations)

    def described_tools(self, company: "Company") -> "list[ToolSpec]":
        from aisdr.outbound import Outbound
        from aisdr.tools.http_tool import HttpTools
        from aisdr.tools.members import described

        return described(company, HttpTools(Outbound("company")).of(company))

    @cached_property
    def reception(self) -> "Reception":
        from aisdr.network import Networks
        from aisdr.reception import Reception

        return Reception(
            self.companies,
            self.sessions,
            self.calls,
            self.transcripts,
            self.consents,
            Networks(self.settings.signing_keys),
            public_url=self.settings.public_url,
            websocket_url=self.settings.websocket_url,
        )

    @cached_property
    def delivery(self) -> "Deliveries":
        from aisdr.delivery import Deliveries

        secret = self.settings.tavus_tool_secret
        return Deliveries(secret, self.ledger, self.sessions, self.companies, self.tools, self.screen)

    @cached_property
    def homes(self) -> "Homes":
        from aisdr.home import FIRST, Home, Homes

        def has_file(scope: TenantScope) -> bool:
            from aisdr.index.embedded import file_of

            return file_of(Path(self.settings.index_dir), scope, FIRST.label).exists()

        settings = self.settings
        new = Home(settings.search_engine, settings.embedder, settings.picture_embedder)
        return Homes(Table(self.dynamodb, settings.companies_table), new, has_file)

    def place(self, scope: TenantScope) -> "Place":
        """Where a company's chunks are searched."""
        return self.place_at(self.homes.of(scope))

    def writing_place(self, scope: TenantScope) -> "Place":
        """Where a company's chunks are written this instant; whoever writes there first settles it."""
        return self.place_at(self.homes.pin(scope))

    def place_at(self, home: "Home") -> "Place":
        """Raises: InvalidInput, NotConfigured."""
        from aisdr.index.base import Place

        embedder, pictures = self.embedder(home.embedder), self.picture_embedder(home.pictures)
        return Place(self.index(home), embedder, pictures, home.engine)

    @cache  # noqa: B019 - one Services lives as long as its process
    def index(self, home: "Home") -> "SearchIndex":
        """The engine of a home, for every company that lives there."""
        space = self.embedder(home.embedder).space
        pictures = self.picture_embedder(home.pictures)
        picture_space = pictures.space if pictures else None
        match home.engine:
            case "embedded":
                from aisdr.index.embedded import EmbeddedIndex

                return EmbeddedIndex(self.settings.index_dir, space, picture_space, label=home.label)
            case "opensearch":
                from aisdr.index.opensearch import OpenSearchIndex

                return OpenSearchIndex(self._opensearch, space, picture_space, label=home.label)
            case _:
                raise InvalidInput(f"There is no search engine '{home.engine}': embedded or opensearch")

    @cached_property
    def _opensearch(self) -> Any:
        from aisdr.index.opensearch_client import client

        return client(self.settings.opensearch_url, self.settings.opensearch_service, self._session)

    @cache  # noqa: B019 - one Services lives as long as its process
    def embedder(self, name: str) -> "Embedder":
        """Raises: InvalidInput, NotConfigured."""
        match name.partition(":"):
            case "minilm", "", "":
                from aisdr.inference.minilm import MiniLM

                return MiniLM()
            case "e5", "", "":
                from aisdr.inference.e5 import E5

                return E5()
            case "openai", ":", model if model:
                from aisdr.inference.openai_embed import OpenAiEmbedder

                return OpenAiEmbedder(self.settings.openai_base_url, self.settings.openai_api_key, model)
            case "bedrock", ":", model if model:
                from aisdr.inference.bedrock_embed import BedrockEmbedder

                return BedrockEmbedder(*self._embedding, model)
            case _:
                raise InvalidInput(f"There is no embedder '{name}': minilm, e5, bedrock:MODEL or openai:MODEL")

    @cache  # noqa: B019 - one Services lives as long as its process
    def picture_embedder(self, name: str) -> "PictureEmbedder | None":
        """None for the empty name. Raises: InvalidInput, NotConfigured."""
        match name.partition(":"):
            case "", "", "":
                return None
            case "bedrock", ":", model if model:
                from aisdr.inference.bedrock_pictures import BedrockPictures

                return BedrockPictures(*self._embedding, model)
            case _:
                raise InvalidInput(f"There is no picture embedder '{name}': bedrock:MODEL of a multimodal model")

    @cached_property
    def perception(self) -> "Perception":
        """Who hears and describes what readers put aside."""
        from aisdr.ingest.perception.base import Perception

        hearing: dict[str, Hearing] = {"moonshine": "here", "off": "off"}
        return Perception(self.transcriber, self.describer, hearing.get(self.settings.transcriber, "later"))

    @cached_property
    def transcriber(self) -> "Transcriber | None":
        """None where speech is written down while reading, or not at all. Raises: InvalidInput."""
        match self.settings.transcriber.partition(":"):
            case "moonshine" | "off", "", "":
                return None
            case "transcribe", "", "":
                from aisdr.ingest.perception.amazon_transcribe import AmazonTranscriber

                return AmazonTranscriber(self.client("transcribe"), self.client("s3"), self.settings.media_bucket)
            case "openai", ":", model if model:
                from aisdr.ingest.perception.openai import OpenAiTranscriber

                return OpenAiTranscriber(self.settings.openai_base_url, self.settings.openai_api_key, model)
            case name, _, _:
                raise InvalidInput(f"There is no transcriber '{name}': moonshine, transcribe, openai:MODEL or off")

    @cached_property
    def describer(self) -> "Describer | None":
        """None where nobody describes pictures. Raises: InvalidInput."""
        match self.settings.describer.partition(":"):
            case "", "", "":
                return None
            case "openai", ":", model if model:
                from aisdr.ingest.perception.openai import OpenAiDescriber

                return OpenAiDescriber(self.settings.openai_base_url, self.settings.openai_api_key, model)
            case "bedrock", ":", model if model:
                from aisdr.ingest.perception.bedrock import BedrockDescriber

                return BedrockDescriber(self._embedding[1], model)
            case name, _, _:
                raise InvalidInput(f"There is no describer '{name}': openai:MODEL or bedrock:MODEL")

    @cached_property
    def _embedding(self) -> tuple[Any, Any]:
        """Bedrock for a question that somebody waits for, and for what is ingested."""
        from aisdr.inference.bedrock_invoke import PASSAGES_CONFIG, QUESTION_CONFIG

        return (
            self._session.create_client("bedrock-runtime", config=QUESTION_CONFIG),
            self._session.create_client("bedrock-runtime", config=PASSAGES_CONFIG),
        )

    @cached_property
    def knowledge(self) -> "Knowledge":
        import httpx

        from aisdr.inference.english import english_words
        from aisdr.knowledge.hybrid import Knowledge
        from aisdr.knowledge.own import OwnLeg
        from aisdr.knowledge.tavus import TavusLegs
        from aisdr.knowledge.understanding import Reading

        return Knowledge(
            self.place,
            OwnLeg(),
            TavusLegs(httpx.Client(event_hooks=TRACED)),
            understand=Reading(english_words),
            rerank=self.second_stage,
        )

    def second_stage(self, company: "Company") -> "SecondStage | None":
        match company.search.rerank:
            case "learned":
                return self._learned_stage
            case "bedrock":
                return self._bedrock_stage
            case "off":
                return None

    @cached_property
    def _learned_stage(self) -> "SecondStage":
        from aisdr.knowledge.rerank.learned import Learned

        return Learned()

    @cached_property
    def _bedrock_stage(self) -> "SecondStage":
        from aisdr.inference.bedrock_rerank import BedrockReranker
        from aisdr.knowledge.rerank.bedrock import BedrockStage

        return BedrockStage(lambda model: BedrockReranker(self._reranking, model))

    @cached_property
    def _reranking(self) -> Any:
        from aisdr.inference.bedrock_rerank import CLIENT_CONFIG

        return self._session.create_client("bedrock-agent-runtime", config=CLIENT_CONFIG)

    @cached_property
    def leases(self) -> "Leases":
        """Who ingests for a company now: operators and the function that does write here, so both see each other."""
        from aisdr.ingest.lease import Leases

        return Leases(self.conversations)

    @cached_property
    def ingestion_runs(self) -> "Runs":
        from aisdr.ingest.runs import Runs

        return Runs(self.conversations)

    def ingestion(self, readers: "ReaderPool", *, dry_run: bool, tavus: bool) -> "Ingestion":
        """How an operator ingests. A dry run settles nowhere; without `tavus` its documents are left as they are."""
        from aisdr.ingest.media import MediaLibrary
        from aisdr.ingest.pipeline import Ingestion

        return Ingestion(
            self.place if dry_run else self.writing_place,
            MediaLibrary(self.client("s3"), self.settings.media_bucket, self.media_links),
            public_url=self.settings.public_url,
            documents=self.documents if tavus else None,
            leases=self.leases,
            runs=self.ingestion_runs,
            readers=readers,
            perception=self.perception,
        )

    @cached_property
    def unread_files(self) -> "UnreadFiles":
        from aisdr.ingest.unread import UnreadFiles

        return UnreadFiles(self.conversations)

    @cached_property
    def inbox(self) -> "Inbox":
        """What is dropped into the knowledge bucket."""
        from aisdr.ingest.inbox import LIMITS, Inbox, can_write
        from aisdr.ingest.media import MediaLibrary
        from aisdr.ingest.pipeline import Ingestion

        def has_a_place(scope: TenantScope) -> bool:
            return self.homes.of(scope).engine != "embedded" or can_write(self.settings.index_dir)

        s3 = self.client("s3")
        ingestion = Ingestion(
            self.writing_place,
            MediaLibrary(s3, self.settings.media_bucket, self.media_links),
            public_url=self.settings.public_url,
            documents=self.documents if self.settings.tavus_api_key else None,
            leases=self.leases,
            limits=LIMITS,
            compares=False,
            workers=1,  # a function has little more than one processor, and the embedder wants it, too
        )
        return Inbox(self.companies, s3, self.settings.knowledge_bucket, ingestion, self.unread_files, has_a_place)

    @cached_property
    def tools(self) -> "ToolRegistry":
        from aisdr.configuration import ModelChoice
        from aisdr.outbound import Outbound
        from aisdr.tools.base import ToolRegistry
        from aisdr.tools.create_meeting_link import CreateMeetingLink
        from aisdr.tools.get_demo_clip import GetDemoClip
        from aisdr.tools.http_tool import HttpTools
        from aisdr.tools.log_lead import LogLead
        from aisdr.tools.request_human import RequestHuman
        from aisdr.tools.search_knowledge import SearchKnowledge
        from aisdr.tools.show_visual import ShowVisual

        return ToolRegistry(
            (
                SearchKnowledge(self.knowledge, self.model(ModelChoice())),
                ShowVisual(self.knowledge),
                GetDemoClip(self.knowledge),
                CreateMeetingLink(),
                LogLead(self.leads),
                RequestHuman(self.handovers),
            ),
            self.conversations,
            own=HttpTools(Outbound("company")).of,
        )

    @cached_property
    def usages(self) -> "Usages":
        from aisdr.usage import Usages

        return Usages(self.conversations)

    @cached_property
    def models(self) -> "CompanyModels":
        from aisdr.models import CompanyModels

        return CompanyModels(self.model, self.usages)

    @cached_property
    def memory(self) -> "Memory":
        from aisdr.memory import Memory

        return Memory(self.transcripts, self.conversations, self.models)

    @cached_property
    def closing(self) -> "Closing":
        from aisdr.closing import Closing

        return Closing(
            self.sessions,
            self.companies,
            self.transcripts,
            self.leads,
            self.handovers,
            self.memory,
            self.conversations,
        )

    @cached_property
    def erasure(self) -> "Erasure":
        from aisdr.erasure import Erasure

        return Erasure(self.sessions, self.companies, self.calls, self.conversations)

    @cached_property
    def forgetting(self) -> "Forgetting":
        """For an operator whom a visitor has asked to be forgotten."""
        from aisdr.forgetting import Forgetting

        return Forgetting(
            self.conversations,
            self.sessions,
            self.erasure,
            lambda prefix, dry_run: self._empty(self.settings.media_bucket, prefix, dry_run),
        )

    @cached_property
    def removal(self) -> "Removal":
        """For an operator who takes a company away."""
        from aisdr.removal import Removal, Stores

        stores = Stores(
            companies_table=Table(self.dynamodb, self.settings.companies_table),
            conversations=self.conversations,
            companies=self.companies,
            homes=self.homes,
            place_at=self.place_at,
            calls=self.calls,
            ledger=self.ledger,
            documents=self.documents if self.settings.tavus_api_key else None,
            empty=self._empty,
            media_bucket=self.settings.media_bucket,
            knowledge_bucket=self.settings.knowledge_bucket,
        )
        return Removal(stores)

    def _empty(self, bucket: str, prefix: str, dry_run: bool) -> int:
        from aisdr.ingest.emptying import empty

        return empty(self.client("s3"), bucket, prefix, dry_run=dry_run)

    @cached_property
    def webhooks(self) -> "Webhooks":
        from aisdr.outbound import Outbound
        from aisdr.webhook import Webhooks

        return Webhooks(self.outbox, self.companies, Outbound("webhook"))

    @cached_property
    def writing_tools(self) -> "ToolRegistry":
        """Those that leave something behind: all that a function without a search engine may have to finish."""
        from aisdr.outbound import Outbound
        from aisdr.tools.base import ToolRegistry
        from aisdr.tools.http_tool import HttpTools
        from aisdr.tools.log_lead import LogLead
        from aisdr.tools.request_human import RequestHuman

        tools = (LogLead(self.leads), RequestHuman(self.handovers))
        return ToolRegistry(tools, self.conversations, own=HttpTools(Outbound("company")).of)

    @cached_property
    def agent(self) -> "Agent":
        from aisdr.agent import Agent

        return Agent(self.knowledge, self.tools, self.transcripts, self.memory, self.models)

    @cached_property
    def frames(self) -> "Frames":
        from aisdr.frames import Frames

        return Frames(self.conversations, links=self.media_links)

    @cached_property
    def replies(self) -> "Replies":
        from aisdr.reply import Replies

        return Replies(self.conversations, self.connections, self.frames, lambda: self.agent)

    @cached_property
    def relay(self) -> "Relay":
        from aisdr.relay import Relay

        return Relay(
            self.sessions,
            self.connections,
            self.frames,
            self.companies,
            self.transcripts,
            self.replies,
            lambda: self.tools,
            self.vendors,
            lambda: self.calls,
            self.screen,
            self.confirming,
        )

    @cached_property
    def screen(self) -> "Screen":
        from aisdr.screen import Screen

        return Screen(self.sessions, self.connections, self.frames, self.transcripts)

    @cached_property
    def confirming(self) -> "Confirming":
        from aisdr.confirming import Confirming

        return Confirming(
            self.companies, self.transcripts, self.screen, self.vendors, lambda: self.tools, lambda: self.calls
        )

    @cached_property
    def speeches(self) -> "Speeches":
        from aisdr.speech.allowance import Allowance
        from aisdr.speech.openai import OpenAiNarrator
        from aisdr.speech.polly import PollyNarrator
        from aisdr.speech.recordings import Recordings
        from aisdr.speech.speeches import Speeches

        narrators: tuple[Narrator, ...] = (
            PollyNarrator(self.client("polly")),
            OpenAiNarrator(self.settings.openai_base_url, self.settings.openai_api_key),
        )
        secret = next(iter(self.settings.signing_keys.values()), "")
        return Speeches(
            {narrator.name: narrator for narrator in narrators},
            Recordings(self.client("s3"), self.settings.media_bucket, secret),
            Allowance(self.conversations),
            self.usages,
        )

    @cache  # noqa: B019 - one Services lives as long as its process
    def model(self, choice: "ModelChoice") -> "LanguageModel":
        """The language model of a choice."""
        match choice.provider:
            case "extractive":
                from aisdr.inference.extractive import Extractive

                return Extractive()
            case "openai":
                from aisdr.inference.openai import OpenAi

                return OpenAi(
                    self.settings.openai_base_url,
                    self.settings.openai_api_key,
                    choice.model,
                    options=_sampling(choice),
                )
            case "bedrock":
                from aisdr.inference.bedrock import CLIENT_CONFIG, Bedrock

                client: Any = self._session.create_client("bedrock-runtime", config=CLIENT_CONFIG)
                return Bedrock(client, choice.model, options=_sampling(choice))


def _sampling(choice: "ModelChoice") -> dict[str, float]:
    """Only what the operator set: newer models refuse sampling settings."""
    return {} if choice.temperature is None else {"temperature": choice.temperature}


@cache
def services() -> Services:
    """The services of this process. `services.cache_clear()` makes the next call read the environment anew."""
    session = get_session()
    settings = Settings.from_environment(store=SecretStore(session))
    belong_to(settings.environment)
    return Services(settings, session)
