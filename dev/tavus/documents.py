"""Documents: registered by address, ready after a while; the vendor offers no way to search them, and so do we."""

import math
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import Refusal, listed, new_id, object_body
from dev.tavus.clock import Clock, iso
from dev.tavus.config import TavusConfig
from dev.tavus.webhooks import Webhooks

RECRAWL_COOLDOWN = 3600
# An address whose last part is one of these fails with the code beside it.
FAILING_ADDRESSES = {
    "fail-download": "file_download_failed",
    "fail-format": "file_format_unsupported",
    "fail-size": "file_size_too_large",
    "fail-empty": "file_empty",
    "fail-url": "invalid_file_url",
    "fail-processing": "document_processing_failed",
    "fail-website": "website_processing_failed",
    "fail-chunking": "chunking_failed",
    "fail-embedding": "embedding_failed",
    "fail-vectors": "vector_store_failed",
}


@dataclass
class Document:
    id: str
    name: str
    url: str
    created: float
    began: float  # of the current round of work: registration or recrawl
    updated: float
    callback_url: str = ""
    tags: list[str] = field(default_factory=list)
    crawl: dict[str, Any] | None = None
    crawl_count: int = 0
    last_crawled: float | None = None
    status: str = "started"
    progress: int | None = None
    error: str | None = None

    def advance(self, now: float, seconds: float) -> bool:
        """Moves on to where the clock says it should be; True when its status changed."""
        if self.status in ("ready", "error"):
            return False
        before, done = self.status, (now - self.began) / seconds
        if done >= 1:
            failure = FAILING_ADDRESSES.get(self.url.rstrip("/").rsplit("/", 1)[-1])
            self.status, self.error = ("error", failure) if failure else ("ready", None)
            self.progress = None if failure else 100
            self.last_crawled = now if self.crawl else None
        elif done >= 0.2:
            self.status = before if before == "recrawling" else "processing"
            self.progress = int(done * 100)
        self.updated = now if self.status != before else self.updated
        return self.status != before

    def described(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "document_id": self.id,
            "document_name": self.name,
            "document_url": self.url,
            "status": self.status,
            "progress": self.progress,
            "error_message": self.error,
            "created_at": iso(self.created),
            "updated_at": iso(self.updated),
            "callback_url": self.callback_url,
            "tags": self.tags,
        }
        if self.crawl:
            record |= {
                "crawl_config": self.crawl,
                "crawled_urls": [self.url] if self.last_crawled else [],
                "last_crawled_at": iso(self.last_crawled) if self.last_crawled else None,
                "crawl_count": self.crawl_count,
            }
        return record


class Documents:
    def __init__(self, config: TavusConfig, clock: Clock, webhooks: Webhooks) -> None:
        self.config, self.clock, self.webhooks = config, clock, webhooks
        self.records: dict[str, Document] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/v2/documents", self.list, methods=["GET"]),
            Route("/v2/documents", self.create, methods=["POST"]),
            Route("/v2/documents/{id}", self.get, methods=["GET"]),
            Route("/v2/documents/{id}", self.patch, methods=["PATCH"]),
            Route("/v2/documents/{id}", self.delete, methods=["DELETE"]),
            Route("/v2/documents/{id}/recrawl", self.recrawl, methods=["POST"]),
        ]

    def advance(self) -> None:
        """Called by the clock, and before every answer, so that what is said is never older than the clock."""
        for document in self.records.values():
            if document.advance(self.clock.now(), self.config.document_seconds):
                self._call_back(document)

    def resolve(self, request: Request) -> Document:
        self.advance()
        document = self.records.get(request.path_params["id"])
        if document is None:
            raise Refusal.message(404, "Document not found")
        return document

    async def list(self, request: Request) -> Response:
        self.advance()
        query = request.query_params
        tags = {tag for tag in query.get("tags", "").split(",") if tag}
        wanted = query.get("name_or_uuid", "").lower()
        documents = [
            document.described()
            for document in self.records.values()
            if query.get("status") in (None, document.status)
            and (not tags or tags & set(document.tags))
            and (wanted in document.name.lower() or wanted == document.id)
        ]
        if query.get("sort") == "descending":
            documents.reverse()
        return listed(request, documents, first_page=0, echo=True)

    async def create(self, request: Request) -> Response:
        body = await object_body(request)
        url, name, crawl = body.get("document_url"), body.get("document_name"), body.get("crawl")
        if not url or not isinstance(url, str):
            raise Refusal.error(400, "Invalid request: document_url is required")
        if name is not None and not isinstance(name, str):
            raise Refusal.error(400, "Invalid request: document_name must be a string")
        crawled = sum(1 for document in self.records.values() if document.crawl)
        if crawl and crawled >= self.config.crawl_documents:
            limit = self.config.crawl_documents
            raise Refusal.error(
                429, f"Crawl document limit reached ({limit}). Contact support@tavus.io to raise the limit."
            )
        now = self.clock.now()
        document = Document(
            id=f"d{len(self.records) % 10}-{new_id('')}",
            name=name or url,
            url=url,
            created=now,
            began=now,
            updated=now,
            callback_url=body.get("callback_url") or "",
            tags=list(body.get("tags") or []),
            crawl=crawl or None,
            crawl_count=1 if crawl else 0,
        )
        self.records[document.id] = document
        return JSONResponse(document.described())

    async def get(self, request: Request) -> Response:
        return JSONResponse(self.resolve(request).described())

    async def patch(self, request: Request) -> Response:
        document = self.resolve(request)
        body = await object_body(request)
        if not isinstance(body.get("document_name", ""), str):
            raise Refusal.error(400, "Invalid request: document_name must be a string")
        document.name = body.get("document_name", document.name)
        document.tags = list(body.get("tags", document.tags))
        document.updated = self.clock.now()
        return JSONResponse(document.described())

    async def delete(self, request: Request) -> Response:
        del self.records[self.resolve(request).id]
        return Response(status_code=204)

    async def recrawl(self, request: Request) -> Response:
        document = self.resolve(request)
        if not document.crawl:
            raise Refusal.error(400, "Document was not created with crawl configuration")
        if document.status not in ("ready", "error"):
            raise Refusal.error(
                409,
                f"Document must be in 'ready' or 'error' state to recrawl, current status: {document.status}",
            )
        waiting = (document.last_crawled or 0) + RECRAWL_COOLDOWN - self.clock.now()
        if waiting > 0:
            minutes = math.ceil(waiting / 60)
            raise Refusal.error(
                429, f"Recrawl cooldown: please wait {minutes} minutes before recrawling this document."
            )
        document.crawl = (await object_body(request)).get("crawl") or document.crawl
        document.status, document.progress, document.began = "recrawling", 0, self.clock.now()
        document.crawl_count += 1
        return JSONResponse(document.described(), status_code=202)

    def _call_back(self, document: Document) -> None:
        body = document.described()
        if self.config.document_callback == "short":
            body = {name: body[name] for name in ("document_id", "status", "progress", "error_message")}
        self.webhooks.post(document.callback_url, body)
