"""There is one way in: through the distribution, over which the site's files come too."""

import json

import httpx
import pytest
import websockets
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dev.deployment.local import LocalDeployment
from infra.deploy.site import HOSTED_PAGE
from tests.product import Stack

pytestmark = pytest.mark.deployed


def test_the_deployment_asked_itself_whether_it_works(deployment: LocalDeployment) -> None:
    said = (deployment.data / "logs" / "deploy.log").read_text()

    assert said.count("✓") >= 6
    assert said.rstrip().endswith(f"Deployed: {deployment.site}")


def test_the_http_api_serves_nobody_who_comes_round_the_distribution(deployment: LocalDeployment, stack: Stack) -> None:
    own = f"{deployment.endpoint}/_aws/execute-api/{deployment.api_id('http')}/$default"

    through, round_it = (httpx.get(f"{each}/api/widget/hypersonix", timeout=30) for each in (stack.url, own))

    assert through.status_code == 200
    assert (round_it.status_code, round_it.json()["error"]["code"]) == (403, "not_at_the_edge")


def test_nor_does_the_relay(deployment: LocalDeployment, stack: Stack) -> None:
    own = f"{deployment.endpoint.replace('http', 'ws')}/_aws/execute-api/{deployment.api_id('websocket')}/ws"

    with knock(stack, stack.websocket_url) as socket:
        assert socket.subprotocol == "aisdr"
        socket.send('{"action": "hello"}')
        assert json.loads(socket.recv(timeout=30))["type"] == "ready"
    with pytest.raises(websockets.InvalidStatus) as refused, knock(stack, own):
        pass

    assert refused.value.response.status_code == 403


def knock(stack: Stack, address: str) -> ClientConnection:
    """With a ticket that is good for one socket."""
    ticket = stack.open_session()["ticket"]
    return connect(
        address, origin=Origin(stack.url), subprotocols=[Subprotocol("aisdr"), Subprotocol(ticket)], proxy=None
    )


def test_every_companys_page_is_the_one_file_and_says_what_it_may_do(stack: Stack) -> None:
    page, script = httpx.get(f"{stack.url}/widget/hypersonix"), httpx.get(f"{stack.url}/embed.js")

    assert page.content == HOSTED_PAGE.read_bytes()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert script.headers["cache-control"] == "public, max-age=300"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
