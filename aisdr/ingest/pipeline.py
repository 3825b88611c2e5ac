"""Ingestion: a folder of files becomes the company's index, its published media and its Tavus documents.

A source that has not changed costs a look at its bytes. One that has is read, published, embedded, and replaced in the
index in one step, together with the hash that says so: a run that was stopped anywhere simply goes on the next time.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aisdr.company import Company
from aisdr.configuration import primary
from aisdr.errors import AisdrError, InvalidInput
from aisdr.index.base import Chunk, Place, Places, SourceRecord
from aisdr.inference.base import Vectors
from aisdr.ingest.chunks import chunks_of
from aisdr.ingest.kinds import reader_for, sources_in
from aisdr.ingest.labels import labels_of
from aisdr.ingest.media import MediaLibrary, digest_of
from aisdr.ingest.pictures import Seen, see
from aisdr.ingest.readers.base import Document, NothingToRead, Reader, SourceFile, Unreadable
from aisdr.ingest.report import IngestReport, Outcome
from aisdr.tenant import TenantScope

READING = "1"
"""Raise it when readers or splitting change what they make of the same bytes: every source is then read again."""

_PUBLISHED = "published"
_TAVUS_TAGS = "tavusTags"

Progress = Callable[[int, int, str], None]
"""Told how many sources are done, of how many, and which one is next."""


class TavusDocuments(Protocol):
    """Tavus's own knowledge base, as far as ingestion needs it.

    Raises:
        VendorError: Tavus refused or failed.
    """

    def register(
        self, scope: TenantScope, name: str, url: str, tags: tuple[str, ...], replaces: str | None = None
    ) -> str:
        """Asks Tavus to read a public address. Returns the id of the new document; the old one goes in time."""
        ...

    def remove(self, scope: TenantScope, document_id: str) -> None:
        """Forgets a document; one that is already gone is no error."""
        ...

    def refresh(self, scope: TenantScope) -> Sequence["RegisteredDocument"]:
        """All of a company's documents as Tavus sees them now."""
        ...


class RegisteredDocument(Protocol):
    """What ingestion looks at in a document: a failed one is registered again."""

    @property
    def document_id(self) -> str: ...

    @property
    def state(self) -> str: ...


@dataclass
class _Run:
    """What one run knows and counts."""

    company: Company
    root: Path
    before: dict[str, SourceRecord]
    published: set[str]
    """What is in the media bucket as the run begins."""
    dry_run: bool
    registered: set[str]
    """Documents that Tavus has read or is reading."""
    pictures_seen: bool
    embedded: int = 0
    uploaded: int = 0

    @property
    def scope(self) -> TenantScope:
        return self.company.scope


class Ingestion:
    """Reads knowledge folders.

    Args:
        places: finds where a company's chunks belong this instant: it may move while we read a file, and what we write
            has to follow it.
        public_url: where the published media can be reached from outside; Tavus fetches documents from there.
        documents: Tavus's knowledge base; None leaves sources that are meant for Tavus unregistered, though our mirror
            of it knows them.
    """

    def __init__(
        self,
        places: Places,
        media: MediaLibrary,
        *,
        public_url: str,
        documents: TavusDocuments | None = None,
    ) -> None:
        self._places = places
        self._media = media
        self._public_url = public_url
        self._documents = documents

    def run(
        self, company: Company, folder: Path, *, dry_run: bool = False, progress: Progress = lambda *_: None
    ) -> IngestReport:
        """Brings the index in line with the folder. One bad file never stops the others.

        Raises:
            InvalidInput: there is no such folder.
            VendorError: the media bucket cannot be reached.
        """
        root = folder.absolute()
        if not root.is_dir():
            raise InvalidInput(f"{folder}: there is no such folder; put the company's files there")
        files = sources_in(root)
        place = self._places(company.scope)
        before = {record.source_id: record for record in place.index.sources(company.scope)}
        run = _Run(
            company,
            root,
            before,
            self._media.paths(company.scope),
            dry_run,
            self._registered(company, before),
            pictures_seen=place.pictures is not None,
        )
        present = {path.relative_to(root).as_posix() for path in files}
        gone = sorted(before.keys() - present)
        outcomes = []
        for number, path in enumerate(files):
            progress(number, len(files) + len(gone), path.relative_to(root).as_posix())
            outcomes.append(self._ingest(run, path))
        for number, source_id in enumerate(gone, start=len(files)):
            progress(number, len(files) + len(gone), source_id)
            outcomes.append(self._remove(run, source_id))
        if not dry_run:
            self._unpublish(run)
        progress(len(files) + len(gone), len(files) + len(gone), "")
        return IngestReport(
            company_id=company.company_id,
            outcomes=tuple(outcomes),
            embedded=run.embedded,
            uploaded=run.uploaded,
            dry_run=dry_run,
        )

    def _registered(self, company: Company, before: dict[str, SourceRecord]) -> set[str]:
        try:
            documents = self._documents.refresh(company.scope) if self._documents else ()
        except AisdrError:
            # What we wrote down ourselves. Whoever needs Tavus after all is told so source by source.
            return {record.tavus_document_id for record in before.values() if record.tavus_document_id}
        return {each.document_id for each in documents if each.state != "failed"}

    def _ingest(self, run: _Run, path: Path) -> Outcome:
        source_id = path.relative_to(run.root).as_posix()
        try:
            reader = reader_for(path)
            if reader is None:
                raise NothingToRead(f"there is no reader for files that end in '{path.suffix}'")
            base_url = self._media.base_url(run.scope)
            labels = labels_of(run.root, path, primary(next(iter(run.company.languages), "en")))
            file = SourceFile(run.root, path, base_url, labels, run.pictures_seen)
            content_hash = _hash(file, reader)
            record = run.before.get(source_id)
            if record and record.content_hash == content_hash and self._is_complete(run, record):
                return Outcome(source_id=source_id, action="unchanged")
            document = reader.read(file)
            return self._store(run, file, content_hash, document, record)
        except NothingToRead as nothing:
            if source_id in run.before:
                self._remove(run, source_id)
            return Outcome(source_id=source_id, action="skipped", reason=str(nothing))
        except (Unreadable, OSError) as error:
            return Outcome(source_id=source_id, action="failed", reason=str(error))
        except AisdrError as error:
            return Outcome(source_id=source_id, action="failed", reason=error.message)

    def _store(
        self, run: _Run, file: SourceFile, content_hash: str, document: Document, record: SourceRecord | None
    ) -> Outcome:
        chunks = chunks_of(file.source_id, document)
        outcome = Outcome(
            source_id=file.source_id,
            action="changed" if record else "added",
            chunks=Counter(chunk.modality for chunk in chunks),
            remarks=document.remarks,
        )
        if run.dry_run:
            return outcome
        for publication in document.publications:
            run.uploaded += self._media.publish(run.scope, publication)
        place, vectors, seen = self._embed(run, chunks)
        document_id, trouble = self._register(run, file, document, record)
        extra = {_PUBLISHED: json.dumps([publication.path for publication in document.publications])}
        if document.is_for_tavus or document_id:
            extra[_TAVUS_TAGS] = _tags(run) if self._documents else "to be told"
        # A source that Tavus did not take must look changed to the next run, which then tries again.
        stored_hash = content_hash if trouble is None else f"unregistered {content_hash}"
        new = SourceRecord(file.source_id, stored_hash, len(chunks), document_id, extra)
        if self._places(run.scope) != place:  # the company has moved while we read
            place, vectors, seen = self._embed(run, chunks)
        place.index.replace_source(run.scope, new, chunks, vectors, seen.vectors)
        outcome = outcome.model_copy(update={"remarks": (*document.remarks, *seen.remarks)})
        if trouble is not None:
            reason = f"indexed, but not registered at Tavus: {trouble}"
            return outcome.model_copy(update={"action": "failed", "reason": reason})
        return outcome

    def _embed(self, run: _Run, chunks: Sequence[Chunk]) -> tuple[Place, Vectors, Seen]:
        """The vectors of some chunks, and the place for which they are made."""
        place = self._places(run.scope)
        vectors = place.embedder.embed_passages([chunk.searchable_text for chunk in chunks])
        run.embedded += len(chunks)
        return place, vectors, see(run.scope, chunks, place.pictures, self._media)

    def _register(
        self, run: _Run, file: SourceFile, document: Document, record: SourceRecord | None
    ) -> tuple[str | None, str | None]:
        """Keeps Tavus in step: the new state is registered, and replaces the old one as soon as it is ready.

        Returns:
            The document id to remember, and what went wrong.
        """
        old = record.tavus_document_id if record else None
        if self._documents is None:
            return old, None
        try:
            if document.tavus_path and document.is_for_tavus:
                tags = tuple(dict.fromkeys((*run.company.tavus_document_tags, *document.labels.tags)))
                url = self._public_url + file.url(document.tavus_path)
                return self._documents.register(run.scope, document.title, url, tags, old), None
            if old:
                self._documents.remove(run.scope, old)
        except AisdrError as error:
            return old, error.message
        return None, None

    def _is_complete(self, run: _Run, record: SourceRecord) -> bool:
        """False for an unchanged source whose files have left the bucket, or that Tavus does not know as it is now."""
        if not _published([record]) <= run.published:
            return False
        if self._documents is None or _TAVUS_TAGS not in record.extra:
            return True
        return record.tavus_document_id in run.registered and record.extra[_TAVUS_TAGS] == _tags(run)

    def _remove(self, run: _Run, source_id: str) -> Outcome:
        document_id = run.before[source_id].tavus_document_id
        remarks: tuple[str, ...] = ()
        try:
            if document_id and self._documents is None:
                remarks = (f"Tavus still knows it as document {document_id}: delete it there, or run with a Tavus key",)
            elif document_id and self._documents and not run.dry_run:
                self._documents.remove(run.scope, document_id)
            if not run.dry_run:
                self._places(run.scope).index.remove_source(run.scope, source_id)
        except AisdrError as error:
            return Outcome(source_id=source_id, action="failed", reason=f"not removed: {error.message}")
        return Outcome(source_id=source_id, action="removed", remarks=remarks)

    def _unpublish(self, run: _Run) -> None:
        """Takes away what no source refers to any more; a picture may belong to a page and stand for itself, too."""
        kept = _published(self._places(run.scope).index.sources(run.scope))
        self._media.remove(run.scope, sorted(_published(run.before.values()) - kept))


def _hash(file: SourceFile, reader: Reader) -> str:
    """Changes with everything the chunks depend on: the file, what belongs to it, its labels, and our reading.

    Not with the embedder: a company that moves to another one takes its chunks along. Where pictures are seen there
    are more of them.
    """
    digest = hashlib.sha256()
    parts = [READING, file.base_url, repr(file.labels), *(("pictures seen",) if file.pictures_seen else ())]
    parts += [f"{path.name} {digest_of(path)}" for path in (file.path, *reader.companions(file))]
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _tags(run: _Run) -> str:
    return json.dumps(run.company.tavus_document_tags)


def _published(records: Iterable[SourceRecord]) -> set[str]:
    return {path for record in records for path in json.loads(record.extra.get(_PUBLISHED, "[]"))}
