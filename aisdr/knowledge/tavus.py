"""The Tavus leg: what the company's Tavus knowledge base knows.

Tavus has no search endpoint. Every source that is registered there is also kept in our index with the origin `tavus`,
and this mirror is asked instead. A company that runs a search address of its own (`tavusKbSearchUrl`) is asked there.

**The search address** receives `POST` with `{"query": "...", "limit": 8}` and answers, best first,
`{"results": [{"content": "...", "title"?: "...", "url"?: "https://...", "score"?: 0.0-1.0, "id"?: "..."}]}`.
Scores are used only if every result has one between 0 and 1; otherwise the order counts.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field, ValidationError

from aisdr.company import Company
from aisdr.errors import InvalidInput, VendorError
from aisdr.index.base import Chunk, Origin, SearchHit
from aisdr.knowledge.base import Asked, Leg
from aisdr.tenant import mark

MAX_RESPONSE_BYTES = 1_000_000
VENDOR = "tavus-kb"
LONGEST_FIT = 1000
"""Characters of a passage that are embedded while somebody waits: a long one would take an embedder a second."""


class TavusLegs:
    """Chooses how a company's Tavus knowledge is asked."""

    def __init__(self, http: httpx.Client) -> None:
        self._mirror = TavusMirror()
        self._http = http

    def __call__(self, company: Company) -> Leg:
        if company.tavus_kb_search_url is None:
            return self._mirror
        return TavusEndpoint(company.tavus_kb_search_url, company.website_url, self._http, company.company_id)


class TavusMirror:
    """Our copy of the sources that are registered at Tavus, ranked by us: its scores mean what the own leg's mean."""

    name: Origin = "tavus"

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        return asked.place.index.search(asked.scope, replace(asked.query, origin="tavus"), timeout)


class _Result(BaseModel):
    content: str = Field(min_length=1)
    title: str = ""
    url: str | None = None
    score: float | None = None
    id: str | None = None


class _Results(BaseModel):
    results: Annotated[list[_Result], Field(max_length=200)]


class TavusEndpoint:
    """A company's own search address. It only knows text.

    Raises:
        InvalidInput: the address is plain http and not on this machine.
    """

    name: Origin = "tavus"

    def __init__(self, url: str, website: str, http: httpx.Client, company_id: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
            raise InvalidInput(f"tavusKbSearchUrl '{url}' must begin with https://", code="insecure_search_url")
        self._url = url
        self._website = website
        self._company_id = company_id
        self._http = http

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        query = asked.query
        if query.modalities and "text" not in query.modalities:
            return []
        results = self._ask({"query": query.text, "limit": query.limit}, timeout)[: query.limit]
        return [
            SearchHit(chunk=self._chunk(result), score=score, origins=("tavus",), owner=mark(self._company_id))
            for result, score in zip(results, self._scores(results, asked), strict=True)
        ]

    def _ask(self, question: dict[str, object], timeout: float) -> list[_Result]:
        try:
            body = self._post(question, time.monotonic() + timeout, timeout)
            return _Results.model_validate_json(body).results
        except httpx.HTTPError as error:
            raise VendorError(
                f"The search address did not answer ({error!r})", vendor=VENDOR, retryable=True
            ) from error
        except ValidationError as error:
            raise VendorError("The search address answered in another form than agreed", vendor=VENDOR) from error

    def _post(self, question: dict[str, object], end: float, timeout: float) -> bytes:
        """Reads at most `MAX_RESPONSE_BYTES` and, however slowly they drip, not beyond the deadline."""
        body = bytearray()
        with self._http.stream("POST", self._url, json=question, timeout=timeout, follow_redirects=False) as response:
            if response.status_code != 200:
                raise VendorError(
                    f"The search address answered with status {response.status_code}",
                    vendor=VENDOR,
                    retryable=response.status_code >= 500,
                )
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_RESPONSE_BYTES:
                    raise VendorError("The search address answered with more than 1 MB", vendor=VENDOR)
                if time.monotonic() > end:
                    raise VendorError("The search address is too slow", vendor=VENDOR, retryable=True)
        return bytes(body)

    def _scores(self, results: Sequence[_Result], asked: Asked) -> list[float]:
        """The address's own scores, or else its order, hung on how well its first passage really fits."""
        given = [result.score for result in results if result.score is not None and 0 <= result.score <= 1]
        if len(given) == len(results):
            return given
        first = self._fit(results[0].content, asked)
        return [first / (1 + rank / 10) for rank in range(len(results))]

    def _fit(self, passage: str, asked: Asked) -> float:
        if asked.query.vector is not None:
            embedder = asked.place.embedder
            cosine = embedder.embed_passages([passage[:LONGEST_FIT]]) @ asked.query.vector
            return float(embedder.space.meaning(cosine)[0])
        words, found = set(asked.query.text.lower().split()), set(passage.lower().split())
        return len(words & found) / max(1, len(words))

    def _chunk(self, result: _Result) -> Chunk:
        digest = hashlib.sha256(f"{result.id}\n{result.url}\n{result.content}".encode()).hexdigest()
        url = result.url if result.url and urlsplit(result.url).scheme in ("http", "https") else self._website
        return Chunk(
            chunk_id=f"tavus-{digest[:16]}",
            source_id=url,
            title=result.title or urlsplit(url).hostname or "Tavus knowledge base",
            text=result.content,
            url=url,
            origins=("tavus",),
            content_hash=digest,
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
