"""Networks: the neighbourhoods of the internet that visitors come from, and how many calls may be started from one
within an hour.

A neighbourhood is what one customer of a provider usually holds: an IPv4 /24, an IPv6 /64. It is known only by a keyed
digest, and its starts are forgotten after the hour: `{company}#network#{mark}` / `start#03` with `expires_at`. Each
start holds one of so many places, so that never more than that many lie within any hour.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING

from aisdr.addresses import Address, unwrapped
from aisdr.errors import Conflict, LimitReached
from aisdr.table import Table, Transaction

if TYPE_CHECKING:
    from aisdr.company import Company

HOUR_SECONDS = 3600
NOBODYS = "unknown"
"""The network of whoever comes without an address; they all share it."""
_MARGIN_SECONDS = 60


class Networks:
    """Marks of networks, which say nothing without the key.

    Args:
        keys: secrets by name, the signing keys; the first is used. A new one begins the hour anew.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._key = next(iter(keys.values()), "")

    def mark(self, company_id: str, address: str | None) -> str:
        """The mark of an address' neighbourhood, another one for each company."""
        material = f"network|{company_id}|{neighbourhood(address)}".encode()
        return hashlib.blake2b(material, key=self._key.encode()[:64], digest_size=16).hexdigest()

    def known(self, company_id: str, address: str | None) -> str | None:
        """The same; None for whoever comes without an address, where strangers must not stand in each other's way."""
        return None if neighbourhood(address) == NOBODYS else self.mark(company_id, address)


class Starts:
    """The places that started calls hold for an hour."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def free_place(self, company: "Company", mark: str, spread: int) -> int:
        """A place that seems free; `spread` keeps those who come at once from all wanting the same one.

        Raises:
            LimitReached: `network_busy`.
        """
        taken = {int(item["sk"].removeprefix("start#")) for item in self._table.query(_key(company.company_id, mark))}
        most = company.limits.network_calls_per_hour
        free = [place for place in range(most) if place not in taken]
        if len(taken) >= most or not free:
            raise LimitReached(
                f"{most} calls an hour are started from one network, and those are; try again later, or go on in text",
                code="network_busy",
            )
        return free[spread % len(free)]

    def take(self, writes: Transaction, company_id: str, mark: str, place: int, taken: Conflict) -> None:
        """Adds to a transaction that the place is held for the next hour, or is `taken` by then."""
        now = self._clock()
        writes.put(
            {"pk": _key(company_id, mark), "sk": _row(place), "expires_at": int(now) + HOUR_SECONDS + 1},
            condition="attribute_not_exists(pk) OR expires_at <= :now",
            values={":now": now},
            refusal=taken,
        )

    def give_back(self, writes: Transaction, company_id: str, mark: str, place: int, taken_at: float) -> None:
        """Adds to a transaction that the place is free; one that may be somebody else's by now is left alone."""
        if self._clock() < taken_at + HOUR_SECONDS - _MARGIN_SECONDS:
            writes.delete(_key(company_id, mark), _row(place))


def neighbourhood(address: str | None) -> str:
    """`203.0.113.0/24` or `2001:db8:1:2::/64`; `unknown` for what is no address."""
    try:
        found = ip_address((address or "").strip().partition("%")[0])
    except ValueError:
        return NOBODYS
    inner = _carried(found)
    length = 24 if isinstance(inner, IPv4Address) else 64
    network: type[IPv4Network] | type[IPv6Network] = IPv4Network if length == 24 else IPv6Network
    return str(network((int(inner), length), strict=False))


def _carried(address: Address) -> Address:
    """The IPv4 address inside of an IPv6 address: who has one of the former has thousands of the latter."""
    inner = unwrapped(address)
    if isinstance(inner, IPv4Address):
        return inner
    if inner.teredo is not None:
        return inner.teredo[1]
    return inner.sixtofour or inner


def _key(company_id: str, mark: str) -> str:
    return f"{company_id}#network#{mark}"


def _row(place: int) -> str:
    return f"start#{place:03}"
