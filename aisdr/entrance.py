"""The entrance of the relay: a socket is let in for a ticket, and forgotten when it leaves.

A file of its own, because a visitor waits for it when a function has just started: it needs neither the frames nor
what answers them.
"""

from aisdr.audit import ANONYMOUS, by_session, decided, refusals
from aisdr.connections import Connections
from aisdr.network import Networks
from aisdr.observability import about, logger
from aisdr.session import Sessions


class Entrance:
    """Who may open a socket."""

    def __init__(self, sessions: Sessions, connections: Connections, networks: Networks) -> None:
        self._sessions = sessions
        self._connections = connections
        self._networks = networks

    def enter(self, connection_id: str, ticket: str, origin: str | None, address: str | None = None) -> None:
        """`address` is where the visitor is on the internet, as far as it is known.

        Raises: Unauthorized, LimitReached (no more sockets of this company, or of this network).
        """
        with refusals("ticket.redeem", company_id=None, who=ANONYMOUS):
            entry = self._sessions.redeem(ticket, origin or "")
        about(company_id=entry.session.company_id, session_id=entry.session.session_id, call_id=entry.call_id)
        who = by_session(entry.session.session_id)
        decided("ticket.redeem", "allow", company_id=entry.session.company_id, who=who, mode=entry.mode)
        with refusals("rate.check", company_id=entry.session.company_id, who=who, what="sockets"):
            self._connections.add(connection_id, entry, self._networks.known(entry.session.company_id, address))
        logger.info("relay connected", company_id=entry.session.company_id, session_id=entry.session.session_id)

    def leave(self, connection_id: str) -> None:
        self._connections.remove(connection_id)
