"""The edge: the distribution that stands before every door on AWS, with the firewall that counts requests.

API Gateway's own addresses stay on the internet, and no firewall can be set on an HTTP or WebSocket API. So the
distribution adds a header that only it and we know, and what comes without it went round the firewall.
"""

import hmac
from collections.abc import Mapping

from aisdr.errors import Forbidden

HEADER = "x-aisdr-edge"


class Edge:
    """Lets in what came through the distribution; without keys, as on a laptop, everybody.

    Args:
        keys: all of them are accepted, so that the distribution can take a new one while functions run.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys

    def check(self, given: str | None) -> None:
        """Raises: Forbidden, NotConfigured."""
        keys = list(self._keys.values())
        came = [hmac.compare_digest(key.encode(), (given or "").encode()) for key in keys]
        if keys and not any(came):
            raise Forbidden("This address is not for visitors; use the public one", code="not_at_the_edge")

    def address(self, forwarded: str, peer: str | None) -> str | None:
        """The visitor's own address, as far as it can be believed; None when nobody has written it down.

        Behind the distribution API Gateway meets the distribution only, which has put down whom it met: the last entry
        but one. Whatever stands further to the left a visitor may have written.

        Args:
            forwarded: the header `X-Forwarded-For` as a function gets it; API Gateway has added `peer` at its end.
            peer: who opened the connection.
        """
        if not self._keys:
            return peer
        met = [each.strip() for each in forwarded.split(",")]
        return met[-2] if len(met) > 1 else None
