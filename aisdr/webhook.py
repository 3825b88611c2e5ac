"""Sends what waits in the outbox to the companies' webhooks, in Standard Webhooks form, until they took it.

Source: github.com/standard-webhooks/standard-webhooks, spec: headers, status codes, retries.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC
from email.utils import parsedate_to_datetime

from aisdr.audit import CLOCK, Decision, decided
from aisdr.company import Companies, Company
from aisdr.errors import NotFound, VendorError
from aisdr.observability import logger
from aisdr.outbound import Outbound, Reply
from aisdr.outbox import Message, Outbox
from aisdr.signature import signed_headers

SEND_SECONDS = 10.0
RUN_SECONDS = 25.0
"""When a run stops taking new messages; with the last one still under way it ends within its minute."""
MAX_ATTEMPTS = 10
"""With the delays below the tenth comes about 21 hours after the first."""
_FIRST_DELAY, _GROWTH, _LONGEST_DELAY = 30.0, 3, 6 * 3600.0
_LONGEST_WISH = 24 * 3600.0
"""The longest `Retry-After` we obey."""
_PATIENCE = 3
"""Failures in a row after which a company's other messages wait for the next run, so that others come to their turn."""
_PER_COMPANY, _LOOKED_AT, _LANES = 50, 5000, 8


class Webhooks:
    """The sender. Companies are served side by side, the messages of one company one after another."""

    def __init__(
        self,
        outbox: Outbox,
        companies: Companies,
        outbound: Outbound,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._companies = companies
        self._outbound = outbound
        self._clock = clock
        self._monotonic = monotonic

    def deliver_due(self) -> int:
        """Sends what is due, for at most `RUN_SECONDS` and a last message. Returns how many messages were taken."""
        end = self._monotonic() + RUN_SECONDS
        queues = self._queues()
        if not queues:
            return 0
        with ThreadPoolExecutor(min(_LANES, len(queues))) as lanes:
            # Each with the run's own fields, so that what it writes to the log says which run it was.
            served = [lanes.submit(copy_context().run, self._serve, queue, end) for queue in queues]
        return sum(each.result() for each in served)

    def _queues(self) -> list[list[Message]]:
        """Due messages by company: a few of each, so that nobody's backlog hides another's message.

        In the order of what happened: the index knows whole seconds only, and a lead is made before it is completed.
        """
        queues: dict[str, list[Message]] = {}
        for looked_at, message in enumerate(self._outbox.due()):
            queue = queues.setdefault(message.company_id, [])
            if len(queue) < _PER_COMPANY:
                queue.append(message)
            if looked_at >= _LOOKED_AT:
                break
        return [sorted(queue, key=lambda message: message.created_at) for queue in queues.values()]

    def _serve(self, queue: list[Message], end: float) -> int:
        taken = failures = 0
        for message in queue:
            if self._monotonic() >= end or failures == _PATIENCE:
                break
            claimed = self._outbox.claim(message)
            if claimed is None:
                continue  # another run has it
            if self._safely_delivered(claimed):
                taken, failures = taken + 1, 0
            else:
                failures += 1
        return taken

    def _safely_delivered(self, message: Message) -> bool:
        """One message that cannot even be tried must not keep those of other companies waiting."""
        try:
            return self._deliver(message)
        except Exception as error:
            logger.exception("message not tried", message_id=message.message_id, company_id=message.company_id)
            self._failed(message, type(error).__name__, 0)
            return False

    def _deliver(self, message: Message) -> bool:
        company = self._company(message.company_id)
        if company is None or company.webhook is None:
            self._bury(message, "no webhook is configured")
            return False
        body, now = message.body.encode(), int(self._clock())
        headers = {
            "content-type": "application/json",
            "user-agent": "aisdr-webhooks/1",
            **signed_headers(company.webhook.secrets, message.message_id, now, body),
        }
        try:
            reply = self._outbound.post(company.webhook.url, body, headers, seconds=SEND_SECONDS)
        except VendorError as error:
            self._failed(message, error.message if error.retryable else error.code, 0)
            return False
        if 200 <= reply.status < 300:
            self._outbox.delivered(message)
            _sent(message, "done", "")
            logger.info(
                "message delivered",
                message_id=message.message_id,
                company_id=message.company_id,
                kind=message.kind,
                attempts=message.attempts,
            )
            return True
        if reply.status == 410:
            self._bury(message, "410 Gone")  # the receiver's way to say that it wants no more
        else:
            self._failed(message, f"status {reply.status}", self._wish(reply))
        return False

    def _company(self, company_id: str) -> Company | None:
        try:
            return self._companies.get(company_id)
        except NotFound:
            return None

    def _failed(self, message: Message, reason: str, wish: float) -> None:
        if message.attempts >= MAX_ATTEMPTS:
            self._bury(message, reason)
            return
        seconds = max(delay(message.attempts), wish)
        self._outbox.postpone(message, seconds, reason)
        logger.warning(
            "message not delivered",
            message_id=message.message_id,
            company_id=message.company_id,
            attempts=message.attempts,
            again_in=round(seconds),
            reason=reason,
        )

    def _bury(self, message: Message, reason: str) -> None:
        self._outbox.bury(message, reason)
        _sent(message, "deny", "dead")
        logger.error(
            "message dead",
            message_id=message.message_id,
            company_id=message.company_id,
            kind=message.kind,
            attempts=message.attempts,
            reason=reason,
        )

    def _wish(self, reply: Reply) -> float:
        """Seconds that the receiver asks for: `Retry-After` counts where it says that it is overloaded."""
        value = reply.headers.get("retry-after", "").strip()
        if reply.status not in (429, 503) or not value:
            return 0
        if value.isascii() and value.isdigit():
            return min(float(value), _LONGEST_WISH)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return 0
        at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(at.timestamp() - self._clock(), 0), _LONGEST_WISH)


def _sent(message: Message, decision: Decision, reason: str) -> None:
    decided(
        "webhook.send",
        decision,
        company_id=message.company_id,
        who=CLOCK,
        reason=reason,
        message=message.message_id,
        kind=message.kind,
    )


def delay(attempts: int) -> float:
    """Seconds until the next attempt after so many: ever longer, and spread by a fifth, so that crowds disperse."""
    grown: float = _FIRST_DELAY * _GROWTH ** (attempts - 1)
    return min(grown, _LONGEST_DELAY) * random.uniform(0.8, 1.2)  # noqa: S311 - only spreads the attempts  # nosec B311
