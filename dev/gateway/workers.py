"""Runs the Lambda functions: loads a handler as AWS does and invokes it in a thread of its function."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

logger = logging.getLogger("gateway")

REGION = "us-east-1"
ACCOUNT = "000000000000"
PAYLOAD_BYTES = 6 * 1024 * 1024  # of a synchronous invocation, for the event and for the result


class LambdaFunction(Protocol):
    """What the gateway reads of an entry of `functions.FUNCTIONS`."""

    @property
    def name(self) -> str: ...
    @property
    def routes(self) -> tuple[str, ...]: ...
    @property
    def schedule_minutes(self) -> int | None: ...
    @property
    def handler(self) -> str: ...


class Runners(Protocol):
    """Whatever runs the functions."""

    async def invoke(self, function: LambdaFunction, event: dict[str, Any], seconds: float) -> Any:
        """Raises: PayloadTooLargeError, FunctionError, FunctionTimeoutError."""
        ...

    def close(self) -> None: ...


class PayloadTooLargeError(Exception):
    """The event is larger than Lambda accepts; the function was not invoked."""


class FunctionError(Exception):
    """The function could not be loaded, raised, or returned what JSON cannot carry. The cause is in the log."""


class FunctionTimeoutError(FunctionError):
    """The caller stopped waiting. As on AWS, the function may still be at work."""


@dataclass(frozen=True)
class LambdaContext:
    """The second argument of a handler."""

    function_name: str
    deadline: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "1024"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self.deadline - time.monotonic()) * 1000))


class Workers:
    """Every function with its threads: a thread plays a Lambda environment, which serves one event at a time."""

    def __init__(self, functions: Iterable[LambdaFunction], *, environments: int = 8) -> None:
        self._pools = {
            function.name: ThreadPoolExecutor(environments, function.name, initializer=_give_the_thread_an_event_loop)
            for function in functions
        }

    async def invoke(self, function: LambdaFunction, event: dict[str, Any], seconds: float) -> Any:
        payload = json.dumps(event)
        if len(payload) > PAYLOAD_BYTES:
            raise PayloadTooLargeError(function.name)
        context = LambdaContext(function.name, time.monotonic() + seconds)
        work = self._pools[function.name].submit(call, function.handler, payload, context)
        try:
            result = await asyncio.wait_for(asyncio.wrap_future(work), seconds)
        except TimeoutError as error:
            logger.error("%s did not answer within %.1f s", function.name, seconds)
            raise FunctionTimeoutError(function.name) from error
        return json.loads(result)

    def close(self) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def load(handler: str) -> Any:
    """`import_module`, as AWS's runtime does it: the folder of a function may have a hyphen in its name."""
    module, _, name = handler.rpartition(".")
    return getattr(import_module(module), name)


def _give_the_thread_an_event_loop() -> None:
    # Mangum takes the current loop of its thread, and only the main thread has one by itself.
    asyncio.set_event_loop(asyncio.new_event_loop())


def call(handler: str, payload: str, context: LambdaContext) -> str:
    """Event and result travel as JSON, so that no function can share an object with the gateway or with another."""
    try:
        result = json.dumps(load(handler)(json.loads(payload), context))
    except (Exception, SystemExit) as error:  # the border of somebody else's code: Lambda too survives all of it
        logger.exception("%s failed (request %s)", context.function_name, context.aws_request_id)
        raise FunctionError(context.function_name) from error
    if len(result) > PAYLOAD_BYTES:
        logger.error("%s returned %d bytes, Lambda allows %d", context.function_name, len(result), PAYLOAD_BYTES)
        raise FunctionError(context.function_name)
    return result
