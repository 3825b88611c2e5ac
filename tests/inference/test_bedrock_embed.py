"""Embedders on Bedrock: a real SDK against a look-alike that knows each model's documented form."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.bedrock_embed import BedrockEmbedder
from aisdr.inference.bedrock_invoke import PASSAGES_CONFIG, QUESTION_CONFIG
from tests.inference.bedrock_runtime import Runtime, running, vector

TITAN = "amazon.titan-embed-text-v2:0"
ENGLISH, MULTILINGUAL, FOURTH = "cohere.embed-english-v3", "cohere.embed-multilingual-v3", "eu.cohere.embed-v4:0"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"
PROFILE = "arn:aws:bedrock:eu-central-1:1234:inference-profile/global.cohere.embed-v4:0"


@pytest.fixture
def bedrock() -> Iterator[Runtime]:
    with running() as runtime:
        yield runtime


def embedder(bedrock: Runtime, model: str) -> BedrockEmbedder:
    return BedrockEmbedder(bedrock.client(QUESTION_CONFIG), bedrock.client(PASSAGES_CONFIG), model)


@pytest.mark.parametrize(
    ("model", "dimension", "space"),
    [
        (TITAN, 1024, "bedrock:amazon.titan-embed-text-v2@1024"),
        (f"{TITAN}@256", 256, "bedrock:amazon.titan-embed-text-v2@256"),
        (ENGLISH, 1024, "bedrock:cohere.embed-english-v3@1024"),
        (MULTILINGUAL, 1024, "bedrock:cohere.embed-multilingual-v3@1024"),
        (FOURTH, 1024, "bedrock:cohere.embed-v4@1024"),
        (f"{PROFILE}@1536", 1536, "bedrock:cohere.embed-v4@1536"),
        (NOVA, 1024, "bedrock:amazon.nova-2-multimodal-embeddings@1024"),
    ],
)
def test_each_model_is_asked_in_its_own_form(bedrock: Runtime, model: str, dimension: int, space: str) -> None:
    bedrock_model = embedder(bedrock, model)
    texts = [f"passage {number}" for number in range(5)]

    passages = bedrock_model.embed_passages(texts)
    question = bedrock_model.embed_question("passage 3")

    assert passages.shape == (5, dimension)
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    assert (passages @ question).argmax() == 3
    assert float(passages[3] @ question) == pytest.approx(1)
    assert (bedrock_model.space.name, bedrock_model.space.dimension) == (space, dimension)
    assert {asked for asked, _ in bedrock.asked} == {model.partition("@")[0]}


def test_cohere_is_told_what_is_a_question_and_what_a_document(bedrock: Runtime) -> None:
    cohere = embedder(bedrock, MULTILINGUAL)

    cohere.embed_passages(["Growth costs $149"])
    cohere.embed_question("the price")

    assert [body["input_type"] for body in bedrock.bodies] == ["search_document", "search_query"]
    assert bedrock.bodies[0] == {
        "texts": ["Growth costs $149"],
        "input_type": "search_document",
        "embedding_types": ["float"],
        "truncate": "END",
    }


def test_nova_is_told_so_too(bedrock: Runtime) -> None:
    nova = embedder(bedrock, NOVA)

    nova.embed_passages(["Growth costs $149"])
    nova.embed_question("the price")

    purposes = [body["singleEmbeddingParams"]["embeddingPurpose"] for body in bedrock.bodies]
    assert purposes == ["GENERIC_INDEX", "TEXT_RETRIEVAL"]


def test_titan_takes_one_text_at_a_time_and_makes_length_one(bedrock: Runtime) -> None:
    embedder(bedrock, TITAN).embed_passages(["Growth costs $149", "About us"])

    assert sorted(body["inputText"] for body in bedrock.bodies) == ["About us", "Growth costs $149"]
    assert bedrock.bodies[0].keys() == {"inputText", "dimensions", "normalize"}
    assert bedrock.bodies[0]["normalize"] is True


def test_many_passages_go_in_batches_and_come_back_in_order(bedrock: Runtime) -> None:
    texts = [f"passage {number}" for number in range(200)]

    vectors = embedder(bedrock, MULTILINGUAL).embed_passages(texts)

    assert sorted(len(body["texts"]) for body in bedrock.bodies) == [8, 96, 96]
    expected = np.array([vector(text, 1024) for text in texts])
    assert np.allclose((vectors * expected).sum(axis=1), np.linalg.norm(expected, axis=1), rtol=1e-4)


@pytest.mark.parametrize("model", [TITAN, MULTILINGUAL, FOURTH, NOVA])
def test_long_and_empty_texts_are_sent_as_the_model_takes_them(bedrock: Runtime, model: str) -> None:
    vectors = embedder(bedrock, model).embed_passages(["word " * 100_000, "", "  "])

    assert vectors.shape == (3, 1024)


def test_a_question_is_asked_once_and_cannot_be_changed(bedrock: Runtime) -> None:
    titan = embedder(bedrock, TITAN)
    first = titan.embed_question("how  much is it")

    assert titan.embed_question(" how much is it ") is first
    assert len(bedrock.asked) == 1
    with pytest.raises(ValueError, match="read-only"):
        first *= 2


def test_no_texts_ask_for_nothing(bedrock: Runtime) -> None:
    assert embedder(bedrock, TITAN).embed_passages([]).shape == (0, 1024)
    assert bedrock.asked == []


def test_the_older_form_of_an_answer_is_read_too(bedrock: Runtime) -> None:
    bedrock.body = b'{"embeddings": [[' + b", ".join([b"1.0"] * 1024) + b']], "response_type": "embeddings_floats"}'

    assert embedder(bedrock, ENGLISH).embed_question("price").shape == (1024,)


@pytest.mark.parametrize(
    ("status", "name", "told", "retryable"),
    [
        (429, "ThrottlingException", "too many requests", True),
        (403, "AccessDeniedException", "bedrock:InvokeModel", False),
        (404, "ResourceNotFoundException", "AISDR_EMBEDDER", False),
        (400, "ValidationException", "refused the request", False),
        (503, "ServiceUnavailableException", "ServiceUnavailableException", True),
    ],
)
def test_a_refusal_says_what_to_do_and_nothing_that_was_sent(
    bedrock: Runtime, status: int, name: str, told: str, retryable: bool
) -> None:
    bedrock.errors = [(status, name, "you sent: the secret plan")]

    with pytest.raises(VendorError, match=told) as raised:
        embedder(bedrock, TITAN).embed_question("the secret plan")

    assert raised.value.retryable == retryable
    assert "secret plan" not in raised.value.message
    assert len(bedrock.asked) == 1


def test_a_model_that_needs_a_profile_says_so(bedrock: Runtime) -> None:
    bedrock.errors = [(400, "ValidationException", "on-demand throughput isn't supported")]

    with pytest.raises(VendorError, match="inference profile"):
        embedder(bedrock, "cohere.embed-v4:0").embed_question("price")


def test_passages_wait_for_the_quota(bedrock: Runtime) -> None:
    bedrock.errors = [(429, "ThrottlingException", "slow down")] * 2

    assert embedder(bedrock, TITAN).embed_passages(["price"]).shape == (1, 1024)
    assert len(bedrock.asked) == 3


def test_a_question_that_is_not_answered_is_not_waited_for(bedrock: Runtime) -> None:
    bedrock.go_on.clear()

    with pytest.raises(VendorError, match="cannot be reached or was late") as raised:
        embedder(bedrock, TITAN).embed_question("price")

    assert raised.value.retryable
    assert len(bedrock.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b"{}",
        b'{"embedding": null}',
        b'{"embedding": [1.0, 0.0]}',
        b'{"embedding": ["one"]}',
        b'{"embedding": [' + b", ".join([b"0.0"] * 1024) + b"]}",
        b'{"embedding": [NaN, ' + b", ".join([b"1.0"] * 1023) + b"]}",
    ],
)
def test_nonsense_is_the_vendors_failure(bedrock: Runtime, body: bytes) -> None:
    bedrock.body = body

    with pytest.raises(VendorError):
        embedder(bedrock, TITAN).embed_question("price")


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("meta.llama3", "not known here"),
        (f"{TITAN}@999", "256 or 512 or 1024 numbers, not 999"),
        (f"{MULTILINGUAL}@512", "1024 numbers, not 512"),
    ],
)
def test_a_model_that_we_cannot_speak_to_is_refused_at_once(model: str, told: str) -> None:
    nobody: Any = None

    with pytest.raises(NotConfigured, match=told):
        BedrockEmbedder(nobody, nobody, model)
