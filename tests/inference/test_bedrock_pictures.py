"""Pictures and questions in one space, on Bedrock: a real SDK against a look-alike of both models."""

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from aisdr.errors import InvalidInput, NotConfigured, VendorError
from aisdr.inference.bedrock_invoke import PASSAGES_CONFIG, QUESTION_CONFIG
from aisdr.inference.bedrock_pictures import BedrockPictures
from aisdr.inference.picture import LONGEST_SIDE, fitted
from tests.inference.bedrock_runtime import Runtime, running

TITAN = "amazon.titan-embed-image-v1"
NOVA = "us.amazon.nova-2-multimodal-embeddings-v1:0"


@pytest.fixture
def bedrock() -> Iterator[Runtime]:
    with running() as runtime:
        yield runtime


def pictures(bedrock: Runtime, model: str) -> BedrockPictures:
    return BedrockPictures(bedrock.client(QUESTION_CONFIG), bedrock.client(PASSAGES_CONFIG), model)


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    written = BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize(
    ("model", "dimension"), [(TITAN, 1024), (f"{TITAN}@384", 384), (NOVA, 1024), (f"{NOVA}@3072", 3072)]
)
def test_pictures_and_questions_come_into_one_space(bedrock: Runtime, model: str, dimension: int) -> None:
    embedder = pictures(bedrock, model)

    seen = embedder.embed_pictures([picture("PNG"), picture("JPEG"), picture("WEBP")])
    asked = embedder.embed_question("the dashboard")

    assert seen.shape == (3, dimension)
    assert asked.shape == (dimension,)
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)
    assert embedder.space.dimension == dimension
    meaning = embedder.space.meaning(np.array([0.0, embedder.space.ceiling], dtype=np.float32))
    assert meaning.tolist() == pytest.approx([0.0, 1.0])


def test_nova_is_asked_in_the_documented_form(bedrock: Runtime) -> None:
    embedder, content = pictures(bedrock, NOVA), picture("WEBP")

    embedder.embed_pictures([content])
    embedder.embed_question("the dashboard")

    image, text = (body["singleEmbeddingParams"] for body in bedrock.bodies)
    assert image == {
        "embeddingPurpose": "GENERIC_INDEX",
        "embeddingDimension": 1024,
        "image": {
            "detailLevel": "DOCUMENT_IMAGE",
            "format": "webp",
            "source": {"bytes": base64.b64encode(content).decode()},
        },
    }
    assert text == {
        "embeddingPurpose": "IMAGE_RETRIEVAL",
        "embeddingDimension": 1024,
        "text": {"truncationMode": "END", "value": "the dashboard"},
    }


def test_titan_gets_what_it_reads(bedrock: Runtime) -> None:
    embedder, content = pictures(bedrock, TITAN), picture("PNG")

    embedder.embed_pictures([content, picture("WEBP")])
    embedder.embed_question("word " * 5000)

    sent = [base64.b64decode(body["inputImage"]) for body in bedrock.bodies[:2]]
    assert content in sent
    assert {Image.open(BytesIO(each)).format for each in sent} == {"PNG", "JPEG"}
    assert bedrock.bodies[0]["embeddingConfig"] == {"outputEmbeddingLength": 1024}
    assert bedrock.bodies[2].keys() == {"inputText", "embeddingConfig"}


def test_a_large_picture_is_made_smaller_and_keeps_its_shape(bedrock: Runtime) -> None:
    pictures(bedrock, TITAN).embed_pictures([picture("PNG", (4000, 1000))])

    sent = Image.open(BytesIO(base64.b64decode(bedrock.bodies[0]["inputImage"])))
    assert sent.size == (LONGEST_SIDE, LONGEST_SIDE // 4)


def test_a_heavy_picture_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = Image.frombytes("RGB", (300, 300), np.random.default_rng(1).bytes(300 * 300 * 3))
    written = BytesIO()
    noise.save(written, "PNG")
    monkeypatch.setattr("aisdr.inference.picture.MOST_BYTES", 100_000)

    lighter = fitted(written.getvalue(), ("png", "jpeg"))

    assert lighter.format == "jpeg"
    assert len(lighter.content) < len(written.getvalue()) / 2


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_what_is_transparent_is_seen_on_white(mode: str) -> None:
    written = BytesIO()
    Image.new("RGBA", (3000, 20), (0, 0, 0, 0)).convert(mode).save(written, "PNG")

    seen = Image.open(BytesIO(fitted(written.getvalue(), ("png",)).content))

    assert seen.mode == "RGB"
    if mode in ("RGBA", "LA"):
        assert seen.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", picture()[:60], picture("GIF"), b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_picture_is_refused_and_not_sent(bedrock: Runtime, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        pictures(bedrock, NOVA).embed_pictures([content])

    assert bedrock.asked == []


def test_a_picture_that_would_fill_the_memory_is_refused(bedrock: Runtime) -> None:
    with pytest.raises(InvalidInput, match="too large"):
        pictures(bedrock, NOVA).embed_pictures([picture("PNG", (20_000, 4200), "1")])


def test_no_pictures_ask_for_nothing(bedrock: Runtime) -> None:
    assert pictures(bedrock, NOVA).embed_pictures([]).shape == (0, 1024)
    assert bedrock.asked == []


def test_a_question_is_asked_once_and_one_without_words_too(bedrock: Runtime) -> None:
    embedder = pictures(bedrock, TITAN)
    first = embedder.embed_question("the  dashboard")

    assert embedder.embed_question(" the dashboard ") is first
    assert embedder.embed_question("  ").shape == (1024,)
    assert len(bedrock.asked) == 2


def test_failures_are_the_vendors(bedrock: Runtime) -> None:
    embedder = pictures(bedrock, NOVA)
    bedrock.errors = [(403, "AccessDeniedException", "no")]
    with pytest.raises(VendorError, match="bedrock:InvokeModel"):
        embedder.embed_pictures([picture()])

    bedrock.body = b'{"embeddings": []}'
    with pytest.raises(VendorError, match="nonsense"):
        embedder.embed_question("price")


@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v2:0", f"{TITAN}@512"])
def test_a_model_that_sees_nothing_is_refused_at_once(model: str) -> None:
    nobody: Any = None

    with pytest.raises(NotConfigured, match="AISDR_PICTURE_EMBEDDER"):
        BedrockPictures(nobody, nobody, model)
