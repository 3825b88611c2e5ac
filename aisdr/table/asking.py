"""How DynamoDB is asked, and what its refusals mean in our words."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

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


def ask(method: Callable[..., Any], **request: Any) -> Any:
    """Raises: StoreBusy, InvalidInput; ClientError: what only the caller can read, such as a condition that failed."""
    try:
        return method(**request)
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in _BUSY:
            raise turned_away() from error
        if code == "ValidationException" and "maximum allowed size" in said:
            raise InvalidInput("That is more than can be stored at once; send less", code="too_large") from error
        raise
    except BotoCoreError as error:  # nobody there, a line that broke, no answer in time
        raise turned_away() from error


def failed_condition(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def turned_away() -> StoreBusy:
    return StoreBusy("The database takes no more just now; try again in a second, or go on in text")
