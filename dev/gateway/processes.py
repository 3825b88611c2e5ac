"""Runs the Lambda functions in processes of their own, as AWS does: no memory is shared, and all cores are used."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.gateway.workers import (
    PAYLOAD_BYTES,
    FunctionError,
    FunctionTimeoutError,
    LambdaFunction,
    PayloadTooLargeError,
)

logger = logging.getLogger("gateway")

RUNTIME = "dev.gateway.runtime"
ROOT = Path(__file__).parents[2]
_FROM_BUNDLE = """
import sys
root, runtime, line, *task = sys.argv[1:]
library = [path for path in sys.path if path and "site-packages" not in path]
sys.path[:] = [root, *library]
from importlib import import_module
serve = import_module(runtime).serve
sys.path[:] = [*task, *library]
serve(int(line))
"""
"""Once the runtime is there, nothing is found but Python's own library, the bundle and its layers."""


LINE = "LINE"


def _command(runtime: str, path: Sequence[Path] | None) -> list[str]:
    if path is None:
        return [sys.executable, "-m", runtime, LINE]
    # As on Lambda: nothing of this machine's Python leaks in, and nothing is written beside the modules.
    return [sys.executable, "-S", "-s", "-E", "-B", "-c", _FROM_BUNDLE, str(ROOT), runtime, LINE, *map(str, path)]


@dataclass
class Environment:
    """One process and the line to it."""

    process: "subprocess.Popen[bytes]"
    reader: StreamReader
    writer: StreamWriter
    ended: bool = False
    """Known by its silence: the operating system may take longer to say so."""

    async def exchange(self, request: bytes) -> Any:
        """Raises: FunctionError, also when the process has died of what it ran."""
        try:
            self.writer.write(request)
            answer = await self.reader.readline()
        except OSError as error:
            self.ended = True
            raise FunctionError("The environment is gone") from error
        if not answer:
            self.ended = True
            raise FunctionError("The environment ended by itself")
        result = json.loads(answer)
        if "result" not in result:
            raise FunctionError("The function failed")
        return json.loads(result["result"])


@dataclass
class Pool:
    """The environments of one function; the one used last is used first, so that few stay warm."""

    most: int
    command: list[str]
    """Starts one; the descriptor of its line stands where `LINE` does."""
    idle: list[Environment] = field(default_factory=list)
    all: list[Environment] = field(default_factory=list)
    free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.free = asyncio.Semaphore(self.most)


class Processes:
    """Like `Workers`, with a process where that has a thread. Started when first needed: that is a cold start."""

    def __init__(
        self,
        functions: Iterable[LambdaFunction],
        *,
        environments: int,
        runtime: str = RUNTIME,
        paths: Mapping[str, Sequence[Path]] | None = None,
    ) -> None:
        """
        Args:
            paths: by the function's name, where its modules are looked for instead of in the source tree.
        """
        self._pools = {
            function.name: Pool(environments, _command(runtime, (paths or {}).get(function.name)))
            for function in functions
        }
        self._at_work: set[asyncio.Task[Any]] = set()

    async def invoke(self, function: LambdaFunction, event: dict[str, Any], seconds: float) -> Any:
        payload = json.dumps(event)
        if len(payload) > PAYLOAD_BYTES:
            raise PayloadTooLargeError(function.name)
        request = json.dumps([function.handler, function.name, seconds, payload]).encode() + b"\n"
        # A task of its own: when the caller stops waiting, the function is still at work and its process not free.
        work = asyncio.ensure_future(self._run(self._pools[function.name], request))
        self._at_work.add(work)
        work.add_done_callback(self._at_work.discard)
        done, _ = await asyncio.wait({work}, timeout=seconds)
        if not done:
            logger.error("%s did not answer within %.1f s", function.name, seconds)
            work.add_done_callback(_forget)
            raise FunctionTimeoutError(function.name)
        return work.result()

    def close(self) -> None:
        for task in self._at_work:
            task.cancel()
        environments = [each for pool in self._pools.values() for each in pool.all]
        for environment in environments:
            # At once: a transport closes in the next round of the loop, and this one waits below.
            with suppress(OSError):  # one whose process died is closed already
                environment.writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        for environment in environments:
            try:
                environment.process.wait(5)
            except subprocess.TimeoutExpired:
                environment.process.kill()

    async def _run(self, pool: Pool, request: bytes) -> Any:
        async with pool.free:
            environment = pool.idle.pop() if pool.idle else await self._start(pool)
            try:
                return await environment.exchange(request)
            finally:
                if not environment.ended:
                    pool.idle.append(environment)

    async def _start(self, pool: Pool) -> Environment:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [str(theirs.fileno()) if part is LINE else part for part in pool.command]
            process = subprocess.Popen(  # noqa: ASYNC220 - a millisecond, now and then  # nosec B603  # our own interpreter, no shell
                command, pass_fds=[theirs.fileno()]
            )
        reader, writer = await asyncio.open_connection(sock=ours, limit=2 * PAYLOAD_BYTES)
        environment = Environment(process, reader, writer)
        pool.all.append(environment)
        return environment


def _forget(work: "asyncio.Task[Any]") -> None:
    if not work.cancelled():
        work.exception()  # nobody waits for it any more
