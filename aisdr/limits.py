"""How much a company spends at most, and how long it keeps what came from visitors: both finite, always."""

from pydantic import Field

from aisdr.wire import Wire

DAY_SECONDS = 24 * 3600


class Limits(Wire):
    """Finite by default and never infinite: what nobody set is what stands here. Days and months are those of UTC."""

    call_seconds: int = Field(600, ge=60, le=3600)
    concurrent_calls: int = Field(2, ge=0)
    network_calls_per_hour: int = Field(6, ge=0, le=1000)
    """Calls that may be started from one network (an IPv4 /24, an IPv6 /64) within any hour."""
    calls_per_day: int = Field(50, ge=0)
    minutes_per_day: int = Field(120, ge=0)
    minutes_per_month: int = Field(1800, ge=0)
    money_per_day: float = Field(40.0, ge=0, allow_inf_nan=False)
    """All that costs together: calls, models, reading aloud."""
    money_per_month: float = Field(600.0, ge=0, allow_inf_nan=False)
    answer_tokens: int = Field(700, ge=50, le=4000)
    """The longest answer of one turn, tool steps included."""
    tool_steps: int = Field(3, ge=0, le=8)


class Retention(Wire):
    """How many days what came from a visitor is kept, and then expires by itself. Finite by default, and always."""

    conversation_days: int = Field(30, ge=1, le=730)
    """What was said, tool calls, usage, recordings' addresses, delivered messages."""
    lead_days: int = Field(730, ge=1, le=3650)
    """Leads and wishes for a person, from when they were last completed."""
    consent_days: int = Field(1095, ge=30, le=3650)
    """The evidence of a consent, which holds no words and no name."""

    @property
    def conversation_seconds(self) -> int:
        return self.conversation_days * DAY_SECONDS

    @property
    def lead_seconds(self) -> int:
        return self.lead_days * DAY_SECONDS

    @property
    def consent_seconds(self) -> int:
        return self.consent_days * DAY_SECONDS
