"""Open relay sockets: who sits behind a connection id, and how to post to it."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aisdr.session import Session
from aisdr.table import Table

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

CONNECTION_SECONDS = 2 * 3600 + 600
"""API Gateway closes a WebSocket after two hours; `$disconnect` may never come, so the record dies a little later."""


@dataclass(frozen=True)
class RelayConnection:
    """One open socket and the conversation it belongs to."""

    connection_id: str
    company_id: str
    session_id: str


class Connections:
    """The store of open sockets, and the way back to the browser.

    A connection id is given by API Gateway and is all that a message event carries, so it is its own owner here.
    """

    def __init__(
        self, table: Table, gateway: "ApiGatewayManagementApiClient", clock: Callable[[], float] = time.time
    ) -> None:
        self._table = table
        self._gateway = gateway
        self._clock = clock

    def add(self, connection_id: str, session: Session) -> None:
        expires_at = int(self._clock() + CONNECTION_SECONDS)
        owner = {"company_id": session.company_id, "session_id": session.session_id, "expires_at": expires_at}
        self._table.put({"pk": f"connection#{connection_id}", "sk": "connection"} | owner)

    def get(self, connection_id: str) -> RelayConnection | None:
        item = self._table.get(f"connection#{connection_id}", "connection")
        return RelayConnection(connection_id, item["company_id"], item["session_id"]) if item else None

    def remove(self, connection_id: str) -> None:
        self._table.delete(f"connection#{connection_id}", "connection")

    def post(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        """Posts one JSON frame. False when the socket is gone; its record is removed then and never tried again."""
        data = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            self._gateway.post_to_connection(ConnectionId=connection_id, Data=data)
        except self._gateway.exceptions.GoneException:
            self.remove(connection_id)
            return False
        return True
