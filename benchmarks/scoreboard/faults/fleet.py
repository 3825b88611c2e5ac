"""Environments of one function during an outage of Tavus: visitors come, wait, are refused, and are served again."""

import heapq
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal, cast

import boto3
import httpx

from aisdr.errors import AisdrError, LeftAlone
from aisdr.live.circuit import Circuits
from aisdr.live.tavus_api import KEY_REFUSED, VENDOR, TavusClient
from aisdr.live.vendor_http import VendorHttp
from aisdr.observability import logger
from aisdr.outbound import Reply
from aisdr.secret import Secret
from aisdr.table import Table
from aisdr.table.schema import table_definition
from dev.environments import Environment, circuits_go_by

Outage = Literal["fails", "hangs", "refuses", "nonsense", "limps"]
"""What happens to who asks meanwhile. One that limps hangs, and is slow when it is back."""
BEGINS, OUTAGE_SECONDS, AFTER_SECONDS = 10.0, 60.0, 40.0
PAUSE_SECONDS = 2.0
"""Between two visitors of one environment, on average."""
CREATE_SECONDS, LOOK_SECONDS, REFUSAL_SECONDS = 1.2, 0.2, 0.1
SLOW_LOOK_SECONDS = 2.0
_EPOCH = 1_800_000_000.0


def a_store() -> Table:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(**table_definition("conversations", with_open_index=True))
    return Table(dynamodb, "conversations")


class Fleet:
    """`run` once; then the figures stand."""

    def __init__(self, store: Table, outage: Outage, environments: int, seed: int) -> None:
        self.now = 0.0
        self.offered_again = 0.0
        """Seconds after the outage at which the last visitor was still refused."""
        self.paid_during_outage: Counter[int] = Counter()
        self.probes = 0
        self.most_probes = 0
        self.outcomes: Counter[str] = Counter()
        self._outage = outage
        self._chance = random.Random(seed)  # noqa: S311 - which visitors come when
        self._probing = 0
        self._busy: set[int] = set()
        random.seed(seed)  # the environments' own jitter
        self._environments = [Environment(Circuits(store, VENDOR, KEY_REFUSED)) for _ in range(environments)]
        self._clients = [self._client(number) for number in range(environments)]
        self._coming: list[tuple[float, int]] = []

    def run(self) -> None:
        level = logger.log_level
        logger.setLevel("CRITICAL")
        try:
            with circuits_go_by(lambda: _EPOCH + self.now):
                for number in range(len(self._environments)):
                    self._comes_again(number)
                self.pass_time(BEGINS + OUTAGE_SECONDS + AFTER_SECONDS)
        finally:
            logger.setLevel(level)

    def pass_time(self, seconds: float) -> None:
        """Whoever comes meanwhile is served meanwhile."""
        until = self.now + seconds
        while self._coming and self._coming[0][0] <= until:
            at, number = heapq.heappop(self._coming)
            self.now = max(self.now, at)
            if number in self._busy:  # an environment serves one at a time; the next waits at another's door
                self._comes_again(number)
            else:
                self._visit(number)
        self.now = max(self.now, until)

    @property
    def is_out(self) -> bool:
        return BEGINS <= self.now < BEGINS + OUTAGE_SECONDS

    def _comes_again(self, number: int) -> None:
        heapq.heappush(self._coming, (self.now + self._chance.expovariate(1 / PAUSE_SECONDS), number))

    def _visit(self, number: int) -> None:
        self._busy.add(number)
        began = self.now
        try:
            self._environments[number].live(lambda _: self._clients[number].create_conversation({"face_id": "r1"}))
        except AisdrError as error:
            self.outcomes["left alone" if isinstance(error, LeftAlone) else "failed"] += 1
            ended = BEGINS + OUTAGE_SECONDS
            if began >= ended:
                self.offered_again = max(self.offered_again, began - ended)
        else:
            self.outcomes["sold"] += 1
        self._busy.discard(number)
        self._comes_again(number)

    def _client(self, number: int) -> TavusClient:
        client = TavusClient("https://tavus.example", Secret("tvsk"), self._environments[number].circuits)
        client._http = cast(VendorHttp, _Wire(self, number))
        return client

    def asked(self, number: int, method: str, seconds: float) -> Reply:
        """One request on the wire to Tavus."""
        looks = method == "GET"
        self.probes += looks
        self._probing += looks
        self.most_probes = max(self.most_probes, self._probing)
        try:
            if not self.is_out:
                look = SLOW_LOOK_SECONDS if self._outage == "limps" else LOOK_SECONDS
                self._answers_within(seconds, look if looks else CREATE_SECONDS)
                return _reply(200, b'{"conversation_id": "c1", "conversation_url": "https://x.daily.co/c1"}')
            self.paid_during_outage[number] += not looks
            return self._down(seconds)
        finally:
            self._probing -= looks

    def _answers_within(self, patience: float, seconds: float) -> None:
        self.pass_time(min(patience, seconds))
        if seconds > patience:
            raise httpx.ReadTimeout("too late")

    def _down(self, seconds: float) -> Reply:
        match self._outage:
            case "hangs" | "limps":
                self.pass_time(seconds)
                raise httpx.ReadTimeout("nothing comes")
            case "refuses":
                self.pass_time(REFUSAL_SECONDS)
                raise httpx.ConnectError("nobody there")
            case "fails":
                self.pass_time(REFUSAL_SECONDS)
                return _reply(503, b"<h1>Service unavailable</h1>")
            case "nonsense":
                self.pass_time(REFUSAL_SECONDS)
                return _reply(200, b"<h1>We will be back soon</h1>")


class _Wire:
    """Stands where the client's HTTP is, and belongs to one environment."""

    def __init__(self, fleet: Fleet, number: int) -> None:
        self._fleet, self._number = fleet, number

    def send(self, method: str, url: str, seconds: float, **request: Any) -> Reply:
        return self._fleet.asked(self._number, method, seconds)


def _reply(status: int, body: bytes) -> Reply:
    headers: Mapping[str, str] = {}
    return Reply(status, headers, body, complete=True)
