"""Asynchronous stories of synchronous tests."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Outcome = TypeVar("Outcome")


def lived(story: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Runs it to its end in a thread of its own.

    `asyncio.run` would leave the tests' own thread without a loop, and the handlers of other tests expect the one that
    they made when they were loaded.
    """
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, story).result()
