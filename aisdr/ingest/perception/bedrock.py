"""Descriptions of pictures by a vision model on Amazon Bedrock, through Converse."""

from typing import TYPE_CHECKING, Any

from aisdr.errors import VendorError
from aisdr.inference.bedrock_refusals import in_our_words
from aisdr.ingest.perception.base import Description
from aisdr.ingest.perception.instruction import LONGEST_ANSWER, instruction
from aisdr.ingest.perception.prices import described_for

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.client import BedrockRuntimeClient

_REMEDIES = {
    "AccessDeniedException": "not allowed: grant bedrock:InvokeModel on it and its inference profile",
    "ResourceNotFoundException": "unknown in this region: check AISDR_DESCRIBER",
    "ThrottlingException": "too many requests for the account's quota",
    "ValidationException": "refused the request: check that the model of AISDR_DESCRIBER sees pictures",
}


class BedrockDescriber:
    """One model or inference profile.

    Args:
        client: boto3's `bedrock-runtime`, which repeats a request that was refused for the quota.
    """

    def __init__(self, client: "BedrockRuntimeClient", model: str) -> None:
        self._client = client
        self._model = model

    def describe(self, picture: bytes, language: str) -> Description:
        content: list[Any] = [
            {"image": {"format": "webp", "source": {"bytes": picture}}},
            {"text": instruction(language)},
        ]
        with in_our_words(self._failed, _REMEDIES):
            answer = self._client.converse(
                modelId=self._model,
                messages=[{"role": "user", "content": content}],
                inferenceConfig={"maxTokens": LONGEST_ANSWER},
            )
        blocks = answer["output"].get("message", {}).get("content", [])
        text = " ".join(" ".join(block.get("text", "") for block in blocks).split())
        if not text:
            raise self._failed("said nothing about a picture")
        usage = answer["usage"]
        return Description(text, described_for(self._model, usage["inputTokens"], usage["outputTokens"]))

    def _failed(self, what: str, *, retryable: bool = False) -> VendorError:
        return VendorError(f"Vision model '{self._model}': {what}", vendor="bedrock", retryable=retryable)
