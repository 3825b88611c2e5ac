"""The visitor's word on a confirm card, through whichever door it comes: carried out, shown, told to the call."""

import json
from collections.abc import Callable, Mapping

from aisdr.answer import answer_of
from aisdr.call import Calls
from aisdr.company import Companies
from aisdr.configuration import Mode
from aisdr.connections import RelayConnection
from aisdr.frames import ConfirmedFrame, KeptFrame, sends
from aisdr.live.base import LiveVendor
from aisdr.screen import Screen
from aisdr.session import Session
from aisdr.tools.base import ToolContext, ToolResult
from aisdr.tools.registry import ToolRegistry
from aisdr.transcript import Transcripts


class Confirming:
    """Does what a visitor agreed to, and lets everybody know who is in the conversation."""

    def __init__(
        self,
        companies: Companies,
        transcripts: Transcripts,
        screen: Screen,
        vendors: Mapping[Mode, LiveVendor],
        tools: Callable[[], ToolRegistry],
        calls: Callable[[], Calls],
    ) -> None:
        self._companies = companies
        self._transcripts = transcripts
        self._screen = screen
        self._vendors = vendors
        # Late, because most frames need neither.
        self._tools = tools
        self._calls = calls

    def carry_out(
        self,
        session: Session,
        confirmation_id: str,
        *,
        accept: bool,
        values: Mapping[str, str] | None = None,
        socket: RelayConnection | None = None,
    ) -> ToolResult:
        """Once, however often and through how many doors it comes. `socket` is the one that it came through, if any.

        Raises: as `ToolRegistry.confirm`.
        """
        context = ToolContext(self._companies.get(session.company_id), session)
        outcome = self._tools().confirm(context, confirmation_id, accept=accept, values=values)
        said = str(outcome.result.get("say") or outcome.result.get("message") or "")
        frames: list[KeptFrame] = [
            ConfirmedFrame(id=confirmation_id, accepted=outcome.success, cards=outcome.cards, message=said)
        ]
        mode, call_id = self._call(session, socket)
        written = said
        if call_id is not None:
            written = ""  # it comes back as an utterance
            vendor = self._vendors[mode]
            about = f"The visitor has answered the confirmation: {json.dumps(outcome.result, ensure_ascii=False)}"
            frames += sends(vendor.told(call_id, about))
            frames += sends(vendor.spoken(call_id, said)) if said else []
        answer = answer_of(outcome.cards) if outcome.cards else None
        once = f"confirmed#{confirmation_id}"
        if written or answer:
            self._transcripts.append(session, "assistant", written, channel=mode, key=once, answer=answer)
        self._screen.tell(session, frames, once, call_id)
        return outcome

    def _call(self, session: Session, socket: RelayConnection | None) -> tuple[Mode, str | None]:
        """The live call that the conversation is in: the socket's own, else the one that runs."""
        if socket is not None and socket.call_id is not None and socket.mode in self._vendors:
            return socket.mode, socket.call_id
        running = self._calls().running(session.company_id, session.session_id)
        if running is not None:
            return running.mode, running.conversation_id
        return socket.mode if socket is not None else "text", None
