"""Open relay sockets: who sits behind a connection id, how often it may speak, and how to post to it."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from aisdr import arrival
from aisdr.crowd import Crowd
from aisdr.errors import Conflict, StoreBusy
from aisdr.observability import logger
from aisdr.session import Entry, Session, session_key
from aisdr.table import Item, Table

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

    from aisdr.configuration import Mode

CONNECTION_SECONDS = 2 * 3600 + 600
"""API Gateway closes a WebSocket after two hours; `$disconnect` may never come, so the record dies a little later."""
OPENING_SECONDS = 5
"""While `$connect` is being answered API Gateway says 410 of a socket that will be open in a moment."""
SOCKETS_OF_ONE = 10
"""Tabs of one conversation. Whoever opens more gets the new one, and loses the oldest: that may be one that is gone."""
SIDE_BY_SIDE = 5
"""Sockets that something is posted to at the same moment, so that one that takes long does not hold up the others."""
_ATTEMPTS = 8
MOST_REMEMBERED = 5000


@dataclass(frozen=True)
class RelayConnection:
    """One open socket, the conversation it belongs to, and the live call, if it was opened for one."""

    connection_id: str
    company_id: str
    session_id: str
    mode: "Mode" = "text"
    call_id: str | None = None
    received: int = 0
    """The newest live event that was written down and before which none was missed; a few newer ones may have come."""
    opened_at: float = field(default=0.0, compare=False)
    """Epoch seconds: events of a later socket were sent later, whatever their numbers."""
    network: str | None = field(default=None, compare=False)
    """The mark of the network that it was opened from, where that is known."""


@dataclass(frozen=True)
class OpenSocket:
    """One of a conversation's sockets, and the live call that it is in, if any."""

    connection_id: str
    call_id: str | None = None


@dataclass(frozen=True)
class Arrival:
    """A frame came. `refusals` counts those that came too fast since the socket was last calm; 0 when that is not known
    at this moment, for they are written down several at a time."""

    connection: RelayConnection
    verdict: Literal["welcome", "too_fast"]
    refusals: int = 0


@dataclass(frozen=True)
class _Memory:
    """What this process knows of a socket, whose facts never change, and the frames it has not written down yet."""

    connection: RelayConnection | None = None
    frames: int = 0
    event: int = 0
    refused: int = 0
    welcome_at: float = 0.0
    """Before this moment its bucket has no room: that was read from the record."""
    missed: int = 0
    """The first event that had no effect, if any: from it on nothing counts as received on this socket."""


class Connections:
    """The store of open sockets, and the way back to the browser.

    A connection id is given by API Gateway and is all that a message event carries, so it is its own owner here; a
    second row in the conversation's partition finds the sockets of a conversation.
    """

    def __init__(
        self,
        table: Table,
        gateway: "ApiGatewayManagementApiClient",
        clock: Callable[[], float] = time.time,
        *,
        crowd: Crowd | None = None,
    ) -> None:
        self._table = table
        self._gateway = gateway
        self._clock = clock
        self._crowd = crowd or Crowd(table, clock=clock)
        self._memories: dict[str, _Memory] = {}

    def add(self, connection_id: str, entry: Entry, network: str | None = None) -> None:
        """The new socket knows which events the conversation's earlier ones have received.

        Args:
            network: the mark of the network that it comes from.

        Raises:
            LimitReached: the company's sockets are all open, or all that one network may have.
        """
        session, now = entry.session, self._clock()
        self._crowd.enter(session.company_id, now, network)
        earlier = self._sockets(session)
        received = max((self._received_on(socket) for socket in earlier), default=0)
        # With its conversation's absolute end a socket is nobody's, and not even its pings are answered.
        kept = {"opened_at": now, "expires_at": int(min(now + CONNECTION_SECONDS, session.ends_at))}
        call = {"call_id": entry.call_id} if entry.call_id else {}
        facts = {"company_id": session.company_id, "session_id": session.session_id, "mode": entry.mode} | call
        facts |= {"network": network} if network else {}
        with self._table.transaction(Conflict("This connection id is taken")) as writes:
            writes.put({"pk": session.key, "sk": f"{_SOCKET}{connection_id}"} | call | kept)
            writes.put(_key(connection_id) | facts | {"received": received, "free_at": now} | kept)
        for socket in _newest_first(earlier)[SOCKETS_OF_ONE - 1 :]:
            self.close(socket.connection_id)

    def arrive(self, connection_id: str, frames: int = 1) -> Arrival | None:
        """Notes that a frame came; None when the socket is not known.

        One `UpdateItem` reads the record, takes the tokens and writes down which events have come; a socket that sends
        faster than its bucket fills takes a second one. Most frames of a socket that this process knows take none, and
        so do most of those that are too fast: a flood costs its sender's time and not ours. `frames` is what it counts
        for: a frame may ask for as much as many.

        Raises:
            StoreBusy: too many frames of this socket were served at the same moment.
        """
        memory, now = self._memories.pop(connection_id, _Memory()), self._clock()
        if memory.connection is not None and now < memory.welcome_at:
            return self._refuse(memory.connection, memory)
        if memory.connection is not None and memory.frames + frames <= arrival.FRAMES_UNCOUNTED:
            self._remember(connection_id, replace(memory, frames=memory.frames + frames, refused=0))
            newest = max(memory.connection.received, memory.event)
            return Arrival(replace(memory.connection, received=newest), "welcome")
        known = None
        for _ in range(_ATTEMPTS):
            write = arrival.change(known, memory.frames + frames, memory.event, now)
            done, item = self._table.update_or_read(
                **_key(connection_id), expression=write.expression, condition=write.condition, values=write.values
            )
            if item is None:
                return None
            connection = _connection(connection_id, item)
            if done:
                self._remember(connection_id, _Memory(connection, missed=memory.missed))
                return Arrival(connection, "welcome")
            if arrival.is_too_fast(item, now):
                return self._refuse(connection, replace(memory, welcome_at=arrival.welcome_at(item, now)))
            known = item
        raise StoreBusy("Too many frames at the same moment; send this one again in a second")

    def brought(self, connection_id: str, event: int) -> None:
        """Live event number `event` has had its effect. Not before: one that failed has to come again.

        It is written down with the next frames that are counted, and until then comes again after a reconnect, too.
        """
        memory = self._memories.get(connection_id)
        if memory is not None and not 0 < memory.missed <= event:
            self._remember(connection_id, replace(memory, event=max(memory.event, event)))

    def missed(self, connection_id: str, event: int) -> None:
        """Live event number `event` had no effect. It has to come again, and with it those after it, which may be on
        their way already: the socket is hung up, and its browser brings them on the next one.

        Written down first, because another instance may count later events, and the browser may not hear why.
        """
        memory = self._memories.get(connection_id, _Memory())
        first = min(event, memory.missed or event)
        self._remember(connection_id, replace(memory, missed=first))
        if first != memory.missed:
            with suppress(StoreBusy):  # then the browser's word has to do, who is told
                self._table.update(
                    _PREFIX + connection_id,
                    _RECORD,
                    "SET missed = :event",
                    values={":event": event},
                    condition="attribute_exists(pk) AND (attribute_not_exists(missed) OR missed > :event)",
                )
        self.hang_up(connection_id)

    def of_session(self, session: Session) -> list[str]:
        """Ids of the conversation's open sockets, the newest first; some may be gone without a word."""
        return [each.connection_id for each in self.sockets(session)]

    def sockets(self, session: Session) -> list[OpenSocket]:
        """The same with the calls that they are in."""
        return _newest_first(self._sockets(session))

    def remove(self, connection_id: str) -> None:
        """Forgets a socket, and keeps for the next one of the conversation which events it has received."""
        memory = self._memories.pop(connection_id, _Memory())
        item = self._table.get(**_key(connection_id))
        if item is not None:
            self._forget(connection_id, item, memory.event)

    def post(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        """Posts one JSON frame. False when it has to come by `resume`, for the socket did not take it.

        The record of a socket that is gone is removed and never tried again. One that is there and does not take what
        is kept, such as a reader slower than its frames, is closed: its browser comes back at once and asks for it.
        """
        data = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            self._gateway.post_to_connection(ConnectionId=connection_id, Data=data)
        except self._gateway.exceptions.GoneException:
            with suppress(StoreBusy):  # whoever posts to it next finds it gone again
                self._gone(connection_id)
            return False
        except (ClientError, BotoCoreError) as error:
            # Even after the SDK's own retries. Whatever was being done is done, and must not be undone by this.
            logger.error("frame not posted", error=type(error).__name__, frame=frame.get("type"))
            if "seq" not in frame or isinstance(error, self._gateway.exceptions.PayloadTooLargeException):
                return True  # it cannot come again, or not in a form that would fit, and its socket may be well
            self.hang_up(connection_id)
            return False
        return True

    def post_to_each(self, frames_by_socket: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Posts to each socket its frames, up to the first that it does not take: that one and those after it are what
        it asks for when it is back.

        As many at once as `SIDE_BY_SIDE`: a conversation has `SOCKETS_OF_ONE` at most, so all is over after two turns
        of the longest post there can be, however many of them are dead.
        """

        def post(connection_id: str) -> None:
            for frame in frames_by_socket[connection_id]:
                if not self.post(connection_id, frame):
                    return

        if len(frames_by_socket) < 2:
            for connection_id in frames_by_socket:
                post(connection_id)
            return
        with ThreadPoolExecutor(SIDE_BY_SIDE, "post") as lanes:
            # Each with the invocation's own fields, so that what it writes to the log says whose request it was.
            posts = [lanes.submit(copy_context().run, post, each) for each in frames_by_socket]
        for each in posts:
            each.result()

    def close(self, connection_id: str) -> None:
        """Ends a socket from our side; to us it is gone, whatever the gateway says."""
        self.hang_up(connection_id)
        self.remove(connection_id)

    def hang_up(self, connection_id: str) -> None:
        """Ends a socket whose browser had better come back: it asks for what it missed and brings what we lack."""
        try:
            self._gateway.delete_connection(ConnectionId=connection_id)
        except self._gateway.exceptions.GoneException:
            pass  # it was faster
        except (ClientError, BotoCoreError) as error:
            logger.error("socket not closed", error=type(error).__name__)

    def _gone(self, connection_id: str) -> None:
        """Forgets a socket, unless it is only just being opened: its browser greets us when it is open."""
        item = self._table.get(**_key(connection_id))
        if item is not None and item["opened_at"] <= self._clock() - OPENING_SECONDS:
            memory = self._memories.pop(connection_id, _Memory())
            self._forget(connection_id, item, memory.event)

    def _forget(self, connection_id: str, item: Item, event: int) -> None:
        connection = _connection(connection_id, item)
        if self._table.delete(**_key(connection_id)):
            self._crowd.leave(connection.company_id, connection.opened_at, connection.network)
        self._table.update(
            session_key(connection.company_id, connection.session_id),
            f"{_SOCKET}{connection_id}",
            "SET received = :received",
            values={":received": _received(item, event)},
            condition="attribute_exists(pk)",
        )

    def _remember(self, connection_id: str, memory: _Memory) -> None:
        if len(self._memories) >= MOST_REMEMBERED:
            self._memories.clear()
        self._memories[connection_id] = memory

    def _refuse(self, connection: RelayConnection, memory: "_Memory") -> Arrival:
        """Counts a frame that came too fast; the count ends when the socket is calm again."""
        refused = memory.refused + 1
        self._remember(connection.connection_id, replace(memory, connection=connection, refused=refused))
        first = refused == 1
        if not first and refused % arrival.REFUSALS_UNCOUNTED != 1:
            return Arrival(connection, "too_fast")
        item = self._table.update(
            _PREFIX + connection.connection_id,
            _RECORD,
            "ADD refusals :more",
            values={":more": 1 if first else arrival.REFUSALS_UNCOUNTED},
            condition="attribute_exists(pk)",
        )
        return Arrival(connection, "too_fast", int(item["refusals"]) if item else 0)

    def _sockets(self, session: Session) -> list[Item]:
        return self._table.query(session.key, prefix=_SOCKET)

    def _received_on(self, socket: Item) -> int:
        if "received" in socket:
            return int(socket["received"])
        item = self._table.get(**_key(socket["sk"].removeprefix(_SOCKET)))
        return _received(item) if item else 0


_PREFIX, _RECORD, _SOCKET = "connection#", "connection", "socket#"


def _key(connection_id: str) -> dict[str, str]:
    return {"pk": f"{_PREFIX}{connection_id}", "sk": _RECORD}


def _newest_first(sockets: Sequence[Item]) -> list[OpenSocket]:
    """Those that are open. Of a closed one only the count of its events is left."""
    still = sorted((each for each in sockets if "received" not in each), key=lambda each: -each["opened_at"])
    return [OpenSocket(each["sk"].removeprefix(_SOCKET), each.get("call_id")) for each in still]


def _connection(connection_id: str, item: Item) -> RelayConnection:
    return RelayConnection(
        connection_id,
        item["company_id"],
        item["session_id"],
        item["mode"],
        item.get("call_id"),
        _received(item),
        item["opened_at"],
        item.get("network"),
    )


def _received(item: Item, event: int = 0) -> int:
    """How far the record's socket has received all; `event` is one that is not written down yet."""
    newest = max(int(item["received"]), event)
    return min(newest, int(item["missed"]) - 1) if "missed" in item else newest
