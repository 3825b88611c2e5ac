"""What can go wrong, in the words of the house. A class says what happened, its message says to which thing.

`web.py` and `relay.py` turn these into answers for a client; nothing else knows about status codes.
"""

from typing import ClassVar


class AisdrError(Exception):
    """Something that a caller can be told about, in `message`, together with what to do."""

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "bad_request"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


class InvalidInput(AisdrError):
    """The request is understood and wrong; the message names the field and the remedy."""

    status = 422
    default_code = "invalid_input"


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
    """The database could not take the write just now; nothing was written and trying again makes sense."""

    status = 503
    default_code = "store_busy"


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
    ) -> None:
        super().__init__(message, code=code)
        self.vendor = vendor
        self.retryable = retryable
        self.outcome_unknown = outcome_unknown
