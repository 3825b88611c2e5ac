"""How knowledge comes in: from an operator's command and from the queue, with whoever hears and describes."""

from functools import cached_property
from typing import TYPE_CHECKING

from aisdr.errors import InvalidInput
from aisdr.services.search import Search
from aisdr.services.vendors import Vendors
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from aisdr.ingest.inbox import Inbox
    from aisdr.ingest.perception.base import Describer, Hearing, Perception, Transcriber
    from aisdr.ingest.pipeline import Ingestion
    from aisdr.ingest.sandbox.pool import ReaderPool


class Ingesting(Search, Vendors):
    """The two ways of knowledge into the index."""

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

                return BedrockDescriber(self._bedrock_for_material, model)
            case name, _, _:
                raise InvalidInput(f"There is no describer '{name}': openai:MODEL or bedrock:MODEL")

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
