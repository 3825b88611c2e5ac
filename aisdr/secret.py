"""Secrets that AWS Secrets Manager keeps: read when they are first used, and again every five minutes.

So none of them stands in a function's configuration, a function pays only for those that it uses, and a new value is in
use everywhere five minutes after it was stored. A secret without a value counts as absent, like an empty variable.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session

from aisdr.errors import NotConfigured
from aisdr.observability import logger

BELIEVED_SECONDS = 300.0
RETRY_SECONDS = 10.0
"""A store that failed is not asked again so soon where the last good value goes on."""
_CLIENT = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
_EMPTY = "ResourceNotFoundException"


class SecretStore:
    """Secrets Manager, for this process. Safe to share between threads.

    Args:
        session: the process's session; one of its own when it is first needed otherwise.
        clock: seconds.
    """

    def __init__(self, session: Session | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._client: Any = None
        self._known: dict[str, tuple[float, str]] = {}
        self._doubted: dict[str, float] = {}

    def read(self, arn: str) -> str:
        """The value as it was at most `BELIEVED_SECONDS` ago, or the last good one; empty when there is none yet.

        Raises:
            NotConfigured: it was never read, and cannot be read now.
        """
        with self._lock:
            believed_until, value = self._known.get(arn, (0.0, ""))
            if arn in self._known and self._clock() < believed_until:
                return value
            try:
                value, seconds = self._fetch(arn), BELIEVED_SECONDS
            except (ClientError, BotoCoreError) as error:
                reason = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
                logger.error("secret not read", secret=arn, error=reason)
                if arn not in self._known:
                    raise NotConfigured(f"The secret {arn} cannot be read ({reason})") from error
                seconds = RETRY_SECONDS
            self._known[arn] = (self._clock() + seconds, value)
            return value

    def read_again(self, arn: str) -> str:
        """The value as it is now, for whoever was refused with the one that was believed; asked for every ten seconds
        at most.

        Raises: as `read`.
        """
        with self._lock:
            if arn in self._known and self._clock() >= self._doubted.get(arn, -RETRY_SECONDS) + RETRY_SECONDS:
                self._doubted[arn] = self._clock()
                self._known[arn] = (0.0, self._known[arn][1])
        return self.read(arn)

    def _fetch(self, arn: str) -> str:
        if self._client is None:
            self._client = (self._session or get_session()).create_client("secretsmanager", config=_CLIENT)
        try:
            return str(self._client.get_secret_value(SecretId=arn)["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] == _EMPTY:
                return ""  # made by the stack, and nobody has put a value there yet
            raise


class Secret:
    """A text that does not show when it, or whatever holds it, is printed or logged. Falsy when it is empty."""

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value

    def read_again(self) -> str:
        """The same, for whoever was refused with it: it may have been changed a moment ago."""
        return self.get_secret_value()

    def __bool__(self) -> bool:
        return bool(self.get_secret_value())

    def __repr__(self) -> str:
        return "Secret(**********)"


class StoredSecret(Secret):
    """A secret of the store that looks like any other; whoever wants its value waits for it."""

    def __init__(self, arn: str, store: SecretStore) -> None:
        super().__init__("")
        self._arn = arn
        self._store = store

    def get_secret_value(self) -> str:
        """Raises: NotConfigured."""
        return self._store.read(self._arn)

    def read_again(self) -> str:
        """Raises: NotConfigured."""
        return self._store.read_again(self._arn)


class Keys(Mapping[str, str]):
    """Named secrets, such as `{"2027": "…", "2026": "…"}`: the first one is used, all of them are accepted.

    Those of a stored secret are read anew with it, so that a key can be added while functions run.

    Raises:
        NotConfigured: at use, when what is stored has another form; the message never shows it.
        ValueError: at once, for a text of another form.
    """

    def __init__(self, text: Secret | str = "") -> None:
        self._text = text if isinstance(text, Secret) else Secret(text)
        self._read: tuple[str, dict[str, str]] = ("", {})
        if not isinstance(self._text, StoredSecret):
            self._read = (self._text.get_secret_value(), _parsed(self._text.get_secret_value()))

    def __getitem__(self, name: str) -> str:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __repr__(self) -> str:
        return "Keys(**********)"

    def _now(self) -> dict[str, str]:
        text = self._text.get_secret_value()
        if text != self._read[0]:
            try:
                self._read = (text, _parsed(text))
            except ValueError:
                raise NotConfigured("A secret of keys is no JSON object of names and secrets") from None
        return self._read[1]


def _parsed(text: str) -> dict[str, str]:
    keys = json.loads(text) if text else {}
    if not isinstance(keys, dict) or not all(isinstance(secret, str) and secret for secret in keys.values()):
        raise ValueError("no JSON object of names and secrets")
    return keys
