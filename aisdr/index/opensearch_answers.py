"""What OpenSearch answers, whole and in the form it documents; whatever else it says or does not say, in our words."""

from collections.abc import Callable
from typing import Any

from opensearchpy.exceptions import ConnectionError as Unreachable
from opensearchpy.exceptions import ConnectionTimeout, NotFoundError, OpenSearchException, RequestError, TransportError

from aisdr.errors import VendorError
from aisdr.index.opensearch_layout import Json

VENDOR = "opensearch"


class Gone(Exception):
    """There is no such index, or no such document."""


def asked(ask: Callable[[], Any]) -> Any:
    """What the cluster answers, or its failure in our words."""
    try:
        return ask()
    except NotFoundError as error:
        if "index_not_found" in str(error.error) or error.info is not None:
            raise Gone from error
        raise VendorError("OpenSearch answered with status 404", vendor=VENDOR) from error
    except ConnectionTimeout as error:
        raise VendorError("OpenSearch did not answer in time", vendor=VENDOR, retryable=True) from error
    except Unreachable as error:
        raise VendorError("OpenSearch cannot be reached", vendor=VENDOR, retryable=True) from error
    except RequestError as error:
        raise VendorError(f"OpenSearch refused the request ({error.error})", vendor=VENDOR) from error
    except TransportError as error:
        status = error.status_code
        passing = not isinstance(status, int) or status == 429 or status >= 500
        raise VendorError(f"OpenSearch failed ({status})", vendor=VENDOR, retryable=passing) from error
    except (OpenSearchException, ValueError) as error:
        raise another_form() from error


def whole(answer: Json) -> Json:
    """Raises: VendorError, when a part of the index could not answer; Gone, when there is no index."""
    if "error" in answer:
        kind = answer["error"].get("type", "unknown") if isinstance(answer["error"], dict) else "unknown"
        if kind == "index_not_found_exception":
            raise Gone
        status = answer.get("status", 500)
        raise VendorError(f"OpenSearch failed ({kind})", vendor=VENDOR, retryable=status == 429 or status >= 500)
    if answer["timed_out"] or answer["_shards"]["failed"] > 0:
        raise VendorError("OpenSearch answered for a part of the index only", vendor=VENDOR, retryable=True)
    return answer


def another_form() -> VendorError:
    return VendorError("OpenSearch answered in another form than it documents", vendor=VENDOR)
