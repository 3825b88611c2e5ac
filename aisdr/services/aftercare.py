"""What is done when visitors are gone: closing, telling webhooks, and forgetting."""

from functools import cached_property
from typing import TYPE_CHECKING

from aisdr.services.conversing import Conversing
from aisdr.table import Table

if TYPE_CHECKING:
    from aisdr.closing import Closing
    from aisdr.erasure import Erasure
    from aisdr.forgetting import Forgetting
    from aisdr.removal import Removal
    from aisdr.webhook import Webhooks


class Aftercare(Conversing):
    """Whoever sees to conversations and companies that are over."""

    @cached_property
    def closing(self) -> "Closing":
        from aisdr.closing import Closing

        return Closing(
            self.sessions,
            self.companies,
            self.transcripts,
            self.leads,
            self.handovers,
            self.memory,
            self.conversations,
        )

    @cached_property
    def webhooks(self) -> "Webhooks":
        from aisdr.outbound import Outbound
        from aisdr.webhook import Webhooks

        return Webhooks(self.outbox, self.companies, Outbound("webhook"))

    @cached_property
    def erasure(self) -> "Erasure":
        from aisdr.erasure import Erasure

        return Erasure(self.sessions, self.companies, self.calls, self.conversations)

    @cached_property
    def forgetting(self) -> "Forgetting":
        """For an operator whom a visitor has asked to be forgotten."""
        from aisdr.forgetting import Forgetting

        return Forgetting(
            self.conversations,
            self.sessions,
            self.erasure,
            lambda prefix, dry_run: self._empty(self.settings.media_bucket, prefix, dry_run),
        )

    @cached_property
    def removal(self) -> "Removal":
        """For an operator who takes a company away."""
        from aisdr.removal import Removal, Stores

        stores = Stores(
            companies_table=Table(self.dynamodb, self.settings.companies_table),
            conversations=self.conversations,
            companies=self.companies,
            homes=self.homes,
            place_at=self.place_at,
            calls=self.calls,
            ledger=self.ledger,
            documents=self.documents if self.settings.tavus_api_key else None,
            empty=self._empty,
            media_bucket=self.settings.media_bucket,
            knowledge_bucket=self.settings.knowledge_bucket,
        )
        return Removal(stores)

    def _empty(self, bucket: str, prefix: str, dry_run: bool) -> int:
        from aisdr.ingest.emptying import empty

        return empty(self.client("s3"), bucket, prefix, dry_run=dry_run)
