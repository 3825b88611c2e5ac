"""Settings, and clients of AWS: what everything else here is built on."""

from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from aisdr.settings import Settings

# botocore is boto3 without resources and uploads in parts: those cost every start 3 MiB and 15 ms, and only operators
# need them (`ingest/media.py`).
AWS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    # Half of what a call costs us: AWS checks requests itself, and a name that stays the same need not be composed.
    parameter_validation=False,
    user_agent="aisdr",
)


class Clients:
    """The settings of a process, and its one session with AWS."""

    def __init__(self, settings: Settings, session: Session | None = None) -> None:
        self.settings = settings
        self._session = session or get_session()

    def client(self, name: Any, **options: Any) -> Any:
        """A client of the SDK's one session; its address can be moved by AWS's own environment variables."""
        return self._session.create_client(name, **{"config": AWS} | options)

    @cached_property
    def dynamodb(self) -> Any:
        # It answers within milliseconds, or something is wrong that waiting does not mend: asked again once, and after
        # 50 ms. The newer modes of retrying pause for half a second, which text that goes on without it cannot afford.
        seconds, twice = self.settings.store_seconds, Config(retries={"mode": "legacy", "total_max_attempts": 2})
        patience = Config(connect_timeout=seconds, read_timeout=seconds)
        return self.client("dynamodb", config=AWS.merge(patience).merge(twice))
