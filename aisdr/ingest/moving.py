"""Moving a company's chunks to another engine or embedder: with no gap, and without the files they were made from.

Everything is copied and embedded anew while the old home still answers, what changes meanwhile is copied after it, and
one write to the company's record lets every search ask in the new home. A run that ends before that write has changed
nothing for anybody, and the next one goes on with what is there.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import numpy as np

from aisdr.errors import AisdrError, Conflict, NotFound, VendorError
from aisdr.home import REMEMBERED_SECONDS, Home, Homes
from aisdr.index.base import Place, SourceRecord
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.pictures import see
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

GRACE_SECONDS = REMEMBERED_SECONDS + 8.0
"""How long the old home is kept after the move: until every process has noticed, and what it began there has ended."""
MOST_DOUBTS = 3
"""Looks at which both sides were quiet and did not hold equally many chunks."""
MOST_ROUNDS = 50
"""Looks at what has changed meanwhile; who ingests faster than we copy has to wait for us or we for them."""

Progress = Callable[[str, int, int], None]
"""Told what is done now, how many steps of it are done, and of how many."""

Records = dict[str, SourceRecord]
"""By source id, without their numbers of chunks, which engines may count differently."""


class MoveReport(Wire):
    """What a move did, or would do."""

    company_id: str
    old_home: str
    new_home: str
    sources: int
    chunks: int
    """Of the company, as they are counted in its sources."""
    embedded: int = 0
    """Chunks that were turned into vectors; less than all when an earlier run had begun."""
    pictures: int = 0
    """Pictures among them."""
    moved: bool = False
    """False when the company lives there already, and for a dry run."""
    dry_run: bool = False
    remarks: tuple[str, ...] = ()


class Moving:
    """Moves companies, one at a time.

    Args:
        place_at: the engine and the embedders of a home.
        media: where the pictures are that a picture embedder looks at.
        grace: seconds for which the old home is kept.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        homes: Homes,
        place_at: Callable[[Home], Place],
        media: MediaLibrary,
        *,
        grace: float = GRACE_SECONDS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._homes = homes
        self._place_at = place_at
        self._media = media
        self._grace = grace
        self._pause = pause

    def run(
        self, scope: TenantScope, target: Home, *, dry_run: bool = False, progress: Progress = lambda *_: None
    ) -> MoveReport:
        """Moves a company to `target`. Safe to repeat after an end anywhere.

        Raises:
            NotFound: the company has no chunks where it lives.
            InvalidInput, NotConfigured: the target names an engine or an embedder that there is not.
            VendorError: an engine or an embedder does not answer; the company stays where it is.
            Conflict: another run has taken over.
        """
        residence = self._homes.residence(scope)
        home = residence.home if residence else self._homes.of(scope)
        old, new = self._place_at(home), self._place_at(target)
        sources = old.index.sources(scope)
        if not sources:
            raise NotFound(
                f"Company '{scope.company_id}' has no chunks at {home}: run `aisdr ingest`", code="not_ingested"
            )
        report = MoveReport(
            company_id=scope.company_id,
            old_home=str(home),
            new_home=str(target),
            sources=len(sources),
            chunks=sum(source.chunks for source in sources),
            dry_run=dry_run,
        )
        _try(scope, new)
        if dry_run:
            return report
        remarks: list[str] = []
        if home != target:
            self._homes.pin(scope)
            mover = self._homes.begin(scope, target).mover
            copy = _Copy(scope, old, new, self._media, lambda: self._homes.check(scope, mover), progress)
            settled = copy.catch_up(self._pause)
            self._homes.arrive(scope, mover)
            remarks += self._leave(scope, progress, lambda: copy.follow(settled))
            update = {"moved": True, "embedded": copy.embedded, "pictures": copy.pictures}
            report = report.model_copy(update=update)
            remarks = [*copy.remarks, *remarks]
        else:
            remarks += self._leave(scope, progress)
        return report.model_copy(update={"remarks": tuple(dict.fromkeys(remarks))})

    def _leave(self, scope: TenantScope, progress: Progress, last_look: Callable[[], None] = lambda: None) -> list[str]:
        """Removes what is left in homes where nobody reads any more, also by earlier runs that ended too soon.

        Returns:
            What could not be removed, for the operator.
        """
        residence = self._homes.residence(scope)
        left = residence.left if residence else ()
        if not left:
            return []
        progress("waiting until nobody reads the old copy", 0, 0)
        self._pause(self._grace)
        remarks = []
        try:
            last_look()
            for home in left:
                self._place_at(home).index.remove_company(scope)
                self._homes.removed(scope, home)
        except AisdrError as error:
            remarks.append(f"an old copy is not removed yet ({error.message}): run `aisdr reindex` again")
        return remarks


class _Copy:
    """One copying from an old place to a new one. `check` raises when somebody else has taken the move over."""

    def __init__(
        self,
        scope: TenantScope,
        old: Place,
        new: Place,
        media: MediaLibrary,
        check: Callable[[], None],
        progress: Progress,
    ) -> None:
        self._scope = scope
        self._old = old
        self._new = new
        self._media = media
        self._check = check
        self._progress = progress
        self.embedded = 0
        self.pictures = 0
        self.remarks: list[str] = []

    def catch_up(self, pause: Callable[[float], None]) -> Records:
        """Copies until both places hold the same, and returns what that is.

        Raises:
            Conflict: the company's material changes all the time.
            VendorError: the new place loses or invents chunks.
        """
        doubts = 0
        for _ in range(MOST_ROUNDS):
            version = self._old.index.version(self._scope)
            wanted, there = self._records(self._old), self._records(self._new)
            # After the look, before the deed: an old place that another run has emptied must not empty the new one.
            self._check()
            missing = [source_id for source_id, record in wanted.items() if there.get(source_id) != record]
            for number, source_id in enumerate(missing):
                self._progress(source_id, number, len(missing))
                self._copy(wanted[source_id], self._check)
            gone = there.keys() - wanted.keys()
            for source_id in gone:
                self._check()
                self._new.index.remove_source(self._scope, source_id)
            if missing or gone or self._old.index.version(self._scope) != version:
                continue
            before, after = (place.index.vocabulary(self._scope).chunks for place in (self._old, self._new))
            if before == after:
                return wanted
            doubts += 1
            if doubts == MOST_DOUBTS:
                self._give_up(before, after)
            pause(REMEMBERED_SECONDS)  # somebody may just be writing
        raise Conflict(
            f"The material of company '{self._scope.company_id}' changes faster than it can be copied: run again when "
            "nobody ingests",
            code="move_lost",
        )

    def follow(self, settled: Records) -> None:
        """Carries over what somebody wrote to the old place in the instant of the move, unless it was written anew."""
        now, there = self._records(self._old), self._records(self._new)
        for source_id in {*settled, *now}:
            if now.get(source_id) == settled.get(source_id) or there.get(source_id) != settled.get(source_id):
                continue
            if source_id in now:
                self._copy(now[source_id], lambda: None)
            else:
                self._new.index.remove_source(self._scope, source_id)

    def _give_up(self, before: int, after: int) -> NoReturn:
        """What an earlier run left in the new place may be half of something: it goes, for the next run to begin."""
        self._check()
        self._new.index.remove_company(self._scope)
        raise VendorError(
            f"The copy had {after} chunks instead of {before}, so it was removed: run `aisdr reindex` again",
            vendor=self._new.engine,
            retryable=True,
        )

    def _records(self, place: Place) -> Records:
        return {each.source_id: replace(each, chunks=0) for each in place.index.sources(self._scope)}

    def _copy(self, record: SourceRecord, check: Callable[[], None]) -> None:
        chunks = self._old.index.chunks(self._scope, record.source_id)
        embedder = self._new.embedder
        vectors = (
            embedder.embed_passages([chunk.searchable_text for chunk in chunks])
            if chunks
            else np.empty((0, embedder.space.dimension), dtype=np.float32)
        )
        seen = see(self._scope, chunks, self._new.pictures, self._media)
        check()
        self._new.index.replace_source(self._scope, replace(record, chunks=len(chunks)), chunks, vectors, seen.vectors)
        self.embedded += len(chunks)
        self.pictures += len(seen.vectors)
        self.remarks += seen.remarks


def _try(scope: TenantScope, place: Place) -> None:
    """Raises: VendorError, NotConfigured: what would fail in the middle fails before anything is begun."""
    place.index.version(scope)
    place.embedder.embed_question("ready?")
    if place.pictures is not None:
        place.pictures.embed_question("ready?")
