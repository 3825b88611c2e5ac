"""What vendors ask for transcripts, descriptions and vectors, in dollars, so that a run can tell what it cost.

List prices of https://platform.openai.com/docs/pricing, https://aws.amazon.com/transcribe/pricing (standard batch,
first tier, us-east-1) and https://aws.amazon.com/bedrock/pricing. A bill may be lower; a model that is not listed
counts nothing.
"""

from collections.abc import Sequence

_MINUTE = {
    "gpt-4o-mini-transcribe": 0.003,
    "gpt-4o-transcribe": 0.006,
    "whisper-1": 0.006,
}
AMAZON_MINUTE = 0.024
AMAZON_LEAST_SECONDS = 15
"""A shorter piece costs as much."""

_MILLION_TOKENS = {
    "gpt-5-mini": (0.25, 2.00),
    "gpt-5-nano": (0.05, 0.40),
    "gpt-5": (1.25, 10.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-4.1": (2.00, 8.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4o": (2.50, 10.00),
    "amazon.nova-lite-v1": (0.06, 0.24),
    "amazon.nova-pro-v1": (0.80, 3.20),
    "anthropic.claude-haiku-4-5": (1.00, 5.00),
    "anthropic.claude-sonnet-4-5": (3.00, 15.00),
}
"""What is read and what is written. A longer name stands before the one that begins it."""

_MILLION_EMBEDDED = {
    "text-embedding-3-small": 0.02,
    "text-embedding-3-large": 0.13,
    "titan-embed-text-v2": 0.02,
    "titan-embed-image-v1": 0.80,
    "cohere.embed-v4": 0.12,
    "cohere.embed-": 0.10,
    "nova-2-multimodal-embeddings": 0.135,
}
TOKENS_A_WORD = 1.35
"""Of English; what Bedrock counted does not come back with every model's answer."""


def per_minute(model: str) -> float:
    """Of speech that a model of OpenAI's writes down."""
    return next((price for name, price in _MINUTE.items() if name in model), 0.0)


def described_for(model: str, read: int, written: int) -> float:
    """What so many tokens cost, a picture being some of those that are read."""
    prices = next((prices for name, prices in _MILLION_TOKENS.items() if name in model), (0.0, 0.0))
    return (read * prices[0] + written * prices[1]) / 1_000_000


def embedded_for(space: str, texts: Sequence[str]) -> float:
    """What the vectors of some texts cost, about; nothing for an embedder of this machine.

    Args:
        space: name of the vector space, which holds the model's.
    """
    price = next((price for name, price in _MILLION_EMBEDDED.items() if name in space), 0.0)
    return price * TOKENS_A_WORD * sum(len(text.split()) for text in texts) / 1_000_000
