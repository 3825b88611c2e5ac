"""The audit stream: one record for each decision, of who wanted what of which company, and what came of it.

A record is a line of its own among the lines of the log, known by its field `audit`. It is written whatever the level
of the log is, nothing rewrites it, and it holds words from our own code and ids alone: never what somebody said or
typed, never an address, a token or a secret.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

from aisdr.errors import AisdrError
from aisdr.observability import told

POLICY = "2026-11-30"
"""Version of the rules that decide, named here alone. What a company's own configuration adds has its own version."""

Action = Literal[
    "session.create",
    "session.verify",
    "session.renew",
    "session.end",
    "consent.record",
    "ticket.issue",
    "ticket.redeem",
    "edge.check",
    "rate.check",
    "tenant.check",
    "call.reserve",
    "call.buy",
    "call.end",
    "call.settle",
    "budget.spend",
    "tool.run",
    "tool.confirm",
    "tool.deliver",
    "lead.store",
    "handover.store",
    "webhook.receive",
    "webhook.send",
    "media.sign",
    "erase",
    "operator.seed",
    "operator.export",
    "operator.ingest",
    "operator.forget",
    "operator.provision",
    "operator.reindex",
]
"""What is decided about. A decision that has no name here does not type-check."""

Decision = Literal["allow", "deny", "spend", "done"]
"""`spend`: allowed, and it costs money. `done`: something that was allowed, or was due, has come to its end."""

ACTIONS: tuple[Action, ...] = get_args(Action)

ANONYMOUS, CLOCK, OPERATOR = "anonymous", "clock", "operator"
"""Who asks: somebody whom no token or signature names, the schedule, whoever runs a command."""

_WORD = re.compile(r"[\w.:+#/-]{1,128}", re.ASCII)
"""Codes, ids and versions. Free text has spaces or signs, an address has its @; neither gets into a record."""
_REDACTED = "redacted"
_configurations: dict[str, int] = {}


def by_session(session_id: str) -> str:
    """A visitor whose token names a conversation."""
    return f"session:{session_id}"


def by_vendor(name: str) -> str:
    """A vendor's own server."""
    return f"vendor:{name}"


def whoever_asks() -> str:
    """As the invocation tells: the conversation it serves; else the clock, or outside of one an operator."""
    fields = told()
    if "request_id" not in fields:
        return OPERATOR
    return by_session(str(fields["session_id"])) if "session_id" in fields else CLOCK


def governed_by(company_id: str, version: int) -> None:
    """Which version of a company's configuration this process read last: its decisions are made by that one."""
    _configurations[company_id] = version


def decided(
    action: Action,
    decision: Decision,
    *,
    company_id: str | None,
    who: str,
    reason: str = "",
    **facts: str | int | float | bool | None,
) -> None:
    """Writes the one record of a decision.

    Args:
        company_id: the tenant; None where the decision was made before anybody knew one, as about a forged token.
        who: `by_session(...)`, `by_vendor(...)`, ANONYMOUS, CLOCK or OPERATOR.
        reason: the code of a refusal, or of the rule that let it through.
        facts: ids, counts, modes, versions. A text that is no single word is written as `redacted`.
    """
    fields = told()
    record: dict[str, str | int | float | bool | None] = {
        "audit": action,
        "decision": decision,
        "company_id": _word(company_id),
        "who": _word(who),
        "reason": _word(reason) or "",
        "policy": POLICY,
        "configuration": _configurations.get(company_id or ""),
        "at": round(time.time(), 3),
        **{name: fields.get(name) for name in ("request_id", "trace_id", "session_id", "call_id", "mode")},
        **{name: _word(value) if isinstance(value, str) else value for name, value in facts.items()},
    }
    line = json.dumps({name: value for name, value in record.items() if value is not None})
    if "request_id" in fields:
        print(f"{line}\n", end="", flush=True)  # in one write, for threads that serve side by side
    else:
        _outside(line)


@contextmanager
def refusals(
    action: Action, *, company_id: str | None, who: str, **facts: str | int | float | bool | None
) -> Iterator[None]:
    """Records the refusal that leaves the block, if one does; what lets somebody through says so itself."""
    try:
        yield
    except AisdrError as error:
        decided(action, "deny", company_id=company_id, who=who, reason=error.code, **facts)
        raise


def operators_write_to(write: Callable[[str], None]) -> None:
    """Where records go that no invocation makes: an operator's command has its own output on the standard one."""
    global _outside
    _outside = write


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_outside: Callable[[str], None] = _to_standard_error


def word(text: str) -> str:
    """A code or an id as it is. In place of what somebody may have written, that it was taken out."""
    return text if not text or _WORD.fullmatch(text) else _REDACTED


def _word(text: str | None) -> str | None:
    return text and word(text)
