"""A look-alike of Bedrock's InvokeModel for embedding models, with the rules that Amazon documents for each body."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import boto3
import botocore.session
import numpy as np
from botocore.config import Config
from botocore.validate import ParamValidator
from PIL import Image

OPERATION = botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("InvokeModel")
assert OPERATION.input_shape is not None
SHAPE = OPERATION.input_shape
MOST_BYTES = 25_000_000


class Refused(Exception):
    """Amazon's ValidationException."""


class Runtime:
    """Answers `POST /model/{id}/invoke` and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.errors: list[tuple[int, str, str]] = []
        """For the next requests: status, name, message."""
        self.body: bytes | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, body in self.asked]

    def client(self, config: Config) -> Any:
        return boto3.client(
            "bedrock-runtime",
            region_name="eu-central-1",
            endpoint_url=f"http://127.0.0.1:{self.server.server_address[1]}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )

    def close(self) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, model: str, content: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        members = {"modelId": model, "body": content, "contentType": headers["content-type"]}
        report = ParamValidator().validate(members, SHAPE)
        assert not report.has_errors(), report.generate_report()
        assert len(content) <= MOST_BYTES
        body = json.loads(content)
        self.asked.append((model, body))
        self.go_on.wait(10)
        if self.errors:
            status, name, message = self.errors.pop(0)
            return status, {"x-amzn-ErrorType": name}, json.dumps({"message": message}).encode()
        if self.body is not None:
            return 200, {}, self.body
        try:
            return 200, {}, json.dumps(_answered(model, body)).encode()
        except Refused as refused:
            return 400, {"x-amzn-ErrorType": "ValidationException"}, json.dumps({"message": str(refused)}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                _, _, rest = self.path.partition("/model/")
                assert rest.endswith("/invoke")
                assert "/bedrock/aws4_request" in self.headers["Authorization"]
                headers = {name.lower(): value for name, value in self.headers.items()}
                content = self.rfile.read(int(headers["content-length"]))
                status, extra, body = runtime.answer(unquote(rest.removesuffix("/invoke")), content, headers)
                self.send_response(status)
                for name, value in {**extra, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                with suppress(BrokenPipeError):  # whoever is too late asks somebody who has gone
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def running() -> Iterator[Runtime]:
    runtime = Runtime()
    try:
        yield runtime
    finally:
        runtime.close()


def vector(content: str, dimension: int) -> list[float]:
    """The same for the same content, of any length."""
    seed = int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], "big")
    numbers: list[float] = np.random.default_rng(seed).normal(size=dimension).tolist()
    return numbers


def _answered(model: str, body: dict[str, Any]) -> dict[str, Any]:
    if "titan-embed-text-v2" in model:
        return _titan_text(body)
    if "titan-embed-image-v1" in model:
        return _titan_image(body)
    if "cohere.embed" in model:
        return _cohere(body, fourth="embed-v4" in model)
    return _nova(body)


def _titan_text(body: dict[str, Any]) -> dict[str, Any]:
    _members(body, {"inputText"}, {"dimensions", "normalize", "embeddingTypes"})
    _expect(0 < len(body["inputText"]) <= 50_000, "inputText")
    dimension = body.get("dimensions", 1024)
    _expect(dimension in (256, 512, 1024), "dimensions")
    return {"embedding": vector(body["inputText"], dimension), "inputTextTokenCount": 3}


def _titan_image(body: dict[str, Any]) -> dict[str, Any]:
    _members(body, set(), {"inputText", "inputImage", "embeddingConfig"})
    _expect("inputText" in body or "inputImage" in body, "one of inputText and inputImage")
    dimension = body.get("embeddingConfig", {}).get("outputEmbeddingLength", 1024)
    _expect(dimension in (256, 384, 1024), "outputEmbeddingLength")
    _expect(len(body.get("inputText", "x")) <= 256 * 5, "at most 256 tokens")
    if "inputImage" in body:
        _picture(base64.b64decode(body["inputImage"], validate=True), ("PNG", "JPEG"), longest=2048)
    content = body.get("inputText") or body["inputImage"]
    return {"embedding": vector(content, dimension), "inputTextTokenCount": 3, "message": None}


def _cohere(body: dict[str, Any], *, fourth: bool) -> dict[str, Any]:
    more = {"output_dimension", "max_tokens"} if fourth else set()
    _members(body, {"texts", "input_type"}, {"truncate", "embedding_types"} | more)
    _expect(1 <= len(body["texts"]) <= 96, "at most 96 texts")
    _expect(all(0 < len(text) <= (500_000 if fourth else 2048) for text in body["texts"]), "length of texts")
    _expect(body["input_type"] in ("search_document", "search_query", "classification", "clustering"), "input_type")
    _expect(body.get("truncate", "NONE") in ("NONE", *(("LEFT", "RIGHT") if fourth else ("START", "END"))), "truncate")
    dimension = body.get("output_dimension", 1536) if fourth else 1024
    _expect(dimension in (256, 512, 1024, 1536), "output_dimension")
    vectors = [vector(text, dimension) for text in body["texts"]]
    if body.get("embedding_types"):
        return {"id": "1", "response_type": "embeddings_by_type", "embeddings": {"float": vectors}}
    return {"id": "1", "response_type": "embeddings_floats", "embeddings": vectors, "texts": body["texts"]}


def _nova(body: dict[str, Any]) -> dict[str, Any]:
    _members(body, {"taskType", "singleEmbeddingParams"}, {"schemaVersion"})
    _expect(body["taskType"] == "SINGLE_EMBEDDING", "taskType")
    _expect(body.get("schemaVersion", "nova-multimodal-embed-v1") == "nova-multimodal-embed-v1", "schemaVersion")
    asked = body["singleEmbeddingParams"]
    _members(asked, {"embeddingPurpose"}, {"embeddingDimension", "text", "image"})
    _expect(len({"text", "image"} & asked.keys()) == 1, "exactly one of text and image")
    retrievals = [f"{kind}_RETRIEVAL" for kind in ("GENERIC", "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "AUDIO")]
    _expect(asked["embeddingPurpose"] in ("GENERIC_INDEX", *retrievals, "CLASSIFICATION", "CLUSTERING"), "purpose")
    dimension = asked.get("embeddingDimension", 3072)
    _expect(dimension in (256, 384, 1024, 3072), "embeddingDimension")
    if text := asked.get("text"):
        _members(text, {"truncationMode", "value"}, set())
        _expect(text["truncationMode"] in ("START", "END", "NONE") and bool(text["value"]), "text")
        content, kind = text["value"], "TEXT"
    else:
        picture = asked["image"]
        _members(picture, {"format", "source"}, {"detailLevel"})
        _expect(picture.get("detailLevel", "STANDARD_IMAGE") in ("STANDARD_IMAGE", "DOCUMENT_IMAGE"), "detailLevel")
        _expect(picture["format"] in ("png", "jpeg", "gif", "webp"), "format")
        content, kind = picture["source"]["bytes"], "IMAGE"
        _picture(base64.b64decode(content, validate=True), (picture["format"].upper(),), longest=8000)
    return {"embeddings": [{"embeddingType": kind, "embedding": vector(content, dimension)}]}


def _picture(content: bytes, formats: tuple[str, ...], *, longest: int) -> None:
    with Image.open(BytesIO(content)) as picture:
        _expect(picture.format in formats, f"format {picture.format}")
        _expect(max(picture.size) <= longest, "size of the picture")


def _members(body: dict[str, Any], required: set[str], others: set[str]) -> None:
    _expect(required <= body.keys() <= required | others, f"members {sorted(body)}")


def _expect(fits: bool, what: str) -> None:
    if not fits:
        raise Refused(f"Malformed input request: {what}")
