"""Where a company's chunks stand, and the legs and stages that search them."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from aisdr.errors import InvalidInput
from aisdr.observability import TRACED
from aisdr.services.models import Models
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from aisdr.company import Company
    from aisdr.home import Home
    from aisdr.index.base import Place, SearchIndex
    from aisdr.knowledge.base import SecondStage
    from aisdr.knowledge.hybrid import Knowledge


class Search(Models):
    """Places of chunks, engines, and the search over them."""

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
