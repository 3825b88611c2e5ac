"""What can go wrong, in the words of the house. A class says what happened, its message says to which thing.

`web.py` and `relay.py` turn these into answers for a client; nothing else knows about status codes.
"""

from typing import ClassVar


class AisdrError(Exception):
    """Something that a caller can be told about, in `message`, together with what to do.

    `retry_after` are the seconds after which trying again makes sense, where that is known.
    """

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "bad_request"
    default_retry_after: ClassVar[float | None] = None

    def __init__(self, message: str, *, code: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.retry_after = self.default_retry_after if retry_after is None else retry_after


class InvalidInput(AisdrError):
    """The request is understood and wrong; the message names the field and the remedy."""

    status = 422
    default_code = "invalid_input"


class MalformedBody(InvalidInput):
    """The request is not JSON at all, or says something twice."""

    status = 400
    default_code = "malformed_json"


class Unauthorized(AisdrError):
    """Nobody we know is asking: the token or ticket is missing, forged, used or expired."""

    status = 401
    default_code = "unauthorized"


class Forbidden(AisdrError):
    """We know who asks, and the answer is no."""

    status = 403
    default_code = "forbidden"


class NotFound(AisdrError):
    """The thing does not exist, or belongs to somebody else: both look the same from outside."""

    status = 404
    default_code = "not_found"


class Conflict(AisdrError):
    """The request contradicts something that already happened, such as a reused key."""

    status = 409
    default_code = "conflict"


class LimitReached(AisdrError):
    """A cap of the company or of a vendor's plan is full; trying later may work."""

    status = 429
    default_code = "limit_reached"


class NotConfigured(AisdrError):
    """The operator has not given us what this needs, such as a vendor's key."""

    status = 503
    default_code = "not_configured"


class StoreBusy(AisdrError):
    """The database could not be read or written just now, and trying again makes sense: no write is done twice."""

    status = 503
    default_code = "store_busy"
    default_retry_after = 1


class Trespass(AisdrError):
    """Something of another company was about to be told, and the alarm was given where it was found.

    Whoever catches it tells nothing of what was found, not even what was found beside it: a door answers 500, and the
    brain of a live call, which waits for results, hears of a failure in the place of each.
    """

    status = 500
    default_code = "internal_error"


class VendorError(AisdrError):
    """A vendor refused, failed or answered nonsense. `retryable` says whether trying again makes sense.

    `outcome_unknown` marks a spending call that may have happened although no clean answer arrived: it must be looked
    for, never repeated.
    """

    status = 502
    default_code = "vendor_failed"

    def __init__(
        self,
        message: str,
        *,
        vendor: str,
        retryable: bool = False,
        outcome_unknown: bool = False,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.vendor = vendor
        self.retryable = retryable
        self.outcome_unknown = outcome_unknown


class VendorDown(VendorError):
    """A vendor was not reached, failed, or answered what nobody can use: this counts against it (`live/circuit.py`)."""


class LeftAlone(VendorError):
    """A vendor failed so often just now that it was not even asked."""
