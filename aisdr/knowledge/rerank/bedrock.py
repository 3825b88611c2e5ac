"""The second stage with a reranking model on Bedrock; pictures and clips are judged by their captions."""

from collections.abc import Callable, Sequence

from aisdr.company import Company
from aisdr.index.base import IndexQuery, Place, SearchHit
from aisdr.inference.base import Reranker
from aisdr.knowledge.rerank.order import placed, weighed


class BedrockStage:
    """The model's order among the hits that the merge found. What the model does not judge stays behind the others.

    Args:
        reranker: finds the client for a company's model.
    """

    name = "bedrock"

    def __init__(self, reranker: Callable[[str], Reranker]) -> None:
        self._reranker = reranker

    def rerank(
        self, company: Company, query: IndexQuery, place: Place, hits: Sequence[SearchHit], timeout: float
    ) -> list[SearchHit]:
        """Raises VendorError and NotConfigured: whoever calls keeps the merge's order then, and says so."""
        moved = weighed(hits)
        if len(moved) < 2:
            return list(hits)
        judged = self._reranker(company.search.rerank_model).relevance(
            query.text, [hit.chunk.searchable_text for hit in moved]
        )
        order = sorted(judged, key=lambda at: (-judged[at], at))
        return placed(moved, order) + list(hits[len(moved) :])
