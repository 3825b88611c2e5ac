"""The OpenAI embedder, against the look-alike over loopback and against servers with habits of their own."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import openai
import pytest

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.openai_embed import LONGEST_TEXT, MOST_TEXTS, OpenAiEmbedder
from aisdr.secret import Secret
from dev.openai import OpenAILookalike, create_app
from dev.openai.refusals import OpenAIError
from dev.serve import serving

SMALL = "text-embedding-3-small"
SECRET = "sk-local"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, OpenAILookalike]]:
    app = create_app()
    with serving(app) as address:
        yield f"{address}/v1", app.state.lookalike


@pytest.fixture
def lookalike(server: tuple[str, OpenAILookalike]) -> OpenAILookalike:
    server[1].embeddings.reset()
    return server[1]


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def embedder(server: tuple[str, OpenAILookalike], pauses: list[float]) -> OpenAiEmbedder:
    return OpenAiEmbedder(server[0], Secret(SECRET), SMALL, sleep=pauses.append)


def test_a_question_is_nearest_to_the_passage_that_answers_it(
    embedder: OpenAiEmbedder, lookalike: OpenAILookalike
) -> None:
    passages = embedder.embed_passages(["The office dog is called Biscuit.", "Growth costs $149 a month."])

    cosines = passages @ embedder.embed_question("What does the Growth plan cost?")

    assert passages.shape == (2, 1536)
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    assert cosines.argmax() == 1
    assert embedder.space.name == "openai:text-embedding-3-small@1536"
    assert lookalike.embeddings.requests[1] == {
        "model": SMALL,
        "input": ["What does the Growth plan cost?"],
        "encoding_format": "float",
    }


def test_many_passages_go_in_batches_and_come_back_in_order(
    embedder: OpenAiEmbedder, lookalike: OpenAILookalike
) -> None:
    texts = [f"passage {number}" for number in range(MOST_TEXTS + 1)]

    vectors = embedder.embed_passages(texts)

    assert [len(body["input"]) for body in lookalike.embeddings.requests] == [MOST_TEXTS, 1]
    assert np.allclose(vectors[-1], embedder.embed_passages([texts[-1]])[0], atol=1e-5)


@pytest.mark.slow
def test_a_batch_of_long_texts_is_a_small_one(embedder: OpenAiEmbedder, lookalike: OpenAILookalike) -> None:
    embedder.embed_passages(["word " * 100_000] * 13 + ["", "  "])

    sent = [[len(text) for text in body["input"]] for body in lookalike.embeddings.requests]
    assert [len(batch) for batch in sent] == [12, 3]
    assert max(sent[0]) <= LONGEST_TEXT
    assert sent[1][1:] == [1, 1]


def test_shorter_vectors_are_asked_for(server: tuple[str, OpenAILookalike], lookalike: OpenAILookalike) -> None:
    embedder = OpenAiEmbedder(server[0], Secret(SECRET), f"{SMALL}@512")

    assert embedder.embed_question("price").shape == (512,)
    assert lookalike.embeddings.requests[0]["dimensions"] == 512
    assert embedder.space.name == "openai:text-embedding-3-small@512"


def test_a_question_is_asked_once_and_cannot_be_changed(embedder: OpenAiEmbedder, lookalike: OpenAILookalike) -> None:
    first = embedder.embed_question("how  much is it")

    assert embedder.embed_question(" how much is it ") is first
    assert len(lookalike.embeddings.requests) == 1
    with pytest.raises(ValueError, match="read-only"):
        first *= 2


def test_no_texts_ask_for_nothing(embedder: OpenAiEmbedder, lookalike: OpenAILookalike) -> None:
    assert embedder.embed_passages([]).shape == (0, 1536)
    assert lookalike.embeddings.requests == []


def test_passages_wait_for_a_rate_limit_and_questions_do_not(
    embedder: OpenAiEmbedder, lookalike: OpenAILookalike, pauses: list[float]
) -> None:
    def limited(**headers: str) -> OpenAIError:
        return OpenAIError(429, "Slow down.", kind="requests", code="rate_limit_exceeded", headers=headers)

    lookalike.embeddings.refusals.extend([limited(**{"retry-after": "3"}), limited()])
    assert embedder.embed_passages(["price"]).shape == (1, 1536)
    assert pauses == [3.0, 4.0]

    lookalike.embeddings.refusals.append(limited())
    with pytest.raises(VendorError, match="rate limit") as raised:
        embedder.embed_question("price")
    assert raised.value.retryable
    assert len(pauses) == 2


def test_a_rate_limit_that_does_not_end_is_told(
    embedder: OpenAiEmbedder, lookalike: OpenAILookalike, pauses: list[float]
) -> None:
    lookalike.embeddings.refusals.extend([OpenAIError(503, "Overloaded.")] * 9)

    with pytest.raises(VendorError, match="answered 503"):
        embedder.embed_passages(["price"])

    assert pauses == [2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (OpenAIError(429, "No money.", kind="insufficient_quota", code="insufficient_quota"), "insufficient_quota"),
        (OpenAIError(403, "Not you.", code="forbidden"), "may not use"),
        (OpenAIError(400, "Bad.", code="invalid_value"), "AISDR_EMBEDDER"),
    ],
)
def test_what_will_not_change_is_not_tried_again(
    embedder: OpenAiEmbedder, lookalike: OpenAILookalike, pauses: list[float], refusal: OpenAIError, told: str
) -> None:
    lookalike.embeddings.refusals.append(refusal)

    with pytest.raises(VendorError, match=told) as raised:
        embedder.embed_passages(["price"])

    assert not raised.value.retryable
    assert pauses == []


def test_a_wrong_key_and_a_wrong_name_are_told_without_the_key(server: tuple[str, OpenAILookalike]) -> None:
    with pytest.raises(VendorError, match="OPENAI_API_KEY") as refused:
        OpenAiEmbedder(server[0], Secret("sk-very-secret"), SMALL).embed_question("price")
    assert "secret" not in str(refused.value)

    with pytest.raises(VendorError, match=r"unknown at this address.*model_not_found"):
        OpenAiEmbedder(server[0], Secret(SECRET), "nomic-embed-text").embed_question("price")


def test_without_a_key_openai_itself_is_not_asked() -> None:
    with pytest.raises(NotConfigured, match="OPENAI_API_KEY"):
        OpenAiEmbedder("https://api.openai.com/v1", None, SMALL).embed_question("price")


@pytest.mark.parametrize("model", ["some/unheard-of:model", "text-embedding-ada-002@512", f"{SMALL}@9000", "bge-m3@64"])
def test_the_length_of_vectors_has_to_be_known_beforehand(model: str) -> None:
    with pytest.raises(NotConfigured, match="ectors of the embedding model"):
        OpenAiEmbedder("http://127.0.0.1:9/v1", None, model)


def test_nobody_at_the_address_is_the_vendors_failure() -> None:
    with pytest.raises(VendorError, match="cannot be reached") as raised:
        OpenAiEmbedder("http://127.0.0.1:9/v1", None, SMALL).embed_question("price")

    assert raised.value.retryable


Answer = Callable[[dict[str, Any]], Any]


@pytest.fixture
def compatible() -> Iterator[Callable[[Answer], tuple[str, list[dict[str, Any]]]]]:
    """A server of one's own: what it answers to a request, be it JSON or bytes, and what it was asked."""
    running: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> tuple[str, list[dict[str, Any]]]:
        asked: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                told = answer(asked[-1])
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        running.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=running[-1].serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{running[-1].server_address[1]}/v1", asked

    yield start
    for each in running:
        each.shutdown()
        each.server_close()


def data(*vectors: Any) -> dict[str, Any]:
    return {"data": [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]}


def test_an_open_model_reads_what_its_card_asks_for(compatible: Callable[[Answer], Any]) -> None:
    url, asked = compatible(lambda body: data(*[[1.0] + [0.0] * 767] * len(body["input"])))
    embedder = OpenAiEmbedder(url, None, "nomic-embed-text:v1.5")

    embedder.embed_question("the price")
    embedder.embed_passages(["Growth costs $149", "About us"])

    assert asked[0]["input"] == ["search_query: the price"]
    assert asked[1]["input"] == ["search_document: Growth costs $149", "search_document: About us"]
    assert "dimensions" not in asked[0]


def test_any_other_model_is_taken_at_its_word(compatible: Callable[[Answer], Any]) -> None:
    url, _ = compatible(lambda _: data([3.0, 4.0]))

    embedder = OpenAiEmbedder(url, None, "our/own:model@2")

    assert embedder.embed_question("price").tolist() == pytest.approx([0.6, 0.8])
    assert (embedder.space.floor, embedder.space.ceiling) == (0.0, 1.0)


def test_vectors_are_put_in_the_order_of_the_texts_in_whatever_form_they_come(
    compatible: Callable[[Answer], Any],
) -> None:
    url, _ = compatible(lambda _: {"data": data([1.0, 0.0], "AAAAAAAAgD8=")["data"][::-1]})

    vectors = OpenAiEmbedder(url, None, "ours@2").embed_passages(["first", "second"])

    assert vectors.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"not json", "unknown shape"),
        ({}, "unknown shape"),
        ({"data": [{"index": 0, "embedding": None}]}, "unknown shape"),
        (data(), "another number"),
        (data([1.0, 0.0], [1.0, 0.0]), "another number"),
        ({"data": [{"index": 5, "embedding": [1.0, 0.0]}]}, "another number"),
        (data([1.0, 0.0, 0.0]), "3 numbers, not 2"),
        (data([0.0, 0.0]), "no direction"),
        (data("AAAA"), "cannot be read"),
        (data("*"), "cannot be read"),
        (b'{"data": [{"index": 0, "embedding": [NaN, 1.0]}]}', "finite"),
    ],
)
def test_nonsense_is_the_vendors_failure(compatible: Callable[[Answer], Any], answer: Any, told: str) -> None:
    url, asked = compatible(lambda _: answer)

    with pytest.raises(VendorError, match=told):
        OpenAiEmbedder(url, None, "ours@2").embed_passages(["price"])

    assert len(asked) == 1


def test_the_vendors_own_client_reads_the_look_alike(server: tuple[str, OpenAILookalike]) -> None:
    client = openai.OpenAI(base_url=server[0], api_key=SECRET, max_retries=0)

    packed = client.embeddings.create(model=SMALL, input=["price", "dog"])
    plain = client.embeddings.create(model=SMALL, input="price", dimensions=256, encoding_format="float")

    assert [each.index for each in packed.data] == [0, 1]
    assert len(packed.data[0].embedding) == 1536
    assert len(plain.data[0].embedding) == 256
    assert plain.usage.total_tokens > 0


@pytest.mark.parametrize(
    "wish",
    [
        {"model": "text-embedding-9", "input": "price"},
        {"model": SMALL, "input": ""},
        {"model": SMALL, "input": []},
        {"model": SMALL, "input": ["x"] * 2049},
        {"model": SMALL, "input": "x" * 50_000},
        {"model": SMALL, "input": "price", "dimensions": 4096},
        {"model": "text-embedding-ada-002", "input": "price", "dimensions": 256},
        {"model": SMALL, "input": "price", "input_type": "query"},
    ],
)
def test_the_look_alike_refuses_what_the_vendor_would(
    server: tuple[str, OpenAILookalike], wish: dict[str, Any]
) -> None:
    client = openai.OpenAI(base_url=server[0], api_key=SECRET, max_retries=0)

    with pytest.raises(openai.APIStatusError) as raised:
        client.post("/embeddings", body=wish, cast_to=object)

    assert raised.value.status_code in (400, 404)
