"""Reranking models on Amazon Bedrock, Cohere's and Amazon's, through `Rerank` of bedrock-agent-runtime.

Regions and models: https://docs.aws.amazon.com/bedrock/latest/userguide/rerank-supported.html. The role needs
`bedrock:Rerank` and `bedrock:InvokeModel`.
"""

import math
from collections.abc import Sequence
from typing import Any

from botocore.config import Config
from botocore.parsers import ResponseParserError

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.bedrock_refusals import in_our_words

LONGEST_QUESTION = 2000
LONGEST_TEXT = 2000
"""Characters. Cohere cuts what is longer than 512 tokens into several documents, and bills each of them."""

_RETRYABLE = frozenset(
    {
        "ThrottlingException",
        "InternalServerException",
        "DependencyFailedException",
        "BadGatewayException",
        "ServiceQuotaExceededException",
    }
)
_REMEDIES = {
    "AccessDeniedException": "not allowed: grant bedrock:Rerank and bedrock:InvokeModel on it",
    "ResourceNotFoundException": "unknown in this region: check search.rerankModel",
    "ValidationException": "refused the request: check search.rerankModel and the region",
    "ThrottlingException": "too many requests for the account's quota",
}

# Somebody waits for the order of a search: whoever calls stops waiting earlier, and the connection ends soon after.
CLIENT_CONFIG = Config(connect_timeout=0.5, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})


class BedrockReranker:
    """One reranking model. `model` is its id, such as `cohere.rerank-v3-5:0`, or its whole ARN.

    Args:
        client: boto3's `bedrock-agent-runtime`, made with `CLIENT_CONFIG`.
    """

    def __init__(self, client: Any, model: str) -> None:
        self._client = client
        self._model = model

    def relevance(self, question: str, texts: Sequence[str]) -> dict[int, float]:
        """How well each text answers the question: position in `texts` → 0 to 1, for all that were judged.

        Raises:
            VendorError: the model failed, was late, or answered nonsense.
            NotConfigured: no model, credentials or region.
        """
        if not self._model:
            raise NotConfigured("No model named for search.rerank = 'bedrock': set search.rerankModel of the company")
        request = self.request(question, texts)
        try:
            with in_our_words(self._failed, _REMEDIES, _RETRYABLE):
                answer = self._client.rerank(**request)
        except (ResponseParserError, AttributeError, TypeError) as error:
            # botocore reads JSON of another shape than its model's without looking: its own code stumbles over it.
            raise self._failed("answered nonsense") from error
        return self._read(answer, len(texts))

    def request(self, question: str, texts: Sequence[str]) -> dict[str, Any]:
        """The members of Rerank; at most 1,000 texts."""
        return {
            "queries": [{"type": "TEXT", "textQuery": {"text": _clipped(question, LONGEST_QUESTION)}}],
            "sources": [
                {
                    "type": "INLINE",
                    "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": _clipped(text, LONGEST_TEXT)}},
                }
                for text in texts
            ],
            "rerankingConfiguration": {
                "type": "BEDROCK_RERANKING_MODEL",
                "bedrockRerankingConfiguration": {
                    "modelConfiguration": {"modelArn": self._arn()},
                    "numberOfResults": len(texts),
                },
            },
        }

    def _arn(self) -> str:
        if self._model.startswith("arn:"):
            return self._model
        place = self._client.meta
        return f"arn:{place.partition}:bedrock:{place.region_name}::foundation-model/{self._model}"

    def _read(self, answer: Any, count: int) -> dict[int, float]:
        match answer:
            case {"results": [*results]}:
                found = {result.get("index"): result.get("relevanceScore") for result in results}
            case _:
                raise self._failed("answered nonsense")
        if not all(isinstance(at, int) and 0 <= at < count for at in found) or not all(
            isinstance(score, float | int) and math.isfinite(score) for score in found.values()
        ):
            raise self._failed("answered nonsense")
        return {int(at): float(score) for at, score in found.items()}

    def _failed(self, what: str, *, retryable: bool = False) -> VendorError:
        return VendorError(f"Reranking model '{self._model}': {what}", vendor="bedrock", retryable=retryable)


def _clipped(text: str, longest: int) -> str:
    """An empty text is refused by the API."""
    return text[:longest].strip() or "-"
