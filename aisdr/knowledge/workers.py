"""Threads for work that somebody waits for only so long.

Nobody can end a thread from outside, so a late one is left behind and ends by its own timeout. Who ignores that is
counted, and from a certain number on nothing more is begun for him: threads neither pile up nor queue behind him.
"""

import threading
import time
from collections.abc import Callable, Hashable
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

GRACE_SECONDS = 0.25
"""A timeout of one's own ends a little after the deadline."""
MOST_OVERDUE = 4
MOST = 512


class Late(Exception):
    """Nothing came in time."""


class Stuck(Exception):
    """`MOST_OVERDUE` of the same lane should have ended long ago; nothing was begun."""


class Full(Exception):
    """There are as many threads as there may be; nothing was begun."""


@dataclass(eq=False)
class _Task:
    until: float


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    value: T | None = None
    error: Exception | None = None


class Workers:
    """Begins each piece of work in a thread of its own, which takes 30 µs and leaves nothing idle behind.

    The threads are daemons: one that hangs does not keep a process from ending. A lane is who the work depends on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[Hashable, set[_Task]] = {}
        self._count = 0

    def start(self, lane: Hashable, work: Callable[[], None], until: float) -> None:
        """Begins `work`, which must not raise and should end by `until` on the monotonic clock.

        Raises:
            Stuck, Full.
        """
        task = _Task(until)
        with self._lock:
            at_it = self._lanes.get(lane, set())
            overdue_before = time.monotonic() - GRACE_SECONDS
            if sum(each.until < overdue_before for each in at_it) >= MOST_OVERDUE:
                raise Stuck
            if self._count >= MOST:
                raise Full
            self._lanes.setdefault(lane, at_it).add(task)
            self._count += 1
        try:
            # What the invocation says of itself goes along: for the log, and for the vendors who are asked.
            arguments = [self._run, lane, task, work]
            threading.Thread(target=copy_context().run, args=arguments, name="search", daemon=True).start()
        except RuntimeError as error:  # the machine gives no more threads
            self._end(lane, task)
            raise Full from error

    def call(self, lane: Hashable, work: Callable[[], T], timeout: float) -> T:
        """What `work` returns, waited for at most `timeout` seconds.

        Raises:
            Late, Stuck, Full, or whatever `work` raises.
        """
        return self.begin(lane, work, timeout)(timeout)

    def begin(self, lane: Hashable, work: Callable[[], T], timeout: float) -> Callable[[float], T]:
        """Begins `work`; what comes back waits for its result so many seconds, once.

        Raises:
            Stuck, Full; and the waiting Late, or whatever `work` raises.
        """
        outcomes: SimpleQueue[_Outcome[T]] = SimpleQueue()

        def run() -> None:
            try:
                outcome = _Outcome(value=work())
            except Exception as error:
                outcome = _Outcome(error=error)
            outcomes.put(outcome)

        def result(patience: float) -> T:
            try:
                outcome = outcomes.get(timeout=max(0.0, patience))
            except Empty:
                raise Late from None
            if outcome.error is not None:
                raise outcome.error
            return outcome.value  # type: ignore[return-value]  # it is what `work` returned

        self.start(lane, run, time.monotonic() + timeout)
        return result

    def _run(self, lane: Hashable, task: _Task, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._end(lane, task)

    def _end(self, lane: Hashable, task: _Task) -> None:
        with self._lock:
            at_it = self._lanes[lane]
            at_it.discard(task)
            self._count -= 1
            if not at_it:
                del self._lanes[lane]
