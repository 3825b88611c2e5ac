"""The clock: invokes functions that have `schedule_minutes`, with the event that EventBridge sends."""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from dev.gateway.workers import ACCOUNT, REGION, FunctionError, LambdaFunction, Runners

logger = logging.getLogger("gateway")

TIMEOUT_SECONDS = 60.0


async def keep_schedule(functions: Iterable[LambdaFunction], workers: Runners, *, minute_seconds: float = 60.0) -> None:
    """Runs until it is cancelled. A shorter minute lets a test, or an impatient person, see the clock at work."""
    async with asyncio.TaskGroup() as clocks:
        for function in functions:
            if function.schedule_minutes is not None:
                clocks.create_task(_repeat(function, workers, function.schedule_minutes * minute_seconds))


async def _repeat(function: LambdaFunction, workers: Runners, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + seconds, loop.time())  # on the minute, however long a run takes
        await asyncio.sleep(due - loop.time())
        try:
            await workers.invoke(function, scheduled_event(function.name), TIMEOUT_SECONDS)
        except FunctionError:
            logger.warning("%s is tried again in %.0f s", function.name, seconds)


def scheduled_event(name: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"],
        "detail": {},
    }
