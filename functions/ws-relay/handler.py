"""Relay: the visitor's socket. Opened by a single-use ticket; frames in, frames out through `@connections`."""

from aisdr.starting import started  # isort: split

from typing import Any

from aisdr.audit import ANONYMOUS, refusals
from aisdr.edge import HEADER as EDGE_HEADER
from aisdr.errors import AisdrError
from aisdr.observability import begin, logger
from aisdr.services import services

PROTOCOL = "aisdr"


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """API Gateway WebSocket proxy integration."""
    begin(event, context)
    connection_id = event["requestContext"]["connectionId"]
    match event["requestContext"]["routeKey"]:
        case "$connect":
            return _connect(connection_id, event)
        case "$disconnect":
            services().entrance.leave(connection_id)
        case _:
            services().relay.receive(connection_id, event.get("body"))
    return {"statusCode": 200}


def _connect(connection_id: str, event: dict[str, Any]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    # The ticket travels as a second subprotocol: browsers can set no header here, and addresses end up in logs.
    protocol, _, ticket = headers.get("sec-websocket-protocol", "").partition(",")
    if protocol.strip() != PROTOCOL:
        return {"statusCode": 400}
    peer = event["requestContext"].get("identity", {}).get("sourceIp")
    try:
        edge = services().edge
        with refusals("edge.check", company_id=None, who=ANONYMOUS):
            edge.check(headers.get(EDGE_HEADER))
        address = edge.address(headers.get("x-forwarded-for", ""), peer)
        services().entrance.enter(connection_id, ticket.strip(), headers.get("origin"), address)
    except AisdrError as error:
        logger.warning("connect refused", code=error.code)
        return {"statusCode": error.status}
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": PROTOCOL}}


started(lambda: services().entrance)
