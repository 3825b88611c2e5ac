"""Reranking on Bedrock: a real SDK against a look-alike at the vendor's address, checked by AWS's own service model."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator

from aisdr.errors import NotConfigured, VendorError
from aisdr.index.base import IndexQuery, Place, SearchHit
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.bedrock_rerank import CLIENT_CONFIG, LONGEST_TEXT, BedrockReranker
from aisdr.knowledge.rerank.bedrock import BedrockStage
from tests.chunks import LetterCounts, chunk, picture, texts
from tests.material import a_company

COHERE = "cohere.rerank-v3-5:0"
OPERATION = botocore.session.get_session().get_service_model("bedrock-agent-runtime").operation_model("Rerank")
assert OPERATION.input_shape is not None
SHAPE = OPERATION.input_shape


class LookAlike:
    """Answers `POST /rerank` with what it was told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.results: list[dict[str, Any]] = []
        self.error: tuple[int, str] | None = None
        self.body: bytes | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked = json.loads(body)
        report = ParamValidator().validate(asked, SHAPE)
        assert not report.has_errors(), report.generate_report()
        self.asked.append(asked)
        self.go_on.wait(10)
        if self.error:
            status, name = self.error
            return status, {"x-amzn-ErrorType": name}, json.dumps({"message": "no"}).encode()
        if self.body is not None:
            return 200, {}, self.body
        return 200, {}, json.dumps({"results": self.results}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        look_alike = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == OPERATION.http["requestUri"]
                assert "/bedrock/aws4_request" in self.headers["Authorization"]
                status, headers, body = look_alike.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def bedrock() -> Iterator[LookAlike]:
    look_alike = LookAlike()
    yield look_alike
    look_alike.close()


@pytest.fixture
def client(bedrock: LookAlike) -> Any:
    return boto3.client(
        "bedrock-agent-runtime",
        region_name="eu-central-1",
        endpoint_url=bedrock.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=CLIENT_CONFIG,
    )


def test_each_text_is_judged_and_the_model_is_named_by_its_arn(bedrock: LookAlike, client: Any) -> None:
    bedrock.results = [{"index": 1, "relevanceScore": 0.91}, {"index": 0, "relevanceScore": 0.07}]

    judged = BedrockReranker(client, COHERE).relevance("What does Growth cost?", ["About us", "Growth costs $149"])

    assert judged == {1: 0.91, 0: 0.07}
    assert bedrock.asked[0]["queries"] == [{"type": "TEXT", "textQuery": {"text": "What does Growth cost?"}}]
    assert bedrock.asked[0]["rerankingConfiguration"]["bedrockRerankingConfiguration"] == {
        "modelConfiguration": {"modelArn": f"arn:aws:bedrock:eu-central-1::foundation-model/{COHERE}"},
        "numberOfResults": 2,
    }


def test_a_model_may_be_named_by_its_whole_arn(bedrock: LookAlike, client: Any) -> None:
    arn = "arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0"

    BedrockReranker(client, arn).relevance("price", ["a", "b"])

    configuration = bedrock.asked[0]["rerankingConfiguration"]["bedrockRerankingConfiguration"]
    assert configuration["modelConfiguration"]["modelArn"] == arn


def test_long_and_empty_texts_are_sent_as_the_vendor_takes_them(bedrock: LookAlike, client: Any) -> None:
    BedrockReranker(client, COHERE).relevance("", ["x" * 40_000, "", "  "])

    sent = [each["inlineDocumentSource"]["textDocument"]["text"] for each in bedrock.asked[0]["sources"]]
    assert [len(text) for text in sent] == [LONGEST_TEXT, 1, 1]


@pytest.mark.parametrize(
    ("status", "name", "told", "retryable"),
    [
        (429, "ThrottlingException", "too many requests", True),
        (403, "AccessDeniedException", "bedrock:Rerank", False),
        (404, "ResourceNotFoundException", "search.rerankModel", False),
        (400, "ValidationException", "refused the request", False),
        (502, "BadGatewayException", "BadGatewayException", True),
    ],
)
def test_a_refusal_says_what_to_do(
    bedrock: LookAlike, client: Any, status: int, name: str, told: str, retryable: bool
) -> None:
    bedrock.error = (status, name)

    with pytest.raises(VendorError, match=told) as raised:
        BedrockReranker(client, COHERE).relevance("price", ["a", "b"])

    assert raised.value.retryable == retryable
    assert len(bedrock.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"results": 5}',
        b'{"results": [{"index": 7, "relevanceScore": 1}]}',
        b'{"results": [{"index": -1, "relevanceScore": 1}]}',
        b'{"results": [{"index": 0, "relevanceScore": NaN}]}',
        b'{"results": [{"relevanceScore": 0.5}]}',
        b"not json",
    ],
)
def test_nonsense_is_the_vendors_failure(bedrock: LookAlike, client: Any, body: bytes) -> None:
    bedrock.body = body

    with pytest.raises(VendorError):
        BedrockReranker(client, COHERE).relevance("price", ["a", "b"])


def test_an_answer_that_does_not_come_is_not_waited_for_and_not_asked_for_again(
    bedrock: LookAlike, client: Any
) -> None:
    bedrock.go_on.clear()

    with pytest.raises(VendorError, match="cannot be reached or was late") as raised:
        BedrockReranker(client, COHERE).relevance("price", ["a", "b"])

    assert raised.value.retryable
    assert len(bedrock.asked) == 1


def test_a_model_that_is_not_named_is_told(bedrock: LookAlike, client: Any) -> None:
    with pytest.raises(NotConfigured, match=r"search\.rerankModel"):
        BedrockReranker(client, "").relevance("price", ["a"])

    assert bedrock.asked == []


def hits(*scores: float) -> list[SearchHit]:
    found = [chunk("About us"), picture("The dashboard"), chunk("Growth costs $149", title="Pricing")]
    return [
        SearchHit(chunk=each, score=score, origins=("own",), leg_scores={"own": score})
        for each, score in zip(found, scores, strict=True)
    ]


def rerank(client: Any, *scores: float) -> list[SearchHit]:
    letters = LetterCounts()
    place = Place(EmbeddedIndex("unused", letters.space), letters)
    company = a_company(search={"rerank": "bedrock", "rerank_model": COHERE})
    stage = BedrockStage(lambda model: BedrockReranker(client, model))
    return stage.rerank(company, IndexQuery("What does Growth cost?", None), place, hits(*scores), timeout=1)


def test_the_companys_model_orders_the_hits_and_relevance_stays(bedrock: LookAlike, client: Any) -> None:
    bedrock.results = [{"index": 2, "relevanceScore": 0.9}, {"index": 0, "relevanceScore": 0.2}]

    better = rerank(client, 0.6, 0.5, 0.4)

    assert texts(better) == ["Growth costs $149", "About us", "The dashboard"]
    assert [each.score for each in better] == [0.6, 0.5, 0.4]
    assert [each.relevance for each in better] == [0.4, 0.6, 0.5]
    sent = [each["inlineDocumentSource"]["textDocument"]["text"] for each in bedrock.asked[0]["sources"]]
    assert sent == ["About us", "The dashboard", "Pricing\nGrowth costs $149"]


def test_hits_without_weight_are_not_judged(bedrock: LookAlike, client: Any) -> None:
    bedrock.results = [{"index": 1, "relevanceScore": 0.9}, {"index": 0, "relevanceScore": 0.2}]

    better = rerank(client, 0.6, 0.5, 0.0)

    assert texts(better) == ["The dashboard", "About us", "Growth costs $149"]
    assert len(bedrock.asked[0]["sources"]) == 2
