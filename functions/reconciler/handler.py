"""Reconciler: every minute, ends overdue calls, finishes what was agreed to, closes conversations, sends what waits."""

import time
from collections.abc import Callable
from typing import Any

from aisdr.observability import begin, logger
from aisdr.services import services

AHEAD_SECONDS = 55.0
"""So far ahead a run looks for calls to end; then the next one is about to begin."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """EventBridge schedule. Returns how much of each was done.

    A step that fails is logged and does not keep the others from their turn; the run fails at the end, for the alarm.
    """
    begin(event, context)
    began = time.monotonic()
    steps: dict[str, Callable[[], int]] = {
        "calls": lambda: services().calls.reconcile(),
        # Before conversations close, so that their messages name the leads that were agreed to in them.
        "confirmations": lambda: services().writing_tools.carry_out_abandoned(services().companies),
        "conversations": lambda: services().closing.close_due(),
        "erasures": lambda: services().erasure.sweep_due(),
        "messages": lambda: services().webhooks.deliver_due(),
        "documents": lambda: services().documents.follow(),
        # Last, because it waits for them.
        "ends": lambda: services().calls.end_on_time(began + AHEAD_SECONDS - time.monotonic()),
    }
    done: dict[str, int] = {}
    failures: list[Exception] = []
    for name, step in steps.items():
        try:
            done[name] = step()
        except Exception as error:
            logger.exception("step failed", step=name)
            failures.append(error)
    if failures:
        raise ExceptionGroup("steps of the reconciler failed", failures)
    return done
