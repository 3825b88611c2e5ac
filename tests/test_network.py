"""Networks: neighbours count as one, and whoever has many addresses of one kind has not many networks."""

import pytest

from aisdr.edge import Edge
from aisdr.network import NOBODYS, Networks, neighbourhood
from tests.material import KEYS

HOME = "203.0.113.0/24"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", HOME),
        (" 203.0.113.255 ", HOME),
        ("203.0.114.7", "203.0.114.0/24"),
        ("::ffff:203.0.113.7", HOME),
        ("2002:cb00:7107:1::1", HOME),
        ("2002:cb00:7107:ffff::1", HOME),
        ("64:ff9b::203.0.113.7", HOME),
        ("2001:0:4136:e378:8000:63bf:34ff:8ef8", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", NOBODYS),
        (None, NOBODYS),
        ("unknown", NOBODYS),
        ("203.0.113.7:443", NOBODYS),
        ("203.0.113", NOBODYS),
    ],
)
def test_neighbours_are_one_network(address: str | None, network: str) -> None:
    assert neighbourhood(address) == network


def test_a_mark_says_nothing_of_the_address_and_is_another_one_for_each_company_and_key() -> None:
    networks = Networks(KEYS)
    mark = networks.mark("acme", "203.0.113.7")

    assert mark == networks.mark("acme", "203.0.113.99")
    assert len({mark, networks.mark("globex", "203.0.113.7"), networks.mark("acme", "203.0.114.7")}) == 3
    assert mark != Networks({"k": "another key" * 4}).mark("acme", "203.0.113.7")
    assert "203" not in mark or not mark.startswith("203.0.113")


def test_without_a_distribution_the_peer_is_the_visitor() -> None:
    assert Edge({}).address("198.51.100.1, 203.0.113.7", "203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "visitor"),
    [
        ("203.0.113.7, 198.51.100.9", "203.0.113.7"),
        ("10.0.0.1, 192.0.2.1, 203.0.113.7, 198.51.100.9", "203.0.113.7"),
        ("203.0.113.7,198.51.100.9", "203.0.113.7"),
        ("198.51.100.9", None),
        ("", None),
    ],
)
def test_behind_the_distribution_only_what_it_wrote_is_believed(forwarded: str, visitor: str | None) -> None:
    """Whatever stands further to the left, whoever asks may have written."""
    assert Edge({"k": "a key of the distribution"}).address(forwarded, "198.51.100.9") == visitor
