"""A company's sources as documents of the Tavus knowledge base, which the avatar's brain reads in a call.

Tavus fetches a document from our address and needs minutes to read it. Each is followed until it is ready or failed,
because a call silently does without a document that is not ready. Source: https://docs.tavus.io/api-reference/documents
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from aisdr.errors import AisdrError, VendorError
from aisdr.live.tavus_api import TavusClient
from aisdr.observability import logger
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope

DocumentState = Literal["reading", "ready", "failed"]

LOOK_SECONDS = 30
LOOKS_A_TICK = 25
MOST_SECONDS = 3600
"""Tavus speaks of five to ten minutes."""
_OPEN = "document"
_PUBLIC = "Tavus must be able to fetch it: AISDR_PUBLIC_URL has to be an address on the internet"
_AGAIN = "run `aisdr ingest --tavus` again"
_REMEDIES = {
    "file_download_failed": _PUBLIC,
    "invalid_file_url": _PUBLIC,
    "file_format_unsupported": "save it as one of pdf, txt, docx, doc, png, jpg, pptx, csv, xlsx or a web page",
    "file_size_too_large": "Tavus reads at most 50 MB: split it",
    "file_empty": "there is nothing in it: fill it, or take `tavus: true` away",
    "document_processing_failed": "open its address in a browser, and save it in a simpler form if it looks wrong",
    "website_processing_failed": "open its address in a browser, and save it in a simpler form if it looks wrong",
    "gone": f"somebody deleted it at Tavus: {_AGAIN}",
    "too_slow": f"Tavus did not finish it within an hour: {_AGAIN}",
}


@dataclass(frozen=True)
class Registration:
    """A document at Tavus as we last saw it."""

    document_id: str
    name: str
    url: str
    state: DocumentState
    reason: str = ""
    """Tavus's word for what went wrong."""

    @property
    def remedy(self) -> str:
        return _REMEDIES.get(self.reason, f"{_AGAIN}; if it stays, ask support@tavus.io") if self.reason else ""


class TavusDocuments:
    """Registers, follows and removes documents.

    Raises:
        VendorError: Tavus refused or failed.
        NotConfigured: there is no key.
    """

    def __init__(self, client: TavusClient, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def register(
        self, scope: TenantScope, name: str, url: str, tags: tuple[str, ...], replaces: str | None = None
    ) -> str:
        """Asks Tavus to read a public address (there is no upload). Returns the new document's id.

        The document that it `replaces` goes when the new one is ready, so that the avatar is never without either.
        """
        answer = self._client.create_document({"document_name": name, "document_url": url, "tags": list(tags)})
        document_id, now = str(answer["document_id"]), self._clock()
        self._table.put(
            {
                "pk": _owner(scope),
                "sk": _row(document_id),
                "document_id": document_id,
                "company_id": scope.company_id,
                "document_name": name,
                "document_url": url,
                "document_state": "reading",
                "reason": "",
                "replaces": replaces,
                "registered_at": now,
                "open_group": _OPEN,
                "open_until": int(now + LOOK_SECONDS),
            }
        )
        return document_id

    def remove(self, scope: TenantScope, document_id: str) -> None:
        """Forgets a document, and the one that it was going to replace; one that is gone already is no error."""
        row = self._table.get(_owner(scope), _row(document_id))
        if row and row.get("replaces"):
            self.remove(scope, row["replaces"])
        try:
            self._client.delete_document(document_id)
        except VendorError as error:
            if error.code != "vendor_not_found":
                raise
        self._table.delete(_owner(scope), _row(document_id))

    def all(self, scope: TenantScope) -> list[Registration]:
        """As last seen, without asking Tavus; a document that waits for its successor is not among them."""
        rows = self._table.query(_owner(scope), prefix=_row(""))
        replaced = {row.get("replaces") for row in rows}
        return [_registration(row) for row in rows if row["document_id"] not in replaced]

    def refresh(self, scope: TenantScope) -> list[Registration]:
        """As Tavus sees them now."""
        rows = self._table.query(_owner(scope), prefix=_row(""))
        known = {str(each.get("document_id")): each for each in (self._client.list_documents() if rows else ())}
        for row in rows:
            self._note(row, known.get(row["document_id"]))
        return self.all(scope)

    def follow(self) -> int:
        """Looks after what is being read, of all companies. Returns how many became ready or failed."""
        settled = 0
        for row in islice(self._table.query_open(_OPEN, until=self._clock()), LOOKS_A_TICK):
            try:
                settled += self._note(row, self._client.get_document(row["document_id"]))
            except VendorError as error:
                if error.code == "vendor_not_found":
                    settled += self._note(row, None)
                else:
                    self._later(row, error)
            except AisdrError as error:
                self._later(row, error)
        return settled

    def _note(self, row: Item, document: Mapping[str, Any] | None) -> bool:
        """Writes down what Tavus says of a document. True when it became ready or failed by that."""
        state, reason = self._judged(row, document)
        if state == "reading":
            self._look_again(row, LOOK_SECONDS)
            return False
        if (state, reason) == (row["document_state"], row["reason"]):
            return False
        scope = TenantScope(row["company_id"])
        if state == "ready" and row.get("replaces"):
            self.remove(scope, row["replaces"])
        self._table.update(
            row["pk"],
            row["sk"],
            "SET document_state = :state, reason = :reason REMOVE open_group, open_until"
            + (", replaces" if state == "ready" else ""),
            values={":state": state, ":reason": reason},
            condition="attribute_exists(pk)",
        )
        logger.info("document settled", company_id=scope.company_id, document_id=row["document_id"], state=state)
        return True

    def _judged(self, row: Item, document: Mapping[str, Any] | None) -> tuple[DocumentState, str]:
        age = self._clock() - row["registered_at"]
        if document is None:
            return ("failed", "gone") if age > LOOK_SECONDS else ("reading", "")  # a list may lag behind a create
        match document.get("status"):
            case "ready":
                return "ready", ""
            case "error":
                return "failed", str(document.get("error_message") or "contact_support")[:80]
            case _ if age > MOST_SECONDS:
                return "failed", "too_slow"
            case _:
                return "reading", ""

    def _later(self, row: Item, error: AisdrError) -> None:
        logger.warning("document not looked at", document_id=row["document_id"], code=error.code)
        self._look_again(row, 10 * LOOK_SECONDS)

    def _look_again(self, row: Item, seconds: float) -> None:
        self._table.update(
            row["pk"],
            row["sk"],
            "SET document_state = :state, reason = :none, open_group = :group, open_until = :until",
            values={":state": "reading", ":none": "", ":group": _OPEN, ":until": int(self._clock() + seconds)},
            condition="attribute_exists(pk)",
        )


def _owner(scope: TenantScope) -> str:
    return f"{scope.company_id}#documents"


def _row(document_id: str) -> str:
    return f"document#{document_id}"


def _registration(row: Item) -> Registration:
    return Registration(
        row["document_id"], row["document_name"], row["document_url"], row["document_state"], row["reason"]
    )
