"""What was read goes to where it is found: to the media bucket, the index and, when asked, to Tavus."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np

from aisdr.company import Company
from aisdr.errors import AisdrError, InvalidInput
from aisdr.index.base import Chunk, Place, Places, SourceRecord
from aisdr.inference.base import Vectors
from aisdr.ingest.chunks import chunks_of
from aisdr.ingest.fingerprint import COMPANIONS
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.perception.prices import embedded_for
from aisdr.ingest.pictures import Seen, see
from aisdr.ingest.readers.base import Document, Publication, SourceFile
from aisdr.ingest.report import Outcome, failure
from aisdr.knowledge.near_duplicates import TRIGRAMS, packed_sketches
from aisdr.observability import logger
from aisdr.tenant import TenantScope

UNREGISTERED = "unregistered"
"""Before the hash of a source that Tavus did not take."""
PUBLISHED = "published"
TAVUS_TAGS = "tavusTags"
"""Keys of a source record's `extra`: what is in the media bucket for it, and with which tags Tavus knows it."""

EMBEDDED_AT_ONCE = 256
"""Texts of equal length are embedded together, so that few at once would take longer."""


class RegisteredDocument(Protocol):
    """What ingestion looks at in a document: a failed one is registered again."""

    @property
    def document_id(self) -> str: ...

    @property
    def state(self) -> str: ...


class TavusDocuments(Protocol):
    """Tavus's own knowledge base, as far as ingestion needs it.

    Raises:
        VendorError: Tavus refused or failed.
    """

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
        """Asks Tavus to read a public address. Returns the id of the document; the old one goes in time."""
        ...

    def remove(self, scope: TenantScope, document_id: str) -> None:
        """Forgets a document; one that is already gone is no error."""
        ...

    def refresh(self, scope: TenantScope) -> Sequence[RegisteredDocument]:
        """All of a company's documents as Tavus sees them now, also those that we had lost sight of."""
        ...

    def prune(self, scope: TenantScope, kept: Collection[str]) -> Sequence[str]:
        """Forgets the company's documents that no source refers to."""
        ...


@dataclass
class Counts:
    """What one run did so far."""

    embedded: int = 0
    uploaded: int = 0
    money: float = 0.0


@dataclass(frozen=True)
class Storing:
    """Writes what was read of one company's sources.

    Args:
        places: finds where the company's chunks belong this instant: it may move while we read a file, and what we
            write has to follow it.
        public_url: where the published media can be reached from outside; Tavus fetches documents from there.
        documents: Tavus's knowledge base; None leaves sources that are meant for Tavus unregistered, though our mirror
            of it knows them.
    """

    company: Company
    places: Places
    media: MediaLibrary
    public_url: str
    documents: TavusDocuments | None
    told: Callable[[int, int], None] = lambda done, total: None
    """Hears how many chunks of a source are embedded, of how many: a manual of 2,000 pages takes minutes."""
    counts: Counts = field(default_factory=Counts)

    @property
    def scope(self) -> TenantScope:
        return self.company.operator_scope

    def store(
        self,
        file: SourceFile,
        content_hash: str,
        document: Document,
        record: SourceRecord | None,
        extra: Mapping[str, str],
    ) -> Outcome:
        """Media first, the index last: what it cites is there by then, and its hash says that all is done.

        Raises:
            AisdrError: something could not be written; the source counts as not ingested.
        """
        chunks = chunks_of(file.source_id, document, content_hash)
        for publication in document.publications:
            self.counts.uploaded += self.media.publish(self.scope, publication)
        place, vectors, seen = self._embed(chunks, record)
        document_id, trouble = self._register(file, document, record, chunks[0].source_version if chunks else "")
        notes = {
            **extra,
            PUBLISHED: json.dumps([publication.name for publication in document.publications]),
            COMPANIONS: json.dumps(sorted(set(document.companions))),
            TRIGRAMS: packed_sketches(chunks),
        }
        if document.is_for_tavus or document_id:
            notes[TAVUS_TAGS] = self.tags if self.documents else "to be told"
        # A source that Tavus did not take must look changed to the next run, which then tries again.
        stored_hash = content_hash if trouble is None else f"{UNREGISTERED} {content_hash}"
        new = SourceRecord(file.source_id, stored_hash, len(chunks), document_id, notes)
        if self.places(self.scope) != place:  # the company has moved while we read
            place, vectors, seen = self._embed(chunks, record)
        place.index.replace_source(self.scope, new, chunks, vectors, seen.vectors)
        outcome = outcome_of(file.source_id, document, chunks, record)
        outcome = outcome.model_copy(update={"remarks": (*document.remarks, *seen.remarks)})
        if trouble is not None:
            reason = f"indexed, but not registered at Tavus: {trouble.message}"
            again = failure(file.source_id, trouble).again
            return outcome.model_copy(update={"action": "failed", "reason": reason, "again": again})
        return outcome

    def remember(self, record: SourceRecord, extra: Mapping[str, str]) -> None:
        """Writes down what an origin wants to know again of a source that says what it said."""
        place = self.places(self.scope)
        if place.pictures is not None or all(record.extra.get(key) == value for key, value in extra.items()):
            return  # vectors of pictures cannot be asked for, and are worth more than a request that is saved
        chunks = place.index.chunks(self.scope, record.source_id)
        vectors = place.index.vectors(self.scope, record.source_id)
        if chunks and len(vectors) == len(chunks):
            new = replace(record, extra={**record.extra, **extra})
            stacked = np.stack([vectors[chunk.chunk_id] for chunk in chunks])
            place.index.replace_source(self.scope, new, chunks, stacked)

    def remove(self, record: SourceRecord, reason: str = "") -> Outcome:
        """Takes a source out of the index, and out of Tavus."""
        document_id = record.tavus_document_id
        remarks: tuple[str, ...] = ()
        try:
            if document_id and self.documents is None:
                remarks = (f"Tavus still knows it as document {document_id}: delete it there, or run with a Tavus key",)
            elif document_id and self.documents:
                self.documents.remove(self.scope, document_id)
            self.places(self.scope).index.remove_source(self.scope, record.source_id)
        except AisdrError as error:
            told = failure(record.source_id, error)
            why = f"{reason}, but not removed" if reason else "not removed"
            return told.model_copy(update={"reason": f"{why}: {error.message}"})
        return Outcome(source_id=record.source_id, action="removed", reason=reason, remarks=remarks)

    def is_complete(self, record: SourceRecord, in_bucket: set[str], registered: set[str]) -> bool:
        """False for an unchanged source whose files have left the bucket, or that Tavus does not know as it is now."""
        if record.content_hash.startswith(UNREGISTERED) or not published([record]) <= in_bucket:
            return False
        if self.documents is None or TAVUS_TAGS not in record.extra:
            return True
        return record.tavus_document_id in registered and record.extra[TAVUS_TAGS] == self.tags

    def unpublish(self, in_bucket: set[str]) -> None:
        """Takes away what no source refers to any more: also what a run left behind that was killed."""
        kept = published(self.places(self.scope).index.sources(self.scope))
        self.media.remove(self.scope, sorted(in_bucket - kept))

    def prune_documents(self) -> None:
        """Takes away what Tavus has of ours and no source refers to any more, such as after a run that was killed."""
        if self.documents is None:
            return
        sources = self.places(self.scope).index.sources(self.scope)
        try:
            self.documents.prune(self.scope, {each.tavus_document_id for each in sources if each.tavus_document_id})
        except AisdrError as error:
            # `aisdr doctor` tells what is left, and the next run tries again.
            logger.warning("documents not pruned", company_id=self.scope.company_id, code=error.code)

    @property
    def tags(self) -> str:
        return json.dumps(self.company.tavus_document_tags)

    def _embed(self, chunks: Sequence[Chunk], record: SourceRecord | None) -> tuple[Place, Vectors, Seen]:
        """The vectors of some chunks, and the place for which they are made. What was said before has its vector."""
        place = self.places(self.scope)
        known = self._known_vectors(place, record) if record else {}
        texts = [chunk.searchable_text for chunk in chunks]
        new = list(dict.fromkeys(text for text in texts if text not in known))
        for begin in range(0, len(new), EMBEDDED_AT_ONCE):
            self.told(begin, len(new))
            part = new[begin : begin + EMBEDDED_AT_ONCE]
            known |= dict(zip(part, place.embedder.embed_passages(part), strict=True))
            self.counts.money += embedded_for(place.embedder.space.name, part)
            self.counts.embedded += len(part)
        vectors = np.stack([known[text] for text in texts])
        return place, vectors, see(self.scope, chunks, place.pictures, self.media)

    def _known_vectors(self, place: Place, record: SourceRecord) -> dict[str, Vectors]:
        """Text → vector, of the source as it is in the index."""
        vectors = place.index.vectors(self.scope, record.source_id)
        chunks = place.index.chunks(self.scope, record.source_id)
        return {chunk.searchable_text: vectors[chunk.chunk_id] for chunk in chunks if chunk.chunk_id in vectors}

    def _register(
        self, file: SourceFile, document: Document, record: SourceRecord | None, version: str
    ) -> tuple[str | None, AisdrError | None]:
        """Keeps Tavus in step: the new state is registered, and replaces the old one as soon as it is ready.

        Returns:
            The document id to remember, and what went wrong.
        """
        old = record.tavus_document_id if record else None
        if self.documents is None:
            return old, None
        try:
            if document.tavus_path and document.is_for_tavus:
                tags = tuple(dict.fromkeys((*self.company.tavus_document_tags, *document.labels.tags)))
                private = document.labels.visibility == "visitors"
                published_at = self.media.address_for_tavus(self.scope, document.tavus_path, private=private)
                url = file.address or self.public_url + published_at
                document_id = self.documents.register(
                    self.scope,
                    document.title,
                    url,
                    tags,
                    old,
                    source_id=file.source_id,
                    version=version,
                    expires=document.labels.expires,
                )
                return document_id, None
            if old:
                self.documents.remove(self.scope, old)
        except AisdrError as error:
            return old, error
        return None, None


def outcome_of(source_id: str, document: Document, chunks: Sequence[Chunk], record: SourceRecord | None) -> Outcome:
    """Of a source that was read."""
    return Outcome(
        source_id=source_id,
        action="changed" if record else "added",
        chunks=Counter(chunk.modality for chunk in chunks),
        remarks=document.remarks,
    )


def published(records: Iterable[SourceRecord]) -> set[str]:
    """Names in the media bucket that sources refer to; a picture may belong to a page and stand for itself, too."""
    return {path for record in records for path in json.loads(record.extra.get(PUBLISHED, "[]"))}


def check_publications(file: SourceFile, spool: Path, publications: Iterable[Publication]) -> None:
    """What a sandboxed reader wants published has to be of its own file's folder, or made by it.

    Raises:
        InvalidInput: it named something else of this machine.
    """
    allowed = [file.root.resolve(), spool.resolve()]
    for publication in publications:
        if isinstance(publication.content, Path):
            content = publication.content.resolve()
            if not any(content.is_relative_to(folder) for folder in allowed):
                raise InvalidInput(f"{file.source_id}: its reader wanted to publish a file from outside the folder")
