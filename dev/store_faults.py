"""DynamoDB in trouble, as its client sees it: throttled, failing, or answering into the void after it has written.

The client is botocore's own with its own retries. Its event `before-send` stands where the socket is; moto, which
answers there, must be in use.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ReadTimeoutError
from moto.core.models import botocore_stubber

StoreFault = Literal["throttled", "failing", "unheard"]
"""`unheard`: the request has its effect, and its answer never comes."""
_ANSWERS = {
    "throttled": (400, "ThrottlingException", "Rate exceeded"),
    "failing": (500, "InternalServerError", "Internal server error"),
}


class _Body:
    """A response's raw stream, already read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        content, self._content = self._content, b""
        yield content


class StoreFaults:
    """What goes wrong with one client's requests."""

    def __init__(self, client: Any) -> None:
        self.asked: Counter[str] = Counter()
        """Requests by the name of their operation, each attempt of its own."""
        self.happened = 0
        self._fault: StoreFault | None = None
        self._operations: frozenset[str] = frozenset()
        self._which: frozenset[int] | None = None
        self._matching = 0
        client.meta.events.register_first("before-send.dynamodb", self._send)

    @contextmanager
    def trouble(self, fault: StoreFault, *operations: str, which: int | None = None) -> Iterator[None]:
        """Within the block these operations, or all of them, go wrong; with `which` only so manieth of them, from 0."""
        self._fault, self._operations, self._matching = fault, frozenset(operations), 0
        self._which = None if which is None else frozenset({which})
        try:
            yield
        finally:
            self._fault = None

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.asked[operation] += 1
        if self._fault is None or (self._operations and operation not in self._operations):
            return None
        number, self._matching = self._matching, self._matching + 1
        if self._which is not None and number not in self._which:
            return None
        self.happened += 1
        if self._fault == "unheard":
            botocore_stubber(event_name, request)
            raise ReadTimeoutError(endpoint_url=str(request.url))
        # Every handler of the event is asked, moto's too; of this address it knows nothing.
        url, request.url = str(request.url), "https://nowhere.invalid/"
        status, code, message = _ANSWERS[self._fault]
        body = f'{{"__type": "com.amazonaws.dynamodb.v20120810#{code}", "message": "{message}"}}'.encode()
        headers: Any = HeadersDict({"content-type": "application/x-amz-json-1.0"})
        return AWSResponse(url, status, headers, _Body(body))


WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
