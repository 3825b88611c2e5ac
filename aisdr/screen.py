"""The visitor's screen, from wherever something is put on it: kept first, then posted to every open socket."""

from collections.abc import Sequence

from aisdr.answer import Card, answer_of
from aisdr.configuration import Mode
from aisdr.connections import Connections
from aisdr.frames import EndFrame, Json, KeptFrame, ShowFrame
from aisdr.kept_frames import FOR_THE_CALL, Frames
from aisdr.session import Session, Sessions
from aisdr.tools.base import call_key
from aisdr.transcript import Transcripts


class Screen:
    """What the visitors of conversations see, whether they are looking just now or not."""

    def __init__(self, sessions: Sessions, connections: Connections, frames: Frames, transcripts: Transcripts) -> None:
        self._sessions = sessions
        self._connections = connections
        self._frames = frames
        self._transcripts = transcripts

    def show(
        self, session: Session, cards: Sequence[Card], *, tool_call: str, channel: Mode, place: str | None = None
    ) -> None:
        """Puts the cards of one tool call before the visitor, once whatever doors it came through.

        What appeared on the screen belongs to the conversation, although nobody said it.
        """
        if cards:
            answer, once = answer_of(cards), f"cards#{call_key(session, tool_call)}"
            self._transcripts.append(session, "assistant", "", channel=channel, key=once, answer=answer, place=place)
            self.tell(session, [ShowFrame(card=card) for card in cards], once)

    def end(self, session: Session, reason: str, *, call_id: str) -> None:
        """Sends the visitor out of a live call that is over."""
        self.tell(session, [EndFrame(reason=reason, call_id=call_id)], f"end#{call_id}", call_id)

    def call_over(self, company_id: str, session_id: str, call_id: str, reason: str) -> None:
        """The same for whoever knows only the names."""
        session = self._sessions.kept(company_id, session_id)
        if session is not None:  # else the visitor's data was erased, and nothing is kept any more
            self.end(session, reason, call_id=call_id)

    def tell(self, session: Session, frames: Sequence[KeptFrame], once: str, call_id: str | None = None) -> None:
        """Commands among the frames go to the sockets in the call `call_id`, the others to all of them.

        What was told before is told again, with the numbers it had, because whoever did it may have died before it was
        posted; a browser drops the numbers that it knows.
        """
        kept = self._frames.keep(session, frames, once=once, call_id=call_id)
        meant = {}
        for socket in self._connections.sockets(session):
            in_call = call_id is not None and socket.call_id == call_id
            meant[socket.connection_id] = [
                frame for frame in kept.frames if in_call or frame["type"] not in FOR_THE_CALL
            ]
        self._connections.post_to_each(meant)

    def post(self, connection_id: str, frames: Sequence[Json]) -> None:
        """To one socket alone."""
        self._connections.post_to_each({connection_id: frames})
