"""Whose data it is: the one key to everything that belongs to a company.

Nothing else in the house turns the id of a company into a key (`tests/test_tenant.py` looks), so whoever wants to know
how a request came by its company has two names to search for.
"""

import hashlib
from dataclasses import InitVar, dataclass

from aisdr.errors import Forbidden

_MADE_HERE = object()


@dataclass(frozen=True)
class TenantScope:
    """The one key to a company's data. A request gets it from its verified session, an operator by naming a company."""

    company_id: str
    made_here: InitVar[object]

    def __post_init__(self, made_here: object) -> None:
        if made_here is not _MADE_HERE:
            raise TypeError("A TenantScope comes from a verified session, or from TenantScope.for_operator")

    @classmethod
    def of_session(cls, company_id: str) -> "TenantScope":
        """What a token opens, once it is verified: only `aisdr/session.py` may say so."""
        return cls(company_id, _MADE_HERE)

    @classmethod
    def for_operator(cls, company_id: str) -> "TenantScope":
        """For who runs this: commands, ingestion and the clock. Nothing that a visitor sent may be named here."""
        return cls(company_id, _MADE_HERE)


def mark_of(scope: TenantScope) -> str:
    """What a company's chunks bear, so that of each it is seen whose it is.

    Raises:
        Forbidden: it is no scope, or that of nobody.
    """
    if not isinstance(scope, TenantScope) or not scope.company_id:
        raise Forbidden("The search index is asked for a company, and for nothing else", code="no_company")
    return mark(scope.company_id)


def mark(company_id: str) -> str:
    """The same for what is only read: a mark opens nothing. No company id can steer its form."""
    return hashlib.sha256(company_id.encode(errors="surrogatepass")).hexdigest()[:32]
