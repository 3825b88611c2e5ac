"""The Tavus look-alike at its address, and its control surface: what it was asked, what it bills, what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from aisdr.live.tavus import TavusVideo
from aisdr.live.tavus_api import TavusClient
from aisdr.secret import Secret
from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig

KEY = "tvsk_of_these_tests"


class Tavus:
    """One running look-alike."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = httpx.Client(base_url=f"{url}/_lookalike", timeout=10)

    def client(self, key: str | None = KEY) -> TavusClient:
        return TavusClient(self.url, Secret(key) if key else None)

    def video(
        self, key: str | None = KEY, room_hosts: tuple[str, ...] = ("*.daily.co",), price: float = 0.6
    ) -> TavusVideo:
        return TavusVideo(self.client(key), room_hosts, price)

    def conversations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._control.get("/state").json()["conversations"]
        return found

    def now(self) -> str:
        """Its own time, as its answers write it."""
        return str(self._control.get("/state").json()["now"])

    def joined(self, conversation_id: str) -> None:
        """Somebody enters the call's room, as Daily tells it."""
        payload = {"room": conversation_id, "session_id": "a-visitor"}
        self._control.post("/daily", json={"type": "participant.joined", "payload": payload}).raise_for_status()

    def running(self) -> int:
        return sum(each["status"] == "active" for each in self.conversations())

    def asked(self, method: str, path: str) -> list[dict[str, Any]]:
        """The bodies and notes of such requests, oldest first."""
        requests: list[dict[str, Any]] = self._control.get("/requests").json()
        return [each for each in requests if each["method"] == method and each["path"].startswith(path)]

    def tried(self, method: str, path: str) -> int:
        """How many such requests came, also those that a fault kept from being understood."""
        prevented: list[dict[str, str]] = self._control.get("/prevented").json()
        kept_away = sum(each["method"] == method and each["path"] == path for each in prevented)
        return int(kept_away + sum(each["path"] == path for each in self.asked(method, path)))

    def fault(self, **fault: Any) -> None:
        """The next call that fits goes wrong; see `dev.tavus.faults.Fault`."""
        self._control.post("/faults", json=fault).raise_for_status()

    def clear_faults(self) -> None:
        self._control.delete("/faults").raise_for_status()

    def happened(self, conversation_id: str, event_type: str, properties: Any) -> None:
        """What the vendor itself will say of a call when it is asked."""
        event = {"conversation_id": conversation_id, "event_type": event_type, "properties": properties}
        self._control.post("/events", json=event).raise_for_status()

    def reset(self, *, pals: bool = False) -> None:
        """Nothing has happened yet, as far as the next test can see; PALs stay unless they shall go, too."""
        self._control.post("/reset", json={"pals": pals}).raise_for_status()

    def advance(self, seconds: float) -> None:
        self._control.post("/clock", json={"advance": seconds}).raise_for_status()


@contextmanager
def running_tavus(**config: Any) -> Iterator[Tavus]:
    with serving(create_app(TavusConfig(keys=(KEY,), **config))) as url:
        yield Tavus(url)
