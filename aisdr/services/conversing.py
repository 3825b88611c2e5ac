"""The conductors of a visit: reception, calls, the relay, the agent, and the voice that reads aloud."""

from functools import cached_property
from typing import TYPE_CHECKING

from aisdr.services.tools import Tools
from aisdr.services.vendors import Vendors

if TYPE_CHECKING:
    from aisdr.agent import Agent
    from aisdr.call import Calls
    from aisdr.confirming import Confirming
    from aisdr.delivery import Deliveries
    from aisdr.kept_frames import Frames
    from aisdr.notices import Notices
    from aisdr.reception import Reception
    from aisdr.relay import Relay
    from aisdr.reply import Replies
    from aisdr.screen import Screen
    from aisdr.speech.base import Narrator
    from aisdr.speech.speeches import Speeches


class Conversing(Tools, Vendors):
    """Whoever takes part while a visitor is there."""

    @cached_property
    def reception(self) -> "Reception":
        from aisdr.network import Networks
        from aisdr.reception import Reception

        return Reception(
            self.companies,
            self.sessions,
            self.calls,
            self.transcripts,
            self.consents,
            Networks(self.settings.signing_keys),
            public_url=self.settings.public_url,
            websocket_url=self.settings.websocket_url,
        )

    @cached_property
    def calls(self) -> "Calls":
        from aisdr.call import Calls

        return Calls(
            self.vendors,
            self.ledger,
            self.sessions,
            lambda company, session: self.memory.told(company, session),
            self.described_tools,
            webhook_url=f"{self.settings.public_url}/api/tavus/webhook",
            over=lambda call, reason: self.screen.call_over(
                call.company_id, call.session_id, call.conversation_id or "", reason
            ),
        )

    @cached_property
    def notices(self) -> "Notices":
        from aisdr.notices import Notices

        return Notices(self.calls, self.ledger, self.sessions, self.transcripts, self.conversations)

    @cached_property
    def delivery(self) -> "Deliveries":
        from aisdr.delivery import Deliveries

        secret = self.settings.tavus_tool_secret
        return Deliveries(secret, self.ledger, self.sessions, self.companies, self.tools, self.screen)

    @cached_property
    def agent(self) -> "Agent":
        from aisdr.agent import Agent

        return Agent(self.knowledge, self.tools, self.transcripts, self.memory, self.models)

    @cached_property
    def frames(self) -> "Frames":
        from aisdr.kept_frames import Frames

        return Frames(self.conversations, links=self.media_links)

    @cached_property
    def replies(self) -> "Replies":
        from aisdr.reply import Replies

        return Replies(self.conversations, self.connections, self.frames, lambda: self.agent)

    @cached_property
    def relay(self) -> "Relay":
        from aisdr.relay import Relay

        return Relay(
            self.sessions,
            self.connections,
            self.frames,
            self.companies,
            self.transcripts,
            self.replies,
            lambda: self.tools,
            self.vendors,
            lambda: self.calls,
            self.screen,
            self.confirming,
        )

    @cached_property
    def screen(self) -> "Screen":
        from aisdr.screen import Screen

        return Screen(self.sessions, self.connections, self.frames, self.transcripts)

    @cached_property
    def confirming(self) -> "Confirming":
        from aisdr.confirming import Confirming

        return Confirming(
            self.companies, self.transcripts, self.screen, self.vendors, lambda: self.tools, lambda: self.calls
        )

    @cached_property
    def speeches(self) -> "Speeches":
        from aisdr.speech.allowance import Allowance
        from aisdr.speech.openai import OpenAiNarrator
        from aisdr.speech.polly import PollyNarrator
        from aisdr.speech.recordings import Recordings
        from aisdr.speech.speeches import Speeches

        narrators: tuple[Narrator, ...] = (
            PollyNarrator(self.client("polly")),
            OpenAiNarrator(self.settings.openai_base_url, self.settings.openai_api_key),
        )
        secret = next(iter(self.settings.signing_keys.values()), "")
        return Speeches(
            {narrator.name: narrator for narrator in narrators},
            Recordings(self.client("s3"), self.settings.media_bucket, secret),
            Allowance(self.conversations),
            self.usages,
        )
