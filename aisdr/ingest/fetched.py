"""What is asked of the web, and what can come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aisdr.ingest.content_type import ENDINGS
from aisdr.ingest.url import Url

MAX_BYTES = 100 << 20
SECONDS = 120.0
MAX_REDIRECTS = 5


@dataclass(frozen=True)
class Since:
    """What the last answer said of its version: the server need not send it again."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """It is there, and stands in `path`."""

    path: Path
    final_url: str
    content_type: str
    """As `content_type.settled` names it, or as the server does where any type was welcome."""
    etag: str
    last_modified: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class NotModified:
    final_url: str


@dataclass(frozen=True)
class Moved:
    """It stands elsewhere, and nobody has looked there yet."""

    url: Url


@dataclass(frozen=True)
class Gone:
    """The server says that there is no such thing."""

    status: int


@dataclass(frozen=True)
class Refused:
    """We do not want it: it leads inside, is too large, a bomb, or of a type that is not read."""

    reason: str
    wrong_type: bool = False


@dataclass(frozen=True)
class Failed:
    """It could not be had. `retryable` says that it might be later, `after` in how many seconds where that was said.

    `status` is what a server that did answer said.
    """

    reason: str
    retryable: bool = True
    after: float | None = None
    status: int | None = None


Result = Fetched | NotModified | Moved | Gone | Refused | Failed


@dataclass(frozen=True)
class Wanted:
    """What of an answer is taken.

    Args:
        types: content type → ending of the file; None takes any.
        max_bytes: of the body, packed and unpacked.
        cut: whether a longer body is cut there, rather than refused.
        seconds: for all of it, redirects included.
        redirects: how many are followed; with 0 the first is the result.
    """

    types: Mapping[str, str] | None = None
    max_bytes: int = MAX_BYTES
    cut: bool = False
    seconds: float = SECONDS
    redirects: int = MAX_REDIRECTS


DOCUMENT = Wanted(ENDINGS)
