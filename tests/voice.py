"""The OpenAI look-alike at its address, as the vendor of voice: what it was asked, its calls, what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from aisdr.live.openai_realtime import OpenAiVoice
from aisdr.live.openai_realtime_api import RealtimeClient
from aisdr.secret import Secret
from dev.openai import create_app
from dev.serve import serving

KEY = "sk-of-these-tests"
PRICE = 0.12
OFFER = (Path(__file__).parent / "data" / "voice-offer.sdp").read_bytes().decode()
"""What a browser offers, with its line breaks. Nobody is at its addresses."""


class OpenAi:
    """One running look-alike."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1"
        self._control = httpx.Client(base_url=f"{url}/_lookalike", timeout=20)

    def voice(self, key: str | None = KEY) -> OpenAiVoice:
        return OpenAiVoice(RealtimeClient(self.url, Secret(key) if key else None), PRICE)

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._control.get("/calls").json()
        return found

    def running(self) -> int:
        return sum(call["state"] != "closed" for call in self.calls())

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The requests to such a path, oldest first."""
        requests: list[dict[str, Any]] = self._control.get("/requests").json()
        return [each for each in requests if each["path"].startswith(path)]

    def fault(self, kind: str, **fault: Any) -> None:
        """The next call goes wrong; see `dev.openai.faults.Fault`."""
        self._control.post("/faults", json={"kind": kind} | fault).raise_for_status()

    def reset(self) -> None:
        self._control.post("/reset").raise_for_status()


@contextmanager
def running_openai() -> Iterator[OpenAi]:
    with serving(create_app(key=KEY)) as url:
        yield OpenAi(url)
