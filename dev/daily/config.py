"""Where the Daily look-alike says it is, and who may manage its rooms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DailyConfig:
    key: str = "daily-local"  # Bearer key of the REST interface
    token_secret: str = "signs the meeting tokens of this look-alike"
    public_url: str = ""  # address that browsers use; empty: the one the REST caller used
