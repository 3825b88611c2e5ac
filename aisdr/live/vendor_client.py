"""What clients of paid vendors have in common: a key that may change, circuits, and what may be asked again."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import httpx

from aisdr.errors import NotConfigured, VendorDown
from aisdr.live.circuit import Circuits
from aisdr.live.retries import Retries
from aisdr.live.vendor_http import VendorHttp
from aisdr.outbound import Reply
from aisdr.secret import Secret

LOOK_SECONDS = 3.0
"""At whether a vendor who failed is back: as long as any reading may take, for who needs two seconds is back. And a
visitor waits for it: of our twelve seconds the purchase behind it may take eight."""


@dataclass(frozen=True)
class VendorPatience:
    """Seconds that an answer may take in all. Each vendor adds its own operations."""

    create: float
    look: float = LOOK_SECONDS


P = TypeVar("P", bound=VendorPatience)
T = TypeVar("T")


class VendorClient(ABC, Generic[P]):
    """One vendor's HTTP API, under one key of ours. A vendor's own client adds its words.

    `name` is what people call it, `vendor` what our records do; `key_variable` is the setting that holds the key, and
    `key_refused` the code of the error that says that there is none, or none that is taken.
    """

    name: ClassVar[str]
    vendor: ClassVar[str]
    key_variable: ClassVar[str]
    key_refused: ClassVar[str]

    def __init__(self, base_url: str, api_key: Secret | None, circuits: Circuits | None, patience: P) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._circuits = circuits
        self._patience = patience
        self._http = VendorHttp()
        self._retries = Retries()

    def key(self) -> str:
        """Raises: NotConfigured."""
        if not self._api_key:
            raise NotConfigured(f"{self.name} API key not configured: set {self.key_variable}", code=self.key_refused)
        return self._api_key.get_secret_value()

    @classmethod
    def down(cls, what: str, *, spent: bool = False) -> VendorDown:
        """It did not answer, or not in a way that one can use. `spent`: it may have sold something all the same."""
        return VendorDown(f"{cls.name} {what}", vendor=cls.vendor, retryable=not spent, outcome_unknown=spent)

    @abstractmethod
    def _look(self) -> None:
        """Whether the vendor is there, which costs nothing."""

    def _buy(self, create: Callable[[], T]) -> T:
        """Never asked again: a failure may hide a success."""
        return self._circuits.buy("create", create, look=self._look) if self._circuits else create()

    def _ask_again(self, operation: str, ask: Callable[[], T]) -> T:
        """What a visitor waits for and is harmless to repeat; not at all while its circuit is open."""
        circuits = self._circuits
        return self._retries.run(lambda: circuits.ask(operation, ask) if circuits else ask())

    def _with_the_newest_key(self, ask: Callable[[str], T]) -> T:
        """A key that is refused may have been changed: what was refused for it did not happen, and is asked again."""
        key = self.key()
        try:
            return ask(key)
        except NotConfigured as refused:
            assert self._api_key is not None
            newer = self._api_key.read_again()
            if refused.code != self.key_refused or newer in ("", key):
                raise
            return ask(newer)

    def _send(self, method: str, path: str, seconds: float, *, spends: bool = False, **request: Any) -> Reply:
        """One request, and whatever the vendor answers to it."""
        try:
            return self._http.send(method, f"{self._base_url}{path}", seconds, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self.down("cannot be reached") from error
        except httpx.HTTPError as error:
            raise self.down("did not answer cleanly", spent=spends) from error
