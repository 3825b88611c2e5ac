"""Removes a company: its doors first, then what vendors, buckets, the index and the tables hold of it, its name last.

Each step may be repeated, and the record of what is under way outlives all others: whoever is interrupted, or refused
by a vendor, runs the same command again and goes on. What cannot be removed is told, never passed over.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Protocol

from aisdr.audit import OPERATOR, decided
from aisdr.call import Calls
from aisdr.company import Companies
from aisdr.erased import Erased
from aisdr.errors import AisdrError, Conflict, NotFound
from aisdr.home import Home, Homes
from aisdr.index.base import Place
from aisdr.ledger import ERASED, Ledger
from aisdr.media_links import PRIVATE
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope

MONEY_SECONDS = 400 * 24 * 3600
"""How long the days' and months' amounts are kept when their company is gone: a year's accounts, and the time to close
them. They hold numbers alone."""
_RECORD = "erasure"


class Documents(Protocol):
    """A vendor's library of a company's documents."""

    def there(self, scope: TenantScope) -> Mapping[str, object]:
        """By document id, what it has of the company."""
        ...

    def remove(self, scope: TenantScope, document_id: str) -> None: ...


@dataclass(frozen=True)
class Stores:
    """Where a company is.

    `documents` is None where the deployment has no Tavus. `empty` takes what begins so out of a bucket, every version,
    and returns how much that was; with True it only counts.
    """

    companies_table: Table
    conversations: Table
    companies: Companies
    homes: Homes
    place_at: Callable[[Home], Place]
    calls: Calls
    ledger: Ledger
    documents: Documents | None
    empty: Callable[[str, str, bool], int]
    media_bucket: str
    knowledge_bucket: str


class Removal:
    """Removes one company at a time."""

    def __init__(
        self,
        stores: Stores,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._pause = pause

    def erase(self, slug: str, *, dry_run: bool = False) -> Erased:
        """Raises: NotFound, when there is no such company, and no removal of one under way."""
        company_id = self._owner(slug)
        scope = TenantScope.for_operator(company_id)
        erased = Erased(company_id, dry_run)
        homes = self._close_doors(erased, scope, slug)
        for what, step in (
            ("calls", lambda: self._calls(erased, scope)),
            ("documents at Tavus", lambda: self._documents(erased, scope)),
            ("index", lambda: self._index(erased, scope, homes)),
            ("buckets", lambda: self._objects(erased, scope)),
        ):
            _safely(erased, what, step)
        if erased.left and not dry_run:
            # What leads to the rest is still needed.
            decided("erase", "allow", company_id=company_id, who=OPERATOR, reason="company_with_rest")
            return erased
        self._rows(erased, scope)
        self._name(erased, scope, slug)
        if not dry_run:
            decided("erase", "done", company_id=company_id, who=OPERATOR, reason="company")
        return erased

    def _owner(self, slug: str) -> str:
        owner = self._stores.companies.owner_of(slug)
        if owner is None:
            raise NotFound(f"Company '{slug[:80]}' does not exist", code="company_not_found")
        return owner

    def _close_doors(self, erased: Erased, scope: TenantScope, slug: str) -> list[Home]:
        """Its configuration goes first, and with it every door and the secrets in it. Returns where chunks may be."""
        table = self._stores.companies_table
        stored = self._stores.companies.stored(scope.company_id)
        begun = table.get(scope.company_id, _RECORD)
        residence = self._stores.homes.residence(scope)
        found = [residence.home, residence.next_home, *residence.left] if residence else [self._stores.homes.of(scope)]
        homes = [home for home in found if home is not None]
        if begun is not None:
            homes = [*dict.fromkeys((*homes, *(Home(**each) for each in begun["homes"])))]
        if stored is not None:
            if stored.company.tavus_persona_id:
                erased.kept.append("the PAL at Tavus: it may serve other companies; delete it in Tavus's own console")
            erased.count("configuration")
        if not erased.dry_run:
            record = {"slug": slug, "homes": [asdict(home) for home in homes], "begun_at": self._clock()}
            with table.transaction(Conflict("somebody else is removing this company")) as writes:
                writes.put({"pk": scope.company_id, "sk": _RECORD} | record)
                writes.delete(scope.company_id, "company")
        return homes

    def _calls(self, erased: Erased, scope: TenantScope) -> None:
        """Ends what runs, and has the vendors delete their copies."""
        sessions = {each.session_id for each in self._stores.ledger.each(scope)} - {ERASED}
        for session_id in sorted(sessions):
            erased.count("vendors' conversations")
            if not erased.dry_run:
                self._stores.calls.end(scope.company_id, session_id, "conversation")
                forget = partial(self._stores.calls.forget, scope.company_id, session_id)
                erased.unless_done(f"the calls of {session_id}", forget, self._pause)

    def _documents(self, erased: Erased, scope: TenantScope) -> None:
        documents = self._stores.documents
        if documents is None:
            return
        for document_id in sorted(documents.there(scope)):
            erased.count("documents at Tavus")
            if not erased.dry_run:
                what = f"document {document_id} at Tavus"
                erased.unless_done(what, partial(documents.remove, scope, document_id), self._pause)

    def _index(self, erased: Erased, scope: TenantScope, homes: list[Home]) -> None:
        for home in homes:
            index = self._stores.place_at(home).index
            erased.count("sources in the index", len(index.sources(scope)))
            if not erased.dry_run:
                index.remove_company(scope)
            if home.engine == "embedded":
                erased.kept.append("a copy of the index in functions deployed with it: the next deployment is without")

    def _objects(self, erased: Erased, scope: TenantScope) -> None:
        media, company_id = self._stores.media_bucket, scope.company_id
        for prefix in (f"{company_id}/", f"{PRIVATE}/{company_id}/", f"speech/{company_id}/"):
            erased.count("media", self._stores.empty(media, prefix, erased.dry_run))
        found = self._stores.empty(self._stores.knowledge_bucket, f"{company_id}/", erased.dry_run)
        erased.count("dropped files", found)

    def _rows(self, erased: Erased, scope: TenantScope) -> None:
        table, until = self._stores.conversations, int(self._clock() + MONEY_SECONDS)
        account = f"{scope.company_id}#ledger"
        for row in table.stored(f"{scope.company_id}#"):
            if row["pk"] == account and "cents" in row:
                erased.count("amounts kept")
                if not erased.dry_run:
                    table.update(
                        row["pk"],
                        row["sk"],
                        "SET expires_at = if_not_exists(expires_at, :until)",
                        values={":until": until},
                    )
                continue
            self._remove(erased, row)
        for prefix in ("connection#", "conversation#"):
            for row in table.stored(prefix):
                if row.get("company_id") == scope.company_id:
                    self._remove(erased, row)
        erased.kept.append("money: amounts by day and month, numbers alone, which expire")
        erased.kept.append("backups: what the tables' own backups hold of it runs out with them (docs/operations.md)")

    def _remove(self, erased: Erased, row: Item) -> None:
        erased.count("rows")
        if not erased.dry_run:
            self._stores.conversations.delete(row["pk"], row["sk"])

    def _name(self, erased: Erased, scope: TenantScope, slug: str) -> None:
        """Last of all: until now the slug leads whoever goes on to the record, and nobody else can take it."""
        if erased.dry_run:
            return
        table = self._stores.companies_table
        for row in list(table.stored_in(scope.company_id)):
            if row["sk"] != _RECORD:
                table.delete(row["pk"], row["sk"])
        table.delete(f"slug#{slug}", "slug")
        table.delete(scope.company_id, _RECORD)


def _safely(erased: Erased, what: str, step: Callable[[], None]) -> None:
    """A store that fails keeps nobody from the others."""
    try:
        step()
    except AisdrError as error:
        erased.left.append(f"{what} ({error.code})")
