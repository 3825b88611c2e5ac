"""Where a company's chunks live: the engine that keeps them, and the embedders that made their vectors.

Recorded for each company, so that a change of the settings moves nobody: they say where a new company goes, and only
`aisdr reindex` moves one that has chunks (docs/decisions/0010-where-a-company-lives.md). The record is also what a move
is held together by: while one is under way the company stays where it is, and one write takes it over.
"""

import hashlib
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from aisdr.errors import Conflict, NotFound, StoreBusy
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope

REMEMBERED_SECONDS = 2.0
"""How long a move may stay unnoticed by another process; a search pays for a look at the table once in this time."""
MOST_REMEMBERED = 4096
ATTEMPTS = 5
_SORT_KEY = "home"


@dataclass(frozen=True)
class Home:
    """One place of all in which a company's chunks may be kept. What is in one of them is not seen in another."""

    engine: str
    """`embedded` or `opensearch`."""
    embedder: str
    """`minilm`, `e5`, `bedrock:MODEL` or `openai:MODEL`. A name means one kind of vectors for ever."""
    pictures: str = ""
    """`bedrock:MODEL`; empty when pictures have no vectors of their own."""

    @property
    def label(self) -> str:
        """What tells an engine's copies of one company apart, fit for the name of a file or of an index.

        Empty for the first embedder that there was: its files are named without one.
        """
        if (self.embedder, self.pictures) == (FIRST.embedder, FIRST.pictures):
            return ""
        words = re.sub(r"[^a-z0-9]+", "-", f"{self.embedder} {self.pictures}".lower()).strip("-")[:24].strip("-")
        digest = hashlib.sha256(f"{self.embedder}\n{self.pictures}".encode()).hexdigest()[:8]
        return f"{words}-{digest}"

    def __str__(self) -> str:
        return " + ".join(part for part in (self.engine, self.embedder, self.pictures) if part)


FIRST = Home("embedded", "minilm")
"""Where every company lived before there were records."""


@dataclass(frozen=True)
class Residence:
    """A company's record: where it lives, where it is moving to, and where copies of it may still lie."""

    home: Home
    generation: int = 0
    """How often it has moved."""
    next_home: Home | None = None
    mover: str = ""
    """Whose move is under way; a run that takes over writes its own name, and the other one gives up."""
    left: tuple[Home, ...] = ()
    """Nobody reads there any more; what may be there is to be removed."""


class Homes:
    """The store of residences: operators write, every search reads. Safe to share between threads.

    Args:
        table: the one that operators write.
        new: where a company without a record lives, as the settings say.
        lives_in_first: whether a company without a record has chunks in `FIRST` from before there were records: then
            it lives there, whatever the settings say now.
        clock: seconds, for what is remembered.
    """

    def __init__(
        self,
        table: Table,
        new: Home,
        lives_in_first: Callable[[TenantScope], bool] = lambda _: False,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.new = new
        self._table = table
        self._lives_in_first = lives_in_first
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, Home]] = OrderedDict()

    def of(self, scope: TenantScope) -> Home:
        """As it was at most `REMEMBERED_SECONDS` ago, or when it was last seen while the database turns us away.

        Raises:
            StoreBusy: and it was never seen here.
        """
        with self._lock:
            known = self._known.get(scope.company_id)
        if known is not None and self._clock() - known[0] < REMEMBERED_SECONDS:
            return known[1]
        asked_at = self._clock()
        try:
            residence = self.residence(scope)
        except StoreBusy:
            if known is None:
                raise
            return known[1]
        return self._remember(scope, residence.home if residence else self._unrecorded(scope), asked_at)

    def residence(self, scope: TenantScope) -> Residence | None:
        """The record as it is this instant; None for a company that was never ingested."""
        item = self._table.get(scope.company_id, _SORT_KEY)
        return _read(item) if item else None

    def pin(self, scope: TenantScope) -> Home:
        """Where the company lives this instant, for whoever writes there. From now on no setting moves it."""
        asked_at = self._clock()
        residence = self.residence(scope)
        if residence is None:
            new = _item(scope, Residence(self._unrecorded(scope)))
            residence = _read(new) if self._table.put_new(new) else self._recorded(scope)
        return self._remember(scope, residence.home, asked_at)

    def begin(self, scope: TenantScope, target: Home) -> Residence:
        """A move to `target` begins, or goes on; a run that was at it before will notice and give up.

        Raises:
            NotFound: the company was never ingested.
        """

        def begun(before: Residence) -> Residence:
            given_up = (before.next_home,) if before.next_home not in (None, target) else ()
            left = tuple(each for each in dict.fromkeys((*before.left, *given_up)) if each and each != target)
            return replace(before, next_home=target, mover=secrets.token_hex(8), left=left)

        return self._change(scope, begun)

    def check(self, scope: TenantScope, mover: str) -> None:
        """Raises: Conflict, when another run has taken the move over."""
        _check(self._recorded(scope), scope, mover)

    def arrive(self, scope: TenantScope, mover: str) -> Residence:
        """From this write on the company lives where it was moving to, and its old home is to be removed.

        Raises:
            Conflict: another run has taken the move over.
        """

        def arrived(before: Residence) -> Residence:
            target = _check(before, scope, mover)
            return Residence(target, before.generation + 1, left=(*before.left, before.home))

        asked_at = self._clock()
        after = self._change(scope, arrived)
        self._remember(scope, after.home, asked_at)
        return after

    def settle(self, scope: TenantScope, home: Home) -> Residence:
        """The company lives in `home` from now on, with whatever is there: its material is about to be ingested.

        The old home is not removed: what is there is as good as new when the company comes back and is ingested again.
        """

        def settled(before: Residence) -> Residence:
            return Residence(home, before.generation + 1, left=tuple(each for each in before.left if each != home))

        asked_at, first = self._clock(), Residence(home)
        after = first if self._table.put_new(_item(scope, first)) else self._change(scope, settled)
        self._remember(scope, after.home, asked_at)
        return after

    def removed(self, scope: TenantScope, home: Home) -> None:
        """Nothing is left in a home that the company has moved out of."""
        self._change(scope, lambda before: replace(before, left=tuple(each for each in before.left if each != home)))

    def _unrecorded(self, scope: TenantScope) -> Home:
        return FIRST if self.new != FIRST and self._lives_in_first(scope) else self.new

    def _recorded(self, scope: TenantScope) -> Residence:
        residence = self.residence(scope)
        if residence is None:
            raise NotFound(f"Company '{scope.company_id}' has no chunks yet: run `aisdr ingest`", code="not_ingested")
        return residence

    def _change(self, scope: TenantScope, change: Callable[[Residence], Residence]) -> Residence:
        """Writes what `change` makes of the record, unless somebody else wrote in between: then of the newer one."""
        for _ in range(ATTEMPTS):
            before = self._recorded(scope)
            after = change(before)
            values = {f":{name}": value for name, value in _item(scope, after).items() if name not in ("pk", "sk")}
            if self._table.update(
                scope.company_id,
                _SORT_KEY,
                "SET " + ", ".join(f"{name[1:]} = {name}" for name in values),
                values=values | {":was_generation": before.generation, ":was_mover": before.mover},
                condition="generation = :was_generation AND mover = :was_mover",
            ):
                return after
        raise StoreBusy(f"Too much happens at once with where company '{scope.company_id}' lives; try again")

    def _remember(self, scope: TenantScope, home: Home, at: float) -> Home:
        """Of two looks that overlap, the later one counts."""
        with self._lock:
            known = self._known.get(scope.company_id)
            if known is not None and known[0] > at:
                return known[1]
            self._known[scope.company_id] = (at, home)
            self._known.move_to_end(scope.company_id)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return home


def _check(residence: Residence, scope: TenantScope, mover: str) -> Home:
    if residence.mover != mover or residence.next_home is None:
        raise Conflict(
            f"Another run of `aisdr reindex` has taken over the move of company '{scope.company_id}'", code="move_lost"
        )
    return residence.next_home


def _item(scope: TenantScope, residence: Residence) -> Item:
    return {
        "pk": scope.company_id,
        "sk": _SORT_KEY,
        "home": asdict(residence.home),
        "generation": residence.generation,
        "next_home": asdict(residence.next_home) if residence.next_home else None,
        "mover": residence.mover,
        "left_homes": [asdict(each) for each in residence.left],
    }


def _read(item: dict[str, Any]) -> Residence:
    return Residence(
        home=Home(**item["home"]),
        generation=item["generation"],
        next_home=Home(**item["next_home"]) if item["next_home"] else None,
        mover=item["mover"],
        left=tuple(Home(**each) for each in item["left_homes"]),
    )
