"""The vendors of live calls, Tavus and OpenAI Realtime, with the circuits that spare them and us."""

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aisdr.services.stores import Stores

if TYPE_CHECKING:
    from aisdr.configuration import Mode
    from aisdr.live.base import LiveVendor
    from aisdr.live.openai_realtime import OpenAiVoice
    from aisdr.live.tavus import TavusVideo
    from aisdr.live.tavus_api import TavusClient
    from aisdr.live.tavus_documents import TavusDocuments


class Vendors(Stores):
    """Who runs voice and video, and keeps documents for video."""

    @cached_property
    def tavus(self) -> "TavusClient":
        from aisdr.live.circuit import Circuits
        from aisdr.live.tavus_api import KEY_REFUSED, VENDOR, TavusClient

        circuits = Circuits(self.conversations, VENDOR, KEY_REFUSED)
        return TavusClient(self.settings.tavus_api_url, self.settings.tavus_api_key, circuits)

    @cached_property
    def documents(self) -> "TavusDocuments":
        from aisdr.live.tavus_documents import TavusDocuments

        deployment = urlsplit(self.settings.public_url).netloc
        return TavusDocuments(self.tavus, self.conversations, deployment=deployment)

    @cached_property
    def video(self) -> "TavusVideo":
        from aisdr.live.tavus import TavusVideo

        return TavusVideo(self.tavus, self.settings.room_hosts, self.settings.tavus_minute_price)

    @cached_property
    def voice(self) -> "OpenAiVoice":
        from aisdr.live.circuit import Circuits
        from aisdr.live.openai_realtime import OpenAiVoice
        from aisdr.live.openai_realtime_api import KEY_REFUSED, VENDOR, RealtimeClient

        circuits = Circuits(self.conversations, VENDOR, KEY_REFUSED)
        client = RealtimeClient(self.settings.openai_base_url, self.settings.openai_api_key, circuits)
        return OpenAiVoice(client, self.settings.voice_minute_price)

    @cached_property
    def vendors(self) -> "dict[Mode, LiveVendor]":
        """Who runs the live calls of each mode."""
        return {"voice": self.voice, "video": self.video}
