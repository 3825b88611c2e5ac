"""How fast a socket may speak: a token bucket kept in its record as one number, and the newest live event it brought.

`free_at` is the moment at which the bucket is full again; each frame moves it on. A function instance that knows a
socket counts some frames in its own memory first, so that most frames cost no call at all: with E instances a socket
may be served E times `FRAMES_UNCOUNTED` frames more than its bucket holds, and never for longer than the bucket takes
to give them back (docs/decisions/0026-how-fast-a-socket-may-speak.md).
"""

from dataclasses import dataclass
from typing import Any

from aisdr.table import Item

FRAMES_PER_SECOND = 20
FRAMES_AT_ONCE = 40
"""A live call's events come in bursts of a few."""
FRAMES_KEPT_BY_BROWSER = 400
"""Events of a call that it keeps while its socket is away (`widget/src/outbox.ts`): they all come at once."""
FRAMES_ON_OPENING = FRAMES_KEPT_BY_BROWSER + FRAMES_AT_ONCE
"""So that there is room for its greeting and for what happens meanwhile, too."""
RESENDING_SECONDS = FRAMES_ON_OPENING / FRAMES_PER_SECOND
"""How old a socket is when it has no more room than others."""
FRAMES_UNCOUNTED = 20
"""How many frames of a known socket an instance takes before it writes them down, all together."""
REFUSALS_UNCOUNTED = 20
"""The same of frames that came too fast; whenever they are written down, the browser is told."""
REPLAYED_FOR_A_FRAME = 10
"""So many kept frames sent again count as one that came: a small wish must not have much done for it. A first one, of
two hundred, leaves room for all that the browser kept."""
TOKEN_SECONDS = 1 / FRAMES_PER_SECOND


@dataclass(frozen=True)
class Change:
    """A conditional write. When the condition fails, the record as it is then tells what to try next."""

    expression: str
    condition: str
    values: dict[str, Any]


def change(known: Item | None, frames: int, event: int, now: float) -> Change:
    """For so many frames, live event number `event` (or 0) among them; `known` is the record after a failed attempt."""
    cost, now = _kept(frames * TOKEN_SECONDS), _kept(now)
    if known is None or known["free_at"] <= now:
        # The ordinary case, tried without knowing: the bucket is full, and the event is newer than the others.
        setting, removing = "free_at = :next", " REMOVE refusals"
        condition, values = "expires_at > :now AND free_at <= :now", {":now": now, ":next": _kept(now + cost)}
    else:
        setting, removing = "free_at = free_at + :cost", ""
        condition = "free_at > :now AND free_at <= :most"
        values = {":now": now, ":cost": cost, ":most": _kept(now + _credit(known, now))}
    if event and (known is None or event > known["received"]):
        setting, condition = f"{setting}, received = :event", f"{condition} AND received < :event"
        values[":event"] = event
    return Change(f"SET {setting}{removing}", condition, values)


def welcome_at(known: Item, now: float) -> float:
    """The moment from which the bucket has room for one more frame; `now` or earlier when it has."""
    return _kept(float(known["free_at"]) - _credit(known, now))


def is_too_fast(known: Item, now: float) -> bool:
    return welcome_at(known, now) > _kept(now)


def _credit(known: Item, now: float) -> float:
    frames = FRAMES_ON_OPENING if now < known["opened_at"] + RESENDING_SECONDS else FRAMES_AT_ONCE
    return (frames - 1) * TOKEN_SECONDS


def _kept(seconds: float) -> float:
    """As the record keeps it: to the millisecond, so that the table's decimals and our floats compare alike."""
    return round(seconds, 3)
