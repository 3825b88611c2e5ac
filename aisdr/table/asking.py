"""How DynamoDB is asked, and what its refusals mean in our words."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from aisdr.errors import InvalidInput, StoreBusy

_BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
"""What passes by itself. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""
_TOO_LARGE = "maximum allowed size"


def ask(method: Callable[..., Any], **request: Any) -> Any:
    """Raises: StoreBusy, InvalidInput; ClientError: what only the caller can read, such as a condition that failed.

    A request that DynamoDB would never take, whoever finds it out, is a mistake of ours and stays one: who is told that
    the store is busy looks for it in the wrong place. What comes from a client is bounded before it gets here.
    """
    try:
        return method(**request)
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in _BUSY:
            raise turned_away() from error
        if code == "ValidationException" and _TOO_LARGE in said:
            raise too_large() from error
        raise
    except ParamValidationError:
        raise
    except BotoCoreError as error:  # nobody there, a line that broke, no answer in time
        raise turned_away() from error


def failed_condition(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def is_too_large(reason: Mapping[str, Any]) -> bool:
    """Whether that is why a transaction was cancelled."""
    return reason.get("Code") == "ValidationError" and _TOO_LARGE in str(reason.get("Message"))


def too_large() -> InvalidInput:
    return InvalidInput("That is more than can be stored at once; send less", code="too_large")


def turned_away() -> StoreBusy:
    return StoreBusy("The database takes no more just now; try again in a second, or go on in text")
