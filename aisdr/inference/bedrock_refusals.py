"""How Bedrock refuses, whatever its models are asked for, in our words.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html (errors)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError

from aisdr.errors import NotConfigured, VendorError

RETRYABLE = frozenset(
    {
        "ThrottlingException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "InternalServerException",
        "ServiceUnavailableException",
    }
)
"""What passes by itself."""


class Failed(Protocol):
    """Puts the model's name before what happened to it."""

    def __call__(self, what: str, *, retryable: bool = False) -> VendorError: ...


@contextmanager
def in_our_words(failed: Failed, remedies: Mapping[str, str], passing: frozenset[str] = RETRYABLE) -> Iterator[None]:
    """What goes wrong within becomes an error of ours. Amazon's message stays out: it may quote what was sent.

    Args:
        remedies: what Amazon's codes mean here.
        passing: the codes after which trying again makes sense.

    Raises:
        NotConfigured: credentials or region are missing.
        VendorError: the model failed or was late.
    """
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, NoRegionError) as error:
        raise NotConfigured("AWS credentials or region not configured: Bedrock cannot be asked") from error
    except ClientError as error:
        raise failed(meaning(error, remedies), retryable=code_of(error) in passing) from error
    except ParamValidationError as error:
        raise failed("is no name of a model") from error
    except (AwsConnectionError, HTTPClientError) as error:
        raise failed("cannot be reached or was late", retryable=True) from error


def meaning(error: ClientError, remedies: Mapping[str, str]) -> str:
    if "on-demand throughput" in str(error):
        return "needs an inference profile: put `us.`, `eu.` or `global.` before the model's name"
    code = code_of(error)
    return remedies.get(code, f"failed ({code})")


def code_of(error: ClientError) -> str:
    """Errors inside a stream carry it with a small first letter."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code[:1].upper() + code[1:]
