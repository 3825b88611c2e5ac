"""Tool calls that Tavus's own servers deliver, without the browser: who signed them, and whose call they belong to.

Source: docs.tavus.io, "LLM tool delivery" and "Tool authentication": `X-Tavus-Signature` is the lower-case hex
HMAC-SHA256 of the raw body. There is no timestamp, so a repeated delivery is answered from the record of its call id.
"""

import hashlib
import hmac
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aisdr import time_left
from aisdr.audit import ANONYMOUS, by_vendor, decided, refusals
from aisdr.company import Companies
from aisdr.errors import InvalidInput, MalformedBody, NotConfigured, NotFound, Unauthorized
from aisdr.ledger import Ledger
from aisdr.live.base import MOST_ID_CHARACTERS
from aisdr.observability import about
from aisdr.screen import Screen
from aisdr.secret import Secret
from aisdr.session import Sessions
from aisdr.strict_json import MalformedJson, read_json
from aisdr.tools.base import ToolContext, ToolResult, digest_of
from aisdr.tools.registry import ToolRegistry
from aisdr.wire import problems

ANSWER_SECONDS = 8.0
"""Tavus gives an answer ten; its face had better say that something could not be done than nothing."""


class ToolDelivery(BaseModel):
    """Tavus's body. `arguments` is JSON text; fields we do not know are Tavus's to add."""

    model_config = ConfigDict(extra="ignore")

    name: str
    arguments: str | dict[str, Any]
    conversation_id: str = Field(min_length=1, max_length=MOST_ID_CHARACTERS)
    tool_call_id: str | None = None


class Deliveries:
    """The server-to-server door to the tools."""

    def __init__(
        self,
        secret: Secret | None,
        ledger: Ledger,
        sessions: Sessions,
        companies: Companies,
        tools: ToolRegistry,
        screen: Screen,
    ) -> None:
        self._secret = secret
        self._ledger = ledger
        self._sessions = sessions
        self._companies = companies
        self._tools = tools
        self._screen = screen

    def read(self, raw: bytes, signature: str) -> ToolDelivery:
        """The call in a signed body. Raises: NotConfigured, Unauthorized, InvalidInput."""
        with refusals("tool.deliver", company_id=None, who=ANONYMOUS):
            return self._read(raw, signature)

    def _read(self, raw: bytes, signature: str) -> ToolDelivery:
        if not self._secret:
            raise NotConfigured("TAVUS_TOOL_SECRET is not set; give it the secret of the tools' HMAC authentication")
        expected = hmac.new(self._secret.get_secret_value().encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise Unauthorized("X-Tavus-Signature does not fit the body")
        try:
            return ToolDelivery.model_validate(read_json(raw))
        except MalformedJson as error:
            raise MalformedBody(f"The delivery is not valid JSON: {error}") from None
        except ValidationError as error:
            raise InvalidInput(f"The delivery is not understood: {problems(error.errors())}") from None

    def run(self, delivery: ToolDelivery) -> ToolResult:
        """Runs the call, and puts its cards before the visitor, whose browser knows nothing of it.

        Raises: NotFound (no call of ours), and whatever the registry refuses.
        """
        time_left.at_most(ANSWER_SECONDS)
        who = by_vendor("tavus")
        with refusals("tool.deliver", company_id=None, who=who):
            operation = self._ledger.by_conversation(delivery.conversation_id)
            if operation is None:
                raise NotFound("There is no such conversation", code="conversation_not_found")
        about(company_id=operation.company_id, session_id=operation.session_id)
        about(call_id=operation.conversation_id, mode=operation.mode)
        with refusals("tool.deliver", company_id=operation.company_id, who=who):
            session = self._sessions.get(operation.company_id, operation.session_id)
            context = ToolContext(self._companies.get(session.company_id), session, live=True)
            arguments = _arguments(delivery)
        decided("tool.deliver", "allow", company_id=operation.company_id, who=who, operation=operation.operation_id)
        known = delivery.tool_call_id or _identity(delivery)
        outcome = self._tools.run(context, known, delivery.name, arguments)
        self._screen.show(session, outcome.cards, tool_call=known, channel=operation.mode)
        return outcome


def _arguments(delivery: ToolDelivery) -> dict[str, Any]:
    try:
        arguments = read_json(delivery.arguments or "{}") if isinstance(delivery.arguments, str) else delivery.arguments
    except MalformedJson:
        arguments = None
    if not isinstance(arguments, dict):
        raise InvalidInput("'arguments' is not a JSON object", code="invalid_arguments")
    return arguments


def _identity(delivery: ToolDelivery) -> str:
    """A call without an id is known by all it says."""
    return digest_of(delivery.model_dump_json())[:32]
