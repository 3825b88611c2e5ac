"""A call of a tool, run once: whatever comes again under its id gets the first one's result."""

from collections.abc import Callable

from aisdr.errors import Conflict
from aisdr.observability import logger
from aisdr.table import Table
from aisdr.tools.base import Arguments, Tool, ToolContext, ToolResult, digest_of
from aisdr.tools.caps import Caps
from aisdr.tools.confirmation import LEASE_SECONDS

RUNNING_SECONDS = 20
"""How long a second caller waits for the first one's result before it gives up."""


class Once:
    """Keeps the record of every call that ran at once, and of how many there were."""

    def __init__(self, table: Table, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._table = table
        self._caps = Caps(table, clock)
        self._clock = clock
        self._sleep = sleep

    def run(self, tool: Tool, context: ToolContext, arguments: Arguments) -> ToolResult:
        key = f"toolcall#{context.key}"
        digest = digest_of(tool.name, told(arguments))
        record = {"pk": context.session.key, "sk": key, "digest": digest}
        started = self._clock()
        # Until there is a result the record is only a lease: a call whose function died may be run again.
        if not self._table.put_new(record | {"expires_at": int(started + LEASE_SECONDS)}):
            return self._result_of_first(context, key, digest)
        self.count(tool, context)
        try:
            outcome = tool.run(context, arguments)
        except Exception:
            # Forget the call, so that asking again runs it: a result must never be a crash that is replayed for ever.
            self._table.delete(context.session.key, key)
            raise
        kept_until = context.session.kept_until(self._clock())
        self._table.put(record | {"expires_at": kept_until, "outcome": outcome.model_dump_json()})
        logger.info(
            "tool finished",
            tool=tool.name,
            company_id=context.company.company_id,
            success=outcome.success,
            ms=round((self._clock() - started) * 1000),
        )
        return outcome

    def count(self, tool: Tool, context: ToolContext) -> None:
        """A repeated call is no other call, so what is counted was new; refused, it leaves nothing behind."""
        try:
            self._caps.count(context.session, tool.name, writes=tool.writes)
        except Exception:
            self._table.delete(context.session.key, f"toolcall#{context.key}")
            raise

    def _result_of_first(self, context: ToolContext, key: str, digest: str) -> ToolResult:
        waited = 0.0
        while waited < RUNNING_SECONDS:
            item = self._table.get(context.session.key, key)
            if item is not None and item["digest"] != digest:
                raise reused()
            if item is not None and "outcome" in item:
                return ToolResult.model_validate_json(item["outcome"])
            self._sleep(0.1)
            waited += 0.1
        raise Conflict("The same tool call is still running", code="call_running")


def told(arguments: Arguments) -> str:
    """As JSON text, without what was not said."""
    return arguments.model_dump_json(by_alias=True, exclude_none=True)


def reused() -> Conflict:
    return Conflict("This call id was used for another tool call; make a new one", code="call_id_conflict")
