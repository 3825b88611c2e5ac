"""One logger for all functions: JSON lines with fields, never a token, a whole event or what a visitor said.

Each line says whose request was served: a door calls `begin`, and whoever learns more of it says so with `about`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger

from aisdr.redaction import record
from aisdr.trace import HEADER, trace_id_of, traceparent


def _written(fields: Mapping[str, Any]) -> str:
    """One line of ASCII, so that nothing in it can end it or move a cursor."""
    return json.dumps(record(fields), default=str)


logger = Logger(service="aisdr", serialize_stacktrace=False, json_serializer=_written)


def begin(event: Mapping[str, Any], context: Any) -> None:
    """An invocation begins: what the last one said of itself is forgotten.

    Args:
        event: of an HTTP API, a WebSocket API or the clock; the browser's `traceparent` may be among its headers.
        context: Lambda's, whose id stands in where the event has none.
    """
    given = (event.get("requestContext") or {}).get("requestId") or getattr(context, "aws_request_id", None)
    logger.thread_safe_clear_keys()
    about(request_id=given or "none", trace_id=trace_id_of((event.get("headers") or {}).get(HEADER)))


def follow(traceparent: str | None) -> None:
    """The browser named the trace inside of the event. What is not as the standard has it begins another one."""
    if traceparent is not None:
        about(trace_id=trace_id_of(traceparent))


def about(**fields: str | None) -> None:
    """From here on every line of this invocation has these fields: company_id, session_id, call_id, mode."""
    logger.thread_safe_append_keys(**{name: value for name, value in fields.items() if value is not None})


@contextmanager
def only_about(**fields: str | None) -> Iterator[None]:
    """The same for one of many that an invocation looks after."""
    before = logger.thread_safe_get_current_keys()
    about(**fields)
    try:
        yield
    finally:
        logger.thread_safe_clear_keys()
        logger.thread_safe_append_keys(**before)


def told() -> dict[str, Any]:
    """The fields of this invocation; empty outside of one, as in an operator's command."""
    return logger.thread_safe_get_current_keys()


def pass_on(request: Any) -> None:
    """httpx's hook: a call that leaves for a vendor or a company belongs to the trace that made it."""
    trace_id = told().get("trace_id")
    if trace_id:
        request.headers[HEADER] = traceparent(trace_id)


TRACED = {"request": [pass_on]}
"""`event_hooks` of every HTTP client that leaves the house."""
