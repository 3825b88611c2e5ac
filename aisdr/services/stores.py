"""What is kept in the tables: each subject's store, and what needs no more than the stores."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.config import Config

from aisdr.connections import Connections
from aisdr.crowd import Crowd
from aisdr.edge import Edge
from aisdr.services.clients import AWS, Clients
from aisdr.session import Sessions
from aisdr.table import Table
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from aisdr.company import Companies
    from aisdr.consent import Consents
    from aisdr.entrance import Entrance
    from aisdr.handover import Handovers
    from aisdr.home import Homes
    from aisdr.ingest.lease import Leases
    from aisdr.ingest.runs import Runs
    from aisdr.ingest.unread import UnreadFiles
    from aisdr.lead import Leads
    from aisdr.ledger import Ledger
    from aisdr.media_links import MediaLinks
    from aisdr.outbox import Outbox
    from aisdr.transcript import Transcripts
    from aisdr.usage import Usages

# A post to a browser takes milliseconds. Who posts to several must be through with all of them in a function's time.
_POSTS = AWS.merge(Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}))


class Stores(Clients):
    """The two tables and who writes there."""

    @cached_property
    def companies(self) -> "Companies":
        from aisdr.company import Companies

        return Companies(Table(self.dynamodb, self.settings.companies_table))

    @cached_property
    def conversations(self) -> Table:
        return Table(self.dynamodb, self.settings.conversations_table)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.conversations, self.settings.signing_keys)

    @cached_property
    def edge(self) -> Edge:
        return Edge(self.settings.edge_keys)

    @cached_property
    def ledger(self) -> "Ledger":
        from aisdr.ledger import Ledger

        return Ledger(self.conversations)

    @cached_property
    def transcripts(self) -> "Transcripts":
        from aisdr.transcript import Transcripts

        return Transcripts(self.conversations)

    @cached_property
    def leads(self) -> "Leads":
        from aisdr.lead import Leads

        return Leads(self.conversations)

    @cached_property
    def handovers(self) -> "Handovers":
        from aisdr.handover import Handovers

        return Handovers(self.conversations)

    @cached_property
    def consents(self) -> "Consents":
        from aisdr.consent import Consents

        return Consents(self.conversations)

    @cached_property
    def outbox(self) -> "Outbox":
        from aisdr.outbox import Outbox

        return Outbox(self.conversations)

    @cached_property
    def usages(self) -> "Usages":
        from aisdr.usage import Usages

        return Usages(self.conversations)

    @cached_property
    def homes(self) -> "Homes":
        from aisdr.home import FIRST, Home, Homes

        def has_file(scope: TenantScope) -> bool:
            from aisdr.index.embedded_files import file_of

            return file_of(Path(self.settings.index_dir), scope, FIRST.label).exists()

        settings = self.settings
        new = Home(settings.search_engine, settings.embedder, settings.picture_embedder)
        return Homes(Table(self.dynamodb, settings.companies_table), new, has_file)

    @cached_property
    def leases(self) -> "Leases":
        """Who ingests for a company now: operators and the function that does write here, so both see each other."""
        from aisdr.ingest.lease import Leases

        return Leases(self.conversations)

    @cached_property
    def ingestion_runs(self) -> "Runs":
        from aisdr.ingest.runs import Runs

        return Runs(self.conversations)

    @cached_property
    def unread_files(self) -> "UnreadFiles":
        from aisdr.ingest.unread import UnreadFiles

        return UnreadFiles(self.conversations)

    @cached_property
    def media_links(self) -> "MediaLinks":
        from aisdr.media_links import MediaLinks

        return MediaLinks(self.settings.public_url, self.settings.media_keys)

    @cached_property
    def connections(self) -> Connections:
        address = self.settings.connections_endpoint
        gateway = self.client("apigatewaymanagementapi", endpoint_url=address, config=_POSTS)
        most, of_a_network = self.settings.most_sockets, self.settings.network_sockets
        crowd = Crowd(self.conversations, most, most_of_a_network=of_a_network)
        return Connections(self.conversations, gateway, crowd=crowd)

    @cached_property
    def entrance(self) -> "Entrance":
        from aisdr.entrance import Entrance
        from aisdr.network import Networks

        return Entrance(self.sessions, self.connections, Networks(self.settings.signing_keys))
