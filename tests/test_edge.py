"""The edge: where a distribution stands before the doors, nothing comes in beside it."""

import json
from importlib import import_module
from typing import Any

import pytest

from aisdr.edge import HEADER, Edge
from aisdr.errors import Forbidden
from aisdr.services import Services
from functions import FUNCTIONS
from tests.doors import call
from tests.material import ORIGIN, a_company

KEYS = {"2": "the newer key", "1": "the older key"}
DOORS = [
    (function.name, route) for function in FUNCTIONS for route in function.routes if not route.startswith(("$", "OPT"))
]


@pytest.mark.parametrize("given", [None, "", "the", "the newer key ", "THE NEWER KEY"])
def test_what_does_not_bring_the_key_is_refused(given: str | None) -> None:
    with pytest.raises(Forbidden):
        Edge(KEYS).check(given)


@pytest.mark.parametrize("given", KEYS.values())
def test_every_key_is_accepted_so_that_it_can_be_changed(given: str) -> None:
    Edge(KEYS).check(given)


def test_without_keys_everybody_may_come() -> None:
    Edge({}).check(None)


@pytest.fixture
def behind_a_distribution(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AISDR_EDGE_KEYS", json.dumps(KEYS))


@pytest.mark.parametrize(("function", "route"), DOORS)
def test_no_door_of_the_http_api_opens_beside_the_distribution(
    behind_a_distribution: None, services: Services, function: str, route: str
) -> None:
    method, _, address = route.partition(" ")

    reply = call(method, address, function=function, body={} if method == "POST" else None)

    assert (reply.status, reply.json()["error"]["code"]) == (403, "not_at_the_edge")


def test_what_came_through_the_distribution_is_served(behind_a_distribution: None, services: Services) -> None:
    services.companies.put(a_company(), expected_version=0)

    reply = call("GET", "/api/widget/acme", **{HEADER: KEYS["1"]})

    assert reply.status == 200


def test_a_good_ticket_opens_no_socket_beside_the_distribution(behind_a_distribution: None, services: Services) -> None:
    company = a_company()
    services.companies.put(company, expected_version=0)
    ticket = services.sessions.issue(services.sessions.open(company, ORIGIN, None)).ticket

    assert _connect(ticket)["statusCode"] == 403
    assert _connect(ticket, **{HEADER: KEYS["2"]})["statusCode"] == 200


def _connect(ticket: str, **headers: str) -> Any:
    event = {
        "requestContext": {"routeKey": "$connect", "connectionId": "a-connection"},
        "headers": {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": ORIGIN} | headers,
    }
    return import_module("functions.ws-relay.handler").handler(event, None)
