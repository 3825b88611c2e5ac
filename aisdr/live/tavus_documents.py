"""A company's sources as documents of the Tavus knowledge base, which the avatar's brain reads in a call.

Tavus fetches a document from our address and needs minutes to read it. Each is followed until it is ready or failed,
because a call silently does without a document that is not ready. Source: https://docs.tavus.io/api-reference/documents
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Literal

from aisdr.errors import AisdrError, VendorError
from aisdr.live.tavus_api import TavusClient
from aisdr.live.tavus_marks import Mark, address, mark_of, source_mark
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
    tags: tuple[str, ...] = ()
    """As we told them; none for a document from before we noted them."""
    source: str = ""
    """See `tavus_marks.source_mark`."""
    version: str = ""
    """Of the source when it was registered."""
    replaces: str | None = None

    def failed(self, reason: str) -> "Registration":
        return replace(self, state="failed", reason=reason)

    @property
    def remedy(self) -> str:
        return _REMEDIES.get(self.reason, f"{_AGAIN}; if it stays, ask support@tavus.io") if self.reason else ""


class TavusDocuments:
    """Registers, follows and removes documents.

    Args:
        deployment: host of our public address; see `tavus_marks`.

    Raises:
        VendorError: Tavus refused or failed.
        NotConfigured: there is no key.
    """

    def __init__(
        self, client: TavusClient, table: Table, clock: Callable[[], float] = time.time, *, deployment: str = ""
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._deployment = deployment

    def register(
        self,
        scope: TenantScope,
        name: str,
        url: str,
        tags: tuple[str, ...],
        replaces: str | None = None,
        *,
        source_id: str = "",
        version: str = "",
        expires: date | None = None,
    ) -> str:
        """Asks Tavus to read a public address (there is no upload). Returns the document's id.

        The document that it `replaces` goes when the new one is ready, so that the avatar is never without either. One
        that Tavus has of this very version of the source, and that we had lost sight of, is taken instead.

        Args:
            version: of the source, other than that of any other state of it.
            expires: the last day of the source: the day after, the document is deleted.
        """
        mark = Mark(scope.company_id, self._deployment, source_mark(source_id or url), version)
        new = Registration("", name, url, "reading", "", _distinct((*tags, *mark.tags)), mark.source, version)
        known = [each for each in self.all(scope) if version and each.source == mark.source]
        for each in known:
            if each.state != "failed" and _told_the_same(each, new):
                return each.document_id
        if replaces is None and known:
            replaces = known[-1].document_id
        answer = self._client.create_document({"document_name": name, "document_url": url, "tags": list(new.tags)})
        self._write(scope, replace(new, document_id=str(answer["document_id"]), replaces=replaces), expires)
        return str(answer["document_id"])

    def remove(self, scope: TenantScope, document_id: str) -> None:
        """Forgets a document, and the one that it was going to replace; one that is gone already is no error."""
        row = self._table.get(_owner(scope), _row(document_id))
        if row and row.get("replaces"):
            self.remove(scope, row["replaces"])
        self._forget(scope, document_id)

    def prune(self, scope: TenantScope, kept: Collection[str]) -> list[str]:
        """Removes the company's documents that are not `kept`, nor wait until one of those is ready. Returns theirs."""
        rows = self._table.query(_owner(scope), prefix=_row(""))
        spared = {*kept, *(row.get("replaces") for row in rows if row["document_id"] in kept)}
        orphans = [row for row in rows if row["document_id"] not in spared]
        for row in orphans:
            self._forget(scope, row["document_id"])
            logger.info("document of no source removed", company_id=scope.company_id, document_id=row["document_id"])
        return [row["document_name"] for row in orphans]

    def _forget(self, scope: TenantScope, document_id: str) -> None:
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
        """As Tavus sees them now. What we have forgotten is taken up, and a name or tag that was changed put right."""
        there = self.there(scope)
        noted = {each.document_id for each in self._noted(scope)}
        for document_id, document in there.items():
            if document_id not in noted:
                self._take_up(scope, document_id, document)
        for row in self._table.query(_owner(scope), prefix=_row("")):
            self._note(row, there.get(row["document_id"]))
        for each in self._noted(scope):
            if each.document_id in there:
                self._put_right(each, there[each.document_id])
        return self.all(scope)

    def there(self, scope: TenantScope) -> dict[str, dict[str, Any]]:
        """Document id → document, of the company's that Tavus has: by our notes, or by the marks that they bear."""
        noted = {each.document_id for each in self._noted(scope)}
        found = {str(each.get("document_id")): each for each in self._client.list_documents()}
        return {
            document_id: document
            for document_id, document in found.items()
            if document_id in noted or self._is_ours(scope, mark_of(document.get("tags") or ()))
        }

    def follow(self) -> int:
        """Looks after what is being read, of all companies. Returns how many became ready or failed."""
        settled = 0
        for row in islice(self._table.query_open(_OPEN, until=self._clock()), LOOKS_A_TICK):
            try:
                if _ends_at(row) <= self._clock():
                    self.remove(TenantScope.for_operator(row["company_id"]), row["document_id"])
                    settled += 1
                    continue
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
            self._wait_for_its_end(row)
            return False
        scope = TenantScope.for_operator(row["company_id"])
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
        self._wait_for_its_end(row)
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

    def _noted(self, scope: TenantScope) -> list[Registration]:
        return [_registration(row) for row in self._table.query(_owner(scope), prefix=_row(""))]

    def _is_ours(self, scope: TenantScope, mark: Mark | None) -> bool:
        return mark is not None and (mark.company_id, mark.deployment) == (scope.company_id, self._deployment)

    def _write(self, scope: TenantScope, new: Registration, expires: date | None = None) -> None:
        now = self._clock()
        self._table.put(
            {
                "pk": _owner(scope),
                "sk": _row(new.document_id),
                "document_id": new.document_id,
                "company_id": scope.company_id,
                "document_name": new.name,
                "document_url": new.url,
                "document_state": "reading",
                "reason": "",
                "tags": list(new.tags),
                "source": new.source,
                "version": new.version,
                "replaces": new.replaces,
                "expires": expires.isoformat() if expires else None,
                "registered_at": now,
                "open_group": _OPEN,
                "open_until": int(now + LOOK_SECONDS),
            }
        )

    def _take_up(self, scope: TenantScope, document_id: str, document: Mapping[str, Any]) -> None:
        tags = _distinct(str(tag) for tag in document.get("tags") or ())
        mark = mark_of(tags)
        assert mark, "only marked documents are unknown to us and yet ours"
        name, url = str(document.get("document_name")), str(document.get("document_url"))
        self._write(scope, Registration(document_id, name, url, "reading", "", tags, mark.source, mark.version))
        logger.info("document taken up again", company_id=scope.company_id, document_id=document_id)

    def _put_right(self, ours: Registration, document: Mapping[str, Any]) -> None:
        there = (document.get("document_name"), set(document.get("tags") or ()))
        if ours.state == "failed" or not ours.tags or there == (ours.name, set(ours.tags)):
            return
        try:
            self._client.patch_document(ours.document_id, {"document_name": ours.name, "tags": list(ours.tags)})
        except VendorError as error:  # a wrong name keeps nobody from the rest, and `aisdr doctor` tells it
            logger.warning("document not put right", document_id=ours.document_id, code=error.code)

    def _wait_for_its_end(self, row: Item) -> None:
        """A document of a source that expires is looked at once more, the day after."""
        if row.get("expires"):
            self._table.update(
                row["pk"],
                row["sk"],
                "SET open_group = :group, open_until = :until",
                values={":group": _OPEN, ":until": int(_ends_at(row))},
                condition="attribute_exists(pk)",
            )

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
        row["document_id"],
        row["document_name"],
        row["document_url"],
        row["document_state"],
        row["reason"],
        tuple(row.get("tags") or ()),
        row.get("source") or "",
        row.get("version") or "",
        row.get("replaces"),
    )


def _distinct(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def _told_the_same(known: Registration, new: Registration) -> bool:
    told = (known.name, address(known.url), known.version, set(known.tags))
    return told == (new.name, address(new.url), new.version, set(new.tags))


def _ends_at(row: Item) -> float:
    """When the last day of the document's source is over."""
    if not row.get("expires"):
        return float("inf")
    after = date.fromisoformat(row["expires"]) + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp()
