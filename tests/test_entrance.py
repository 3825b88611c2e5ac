"""Who may open a socket: so many of a company, and so many from one network."""

from importlib import import_module
from typing import Any

import pytest

from aisdr.services import Services
from aisdr.session import Session
from tests.material import ORIGIN, a_company
from tests.observed import observed


@pytest.fixture
def environment(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    environment.setenv("AISDR_NETWORK_SOCKETS", "1")
    return environment


@pytest.fixture
def session(services: Services) -> Session:
    company = a_company()
    services.companies.put(company, expected_version=0)
    return services.sessions.open(company, ORIGIN, None)


def knock(services: Services, session: Session, socket: str, peer: str | None, **headers: str) -> int:
    """A handshake as API Gateway tells of it."""
    ticket = services.sessions.issue(session).ticket
    context = {"routeKey": "$connect", "connectionId": socket, "requestId": "r", "identity": {"sourceIp": peer}}
    told = {"Origin": ORIGIN, "Sec-WebSocket-Protocol": f"aisdr, {ticket}"} | headers
    answer: dict[str, Any] = import_module("functions.ws-relay.handler").handler(
        {"requestContext": context, "headers": told}, None
    )
    return int(answer["statusCode"])


def test_one_network_leaves_the_companys_other_sockets_to_others(services: Services, session: Session) -> None:
    with observed() as written:
        neighbours = [knock(services, session, f"c{last}", f"203.0.113.{last}") for last in (7, 8)]
        another = knock(services, session, "c9", "203.0.114.7")

    assert (neighbours, another) == ([200, 429], 200)
    refused = [line for line in written.lines if line.get("audit") == "rate.check"]
    assert [(each["decision"], each["reason"], each["what"]) for each in refused] == [
        ("deny", "network_sockets_busy", "sockets")
    ]
    assert "203.0.113" not in written.text


def test_whoever_leaves_gives_the_networks_place_back(services: Services, session: Session) -> None:
    assert knock(services, session, "c1", "203.0.113.7") == 200

    services.entrance.leave("c1")

    assert knock(services, session, "c2", "203.0.113.8") == 200


def test_strangers_without_an_address_do_not_stand_in_each_others_way(services: Services, session: Session) -> None:
    assert [knock(services, session, f"c{number}", None) for number in range(3)] == [200] * 3


@pytest.mark.parametrize(
    ("second", "status"), [("203.0.113.8", 429), ("203.0.114.8", 200)], ids=["neighbour", "stranger"]
)
def test_behind_the_distribution_the_network_is_the_visitors_own(
    services: Services, session: Session, second: str, status: int
) -> None:
    services.edge._keys = {"k": "of the distribution"}
    came = {"x-aisdr-edge": "of the distribution"}

    def through(visitor: str, socket: str) -> int:
        return knock(
            services, session, socket, "198.51.100.9", **came, **{"X-Forwarded-For": f"{visitor}, 198.51.100.9"}
        )

    assert (through("203.0.113.7", "c1"), through(second, "c2")) == (200, status)
