"""A company with a webhook, its visitors, and the sender, under one clock."""

from typing import TYPE_CHECKING

from aisdr.company import Companies
from aisdr.configuration import Webhook
from aisdr.lead import Lead, Leads
from aisdr.outbound import Outbound
from aisdr.outbox import Message, Outbox
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.webhook import Webhooks
from tests.conftest import COMPANIES, CONVERSATIONS
from tests.material import ORIGIN, Clock, a_company
from tests.webhook_receiver import SECRET

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WebhookScene:
    """Companies with webhooks, a visitor of each, and the sender."""

    def __init__(self, client: "DynamoDBClient", clock: Clock) -> None:
        self.clock = clock
        self.companies = Companies(Table(client, COMPANIES, clock))
        self.table = Table(client, CONVERSATIONS, clock)
        self.outbox = Outbox(self.table, clock)
        self.leads = Leads(self.table, clock)
        self.monotonic = Clock(0)
        self.sender = Webhooks(self.outbox, self.companies, Outbound("webhook"), clock, self.monotonic)

    def company(self, url: str | None, company_id: str = "acme", secrets: tuple[str, ...] = (SECRET,)) -> None:
        """Stores the company anew, with or without a webhook."""
        stored = self.companies.stored(company_id)
        webhook = Webhook(url=url, secrets=secrets) if url else None
        company = a_company(company_id, webhook=webhook)
        self.companies.put(company, expected_version=stored.version if stored else 0)

    def lead(self, email: str, company_id: str = "acme") -> str:
        session = Session(f"s-{email}", company_id, ORIGIN, self.clock.now, "1")
        company = self.companies.get(company_id)
        return self.leads.add(company, session, Lead(email=email), key=email).lead_id

    def messages(self, company_id: str = "acme") -> list[Message]:
        return [*self.outbox.each(TenantScope.for_operator(company_id))]

    def message(self) -> Message:
        (message,) = self.messages()
        return message

    def wait(self, seconds: float) -> int:
        self.clock.advance(seconds)
        return self.sender.deliver_due()
