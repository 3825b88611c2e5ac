"""One request to a vendor: never longer than agreed, never more bytes than can be meant."""

from functools import cached_property
from typing import Any

import httpx

from aisdr import time_left
from aisdr.cutoff import CutOff
from aisdr.observability import TRACED
from aisdr.outbound import CONNECT_SECONDS, Reply

MOST_BYTES = 2 * 1024 * 1024
"""The longest answer that means something is an hour's transcript, or a hundred records: a tenth of this."""


class VendorHttp:
    """Safe to share between threads."""

    @cached_property
    def _client(self) -> httpx.Client:
        """Made when the vendor is first asked: it reads every certificate authority of the world.

        No connection is kept. One that slept between two invocations may be dead, which only shows when a create was
        sent into it; and a line can be cut in time only from its beginning (`cutoff.py`).
        """
        return httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), event_hooks=TRACED)

    def send(self, method: str, url: str, seconds: float, **request: Any) -> Reply:
        """Asks once, for so many seconds in all or what is left of our own time, however long the client waits.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout: nothing was sent.
            httpx.HTTPError: it may have been.
        """
        left = time_left.seconds_of_ours(seconds)
        if left <= 0:
            raise httpx.ConnectTimeout("no time is left to ask")
        with CutOff(left) as cut_off:
            timeout = httpx.Timeout(left, connect=min(CONNECT_SECONDS, left))
            extensions = {"trace": cut_off.watch}
            with self._client.stream(method, url, timeout=timeout, extensions=extensions, **request) as response:
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        break
                if cut_off.passed:  # an answer without a length would now look whole
                    raise httpx.ReadTimeout("the time is up")
                return Reply(response.status_code, response.headers, bytes(body[:MOST_BYTES]), len(body) <= MOST_BYTES)


def seconds_of(retry_after: str | None) -> float | None:
    """The header Retry-After, as far as it is a number; vendors of ours write no dates."""
    said = (retry_after or "").strip()
    return float(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
