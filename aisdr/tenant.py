"""Whose data it is: the one key to everything that belongs to a company."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TenantScope:
    """The one key to a company's data. A request gets it from its verified session, an operator by naming a company."""

    company_id: str
