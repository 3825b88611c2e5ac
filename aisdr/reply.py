"""The answer to a typed question on its way into the browser's socket: in pieces, once, until somebody stops it."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aisdr.agent import Agent, AnswerEvent, Done
from aisdr.answer import Answer
from aisdr.company import Company
from aisdr.connections import Connections
from aisdr.errors import Conflict, StoreBusy
from aisdr.frames import Ask, DeltaFrame, DoneFrame, Json, ShowFrame, as_json
from aisdr.kept_frames import Frames
from aisdr.session import Session
from aisdr.table import Table
from aisdr.turn import Delta, Show

DELTA_SECONDS = 0.06
"""Deltas are posted in batches: each post is a signed HTTPS call of 5 to 20 ms."""
DELTA_CHARACTERS = 8000
"""More than any model says in a batch; it keeps a delta within one 32 KB unit."""
LOOK_SECONDS = 0.5
"""How often a running answer looks whether it was stopped, and where its visitor is."""
UNHEARD_SECONDS = 10.0
"""How long an answer goes on while its visitor has no open socket; a reconnect takes less."""
RUNNING_SECONDS = 12
"""How long a question counts as being answered without another word of whoever answers it: a function that died says
none, and nobody should wait long for it."""
RENEWED_SECONDS = 4.0
STOPPED_SECONDS = 600
AWAITED_SECONDS = 15.0
"""How long somebody without a socket waits for an answer that is being written; HTTP ends after 29 seconds."""


class Replies:
    """Answers typed questions into sockets, each question once however often it comes."""

    def __init__(
        self,
        table: Table,
        connections: Connections,
        frames: Frames,
        agent: Callable[[], Agent],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._connections = connections
        self._frames = frames
        # Late, because most frames need neither index nor model.
        self._agent = agent
        self._clock = clock
        self._sleep = sleep

    def answer(self, connection_id: str, company: Company, session: Session, ask: Ask) -> None:
        """A question that is being answered is left to the one who answers it; an answered one is answered again.

        Raises: as `Agent.answer`.
        """
        kept = self._frames.under(session, _mark(ask.id))
        for frame in kept or ():
            self._connections.post(connection_id, frame)
        if kept is not None or not self._begin(session, ask.id):
            return
        finished = False
        try:
            with self._running(session, ask.id):
                self._stream(_Listener(self, connection_id, session, ask.id), company, ask)
            finished = True
        finally:
            if not finished:
                self._table.delete(session.key, _running(ask.id))  # so that asking again answers it

    def in_one_piece(self, company: Company, session: Session, question: str, question_id: str | None) -> Answer:
        """The answer for who has no socket. With an id it is the one that the socket would have got, bought once.

        Raises:
            Conflict: `answer_running`: somebody answers this question just now; ask again in a moment.
            Otherwise as `Agent.answer`.
        """
        if question_id is None:
            return _last(self._agent().answer(company, session, question))
        try:
            answer = self._kept(session, question_id)
            if answer is not None:
                return answer
            is_first = self._begin(session, question_id)
        except StoreBusy:
            # Nobody can tell whether it was asked before: one answer too many is better than none.
            return _last(self._agent().answer(company, session, question, question_id=question_id))
        if not is_first:
            return self._awaited(session, question_id)
        try:
            with self._running(session, question_id):
                answer = _last(self._agent().answer(company, session, question, question_id=question_id))
            with suppress(StoreBusy):  # an answer is worth more than its record
                self._frames.keep(session, [DoneFrame(id=question_id, answer=answer)], once=_mark(question_id))
        except BaseException:
            self._table.delete(session.key, _running(question_id))
            raise
        return answer

    def stop(self, session: Session, question_id: str) -> None:
        """Whoever is answering it, in whatever function instance, sees this within a second."""
        expires_at = int(self._clock() + STOPPED_SECONDS)
        self._table.put({"pk": session.key, "sk": _stopped(question_id), "expires_at": expires_at})

    def is_stopped(self, session: Session, question_id: str) -> bool:
        return self._table.get(session.key, _stopped(question_id)) is not None

    def post(self, connection_id: str, frame: Json) -> bool:
        return self._connections.post(connection_id, frame)

    def other_socket(self, session: Session, lost: str) -> str | None:
        return next((each for each in self._connections.of_session(session) if each != lost), None)

    def _kept(self, session: Session, question_id: str) -> Answer | None:
        frames = self._frames.under(session, _mark(question_id)) or ()
        return next((DoneFrame.model_validate(frame).answer for frame in frames if frame["type"] == "done"), None)

    def _awaited(self, session: Session, question_id: str) -> Answer:
        """What another function instance is writing, whose socket was lost."""
        waited = 0.0
        while waited < AWAITED_SECONDS:
            answer = self._kept(session, question_id)
            if answer is not None:
                return answer
            self._sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
        raise Conflict("This question is being answered; ask again in a moment", code="answer_running")

    def _begin(self, session: Session, question_id: str) -> bool:
        lease = {"pk": session.key, "sk": _running(question_id)}
        return self._table.put_new(lease | {"expires_at": int(self._clock() + RUNNING_SECONDS)})

    @contextmanager
    def _running(self, session: Session, question_id: str) -> Iterator[None]:
        """Says again and again that somebody is at it, from a thread: a model may think for long and say nothing."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(RENEWED_SECONDS):
                with suppress(StoreBusy):  # the next time is soon enough
                    self._table.update(
                        session.key,
                        _running(question_id),
                        "SET expires_at = :until",
                        values={":until": int(self._clock() + RUNNING_SECONDS)},
                        condition="attribute_exists(pk)",
                    )

        renewing = threading.Thread(target=renew, name="answering", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()

    def _stream(self, listener: "_Listener", company: Company, ask: Ask) -> None:
        session = listener.session
        events = self._agent().answer(
            company, session, ask.text, channel=ask.mode, question_id=ask.id, stopped=listener.is_over
        )
        for event in events:
            match event:
                case Delta():
                    listener.say(event.text)
                case Show():
                    kept = self._frames.keep(session, [ShowFrame(id=ask.id, card=event.card)])
                    listener.show(kept.frames)
                case Done():
                    kept = self._frames.keep(session, [DoneFrame(id=ask.id, answer=event.answer)], once=_mark(ask.id))
                    listener.show(kept.frames)


@dataclass
class _Listener:
    """The visitor who waits for one answer: reachable through a socket, which may be another one in the middle."""

    replies: Replies
    connection_id: str
    session: Session
    question_id: str
    waiting: str = ""
    index: int = 0
    posted_at: float = 0.0
    looked_at: float = field(default_factory=time.monotonic)
    lost_at: float | None = None
    stopped: bool = False

    def say(self, text: str) -> None:
        self.waiting += text
        if self.lost_at is None and time.monotonic() - self.posted_at >= DELTA_SECONDS:
            self._flush()

    def show(self, frames: tuple[Json, ...]) -> None:
        """What is kept needs no second try: whoever opens a new socket asks for it."""
        for frame in frames:
            self._post(frame)

    def is_over(self) -> bool:
        """Whether nobody wants the rest. Asked at every word, and so it looks only now and then."""
        now = time.monotonic()
        if self.stopped or now - self.looked_at < LOOK_SECONDS:
            return self.stopped
        self.looked_at = now
        with suppress(StoreBusy):  # nobody can tell just now, and what is being written is paid for
            self._find_again()
            self.stopped = self.replies.is_stopped(self.session, self.question_id)
        unheard = self.lost_at is not None and now - self.lost_at > UNHEARD_SECONDS
        self.stopped = self.stopped or unheard
        return self.stopped

    def _flush(self) -> None:
        text = self.waiting[:DELTA_CHARACTERS]
        # The text stays until it has been posted: so the pieces have no gap when the visitor comes back.
        if self._post(as_json(DeltaFrame(id=self.question_id, index=self.index, text=text))):
            self.index, self.waiting, self.posted_at = self.index + 1, self.waiting[len(text) :], time.monotonic()

    def _post(self, frame: Json) -> bool:
        if self.replies.post(self.connection_id, frame):
            return True
        self.lost_at = self.lost_at or time.monotonic()
        return False

    def _find_again(self) -> None:
        if self.lost_at is None:
            return
        other = self.replies.other_socket(self.session, self.connection_id)
        if other is not None:
            self.connection_id, self.lost_at = other, None


def _last(events: Iterable[AnswerEvent]) -> Answer:
    return next(event.answer for event in events if isinstance(event, Done))


def _running(question_id: str) -> str:
    return f"asked#{question_id}"


def _stopped(question_id: str) -> str:
    return f"stopped#{question_id}"


def _mark(question_id: str) -> str:
    return f"answer#{question_id}"
