"""Readers at work: each in its own process, which is ended when it is stuck and made anew when it died."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aisdr.ingest.readers.base import SourceFile
from aisdr.ingest.sandbox.messages import DOCUMENT, Finished, Job, Limits, Progress, Read

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""Of our environment; keys and tokens are none of a reader's business."""
_PART = 1 << 20


class Stuck(Exception):
    """It said nothing for too long, or has been at it for too long."""


class Died(Exception):
    """It is no more. The message says how it ended."""


class Child:
    """One reading process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        paths = [str(Path(__file__).parents[3]), *(path for path in sys.path if path)]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # Python and PyTorch-like libraries take a thread for each processor; there is one reader for each already.
        environment |= {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "OMP_NUM_THREADS": "1"}
        arguments = [str(limits.memory_bytes), str(limits.file_bytes), str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603  (our own module, no shell)  # nosec B603
            [sys.executable, "-m", f"{__package__}.child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # Ctrl-C is for us: we end it when we are ready
        )
        self._unread = bytearray()

    def read(self, job: Job, tell: Callable[[int, int], None]) -> Finished:
        """Raises: Stuck, Died."""
        assert self._process.stdin
        try:
            self._process.stdin.write(job.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise Died(self._how_it_ended()) from None
        until = time.monotonic() + self._limits.total_seconds
        while True:
            line = self._line(until)
            if line.startswith(b'{"kind":"progress"'):
                progress = Progress.model_validate_json(line)
                tell(progress.done, progress.total)
                continue
            ended = Read.model_validate_json(line)
            document = DOCUMENT.validate_json(self._line(until)) if ended.kind == "document" else None
            return Finished(document, ended.kind, ended.reason, job.spool)

    def kill(self) -> None:
        """For another thread than the one that reads: whoever reads is told by the end of the pipe, and then ends it.

        The pipe stays open: one that is closed under a waiting `select` never wakes it, and its number may be
        somebody else's file by the next `read`.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _line(self, until: float) -> bytes:
        assert self._process.stdout
        silent_until = time.monotonic() + self._limits.silent_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while (end := self._unread.find(b"\n")) < 0:
                left = min(until, silent_until) - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise Stuck
                part = os.read(self._process.stdout.fileno(), _PART)
                if not part:
                    raise Died(self._how_it_ended())
                self._unread += part
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line

    def _how_it_ended(self) -> str:
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit {code}"


class ReaderPool:
    """Reads files, as many at once as there are threads that ask.

    A child is kept for the next file: a new one takes half a second, and longer where models are loaded.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._lock = threading.Lock()
        self._closed = False

    def read(self, file: SourceFile, spool: Path, tell: Callable[[int, int], None]) -> Finished:
        """What a file says, or why it says nothing. Whatever happens to the child is a reason and no exception."""
        job = Job.of(file, spool)
        child = self._take()
        try:
            finished = child.read(job, tell)
        except Stuck:
            self._end(child)
            return Finished(None, "unreadable", "its reader was stuck and was ended; is the file broken?", spool)
        except Died as death:
            self._end(child)
            reason = f"its reader died of it ({death}): the file is broken, or needs more memory than a reader may have"
            return Finished(None, "unreadable", reason, spool)
        except ValueError:
            self._end(child)
            return Finished(None, "unreadable", "its reader did not make sense any more, and was ended", spool)
        except BaseException:
            self._end(child)
            raise
        with self._lock:
            interrupted = child not in self._all
            if not interrupted:
                self._idle.append(child)
        if interrupted:
            child.end()
        return finished

    @contextmanager
    def at_work(self) -> Iterator["ReaderPool"]:
        """Ends all children at the end of the block, those that still read as well."""
        try:
            yield self
        finally:
            with self._lock:
                self._closed = True
            self.interrupt()

    def interrupt(self) -> None:
        """Ends all children, those that still read as well; whoever waits for one is told that it died."""
        with self._lock:
            idle, self._idle = self._idle, []
            reading = self._all.difference(idle)
            self._all.clear()
        for child in reading:
            child.kill()
        for child in idle:
            child.end()

    def _take(self) -> Child:
        with self._lock:
            if self._closed:
                raise RuntimeError("the readers have gone home")
            if self._idle:
                return self._idle.pop()
            child = Child(self._limits)
            self._all.add(child)
        return child

    def _end(self, child: Child) -> None:
        with self._lock:
            self._all.discard(child)
            if child in self._idle:
                self._idle.remove(child)
        child.end()
