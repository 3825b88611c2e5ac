"""Fetches what stands on the web: from public addresses only, never larger, longer or of another kind than agreed.

A name is resolved once, every answer is judged, and the connection goes to the judged address under the original name.
A redirect is a new address and is judged like one.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from aisdr.addresses import Address, LeadsInside, is_private, is_public, judged, resolve
from aisdr.cutoff import CutOff
from aisdr.errors import InvalidInput
from aisdr.ingest.body import take
from aisdr.ingest.fetched import DOCUMENT, Failed, Gone, Moved, NotModified, Refused, Result, Since, Wanted
from aisdr.ingest.pace import Pace
from aisdr.ingest.url import PORTS, NoAddress, Url

USER_AGENT = "aisdr"
"""The name that robots.txt knows us by."""

CONNECT_SECONDS = 10.0
ATTEMPTS = 3
LONGEST_WAIT = 60.0
"""Seconds. A server that asks for more patience than this is left alone for this run."""

_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)

Judge = Callable[[Address], bool]


class Fetcher:
    """Makes one request at a time, or several in threads.

    Args:
        allowed_private: `host` or `host:port` of servers in a private network that may be asked, or of public ones at
            another port than 80 and 443. Exactly these: no redirect from elsewhere leads there.
        pace: how often, and how long to wait before another try.
    """

    def __init__(
        self,
        *,
        allowed_private: Iterable[str] = (),
        pace: Pace | None = None,
        resolver: Callable[[str, int], list[Address]] = resolve,
    ) -> None:
        self._allowed = frozenset(door for each in allowed_private for door in _doors(each))
        self._pace = pace or Pace()
        self._resolve = resolver
        # The bare transport: no proxies from the environment, no cookies, no redirects. No connection is kept, because
        # a certificate is checked for the host that the connection was opened for, and two hosts may share an address.
        self._http = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        self._lines: set[CutOff] = set()
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends what is going on in other threads; they fail."""
        self._pace.stop()
        with self._lock:
            self._closed = True
            for line in self._lines:
                line.give(0)
        # The transport keeps no connections, and to close one before it is cut would leave its reader waiting.

    def get(self, url: str, folder: Path, wanted: Wanted = DOCUMENT, since: Since | None = None) -> Result:
        """Fetches one address into a file below `folder`, which is made for it and taken away if nothing came of it.

        Raises:
            Stopped: the pace was stopped.
            OSError: the file cannot be written.
        """
        try:
            start = Url.parse(url)
        except NoAddress as error:
            return Refused(str(error))
        for attempt in range(1, ATTEMPTS + 1):
            result = self._follow(start, folder, wanted, since or Since())
            if not isinstance(result, Failed) or not result.retryable or attempt == ATTEMPTS:
                break
            pause = 2.0 ** (attempt - 1) if result.after is None else result.after
            if pause > LONGEST_WAIT:
                break
            self._pace.hold(pause)
        return result

    def _follow(self, start: Url, folder: Path, wanted: Wanted, since: Since) -> Result:
        url, been = start, {start}
        left = wanted.seconds
        for _ in range(wanted.redirects + 1):
            self._pace.step()
            began = time.monotonic()
            result = self._ask(url, start, folder, wanted, since if url == start else Since(), left)
            left -= time.monotonic() - began
            if not isinstance(result, Moved) or not wanted.redirects:
                return result
            if url.scheme == "https" and result.url.scheme == "http" and result.url.host != url.host:
                return Refused("it is redirected from https to another host without encryption")
            if result.url in been:
                return Refused("its redirects lead in a circle")
            if left <= 0:
                return Failed("did not answer in time")
            url = result.url
            been.add(url)
        return Refused(f"it is redirected more than {wanted.redirects} times")

    def _ask(self, url: Url, start: Url, folder: Path, wanted: Wanted, since: Since, seconds: float) -> Result:
        named = (url.host, url.port) in self._allowed
        if url.port not in PORTS.values() and not named:
            return Refused(f"port {url.port} is not asked: only 80 and 443 are, or what the operator allows")
        # What may be asked inside is the operator's word for this very address, not a stranger's redirect.
        allows = _inside_too if named and url.host == start.host else is_public
        try:
            address = self._address(url, allows)
        except LeadsInside:
            return Refused("it leads into a private network: only addresses on the internet are fetched")
        except (OSError, UnicodeError):
            return Failed(f"'{url.host}' has no address")
        with CutOff(seconds) as line:
            with self._lock:
                self._lines.add(line)
                if self._closed:
                    line.give(0)
            try:
                return self._exchange(_request(url, address, since, line, seconds), url, folder, wanted, line)
            except (httpx.HTTPError, OSError) as error:
                return Failed("did not answer in time") if line.passed else _failure(error)
            finally:
                with self._lock:
                    self._lines.discard(line)

    def _address(self, url: Url, allows: Judge) -> Address:
        """Raises: LeadsInside, OSError, UnicodeError."""
        return judged(self._resolve(url.host, url.port), allows)

    def _exchange(self, request: httpx.Request, url: Url, folder: Path, wanted: Wanted, line: CutOff) -> Result:
        response = self._http.handle_request(request)
        try:
            match response.status_code:
                case 200:
                    return take(response.headers, response.iter_raw(), url, folder, wanted, lambda: not line.passed)
                case 304 if {"if-none-match", "if-modified-since"} & set(request.headers):
                    return NotModified(str(url))
                case 404 | 410:
                    return Gone(response.status_code)
                case status if status in _REDIRECTS:
                    return _moved(url, response.headers.get("location"))
                case status:
                    retryable = status in _BUSY or status >= 500
                    after = _seconds_of(response.headers.get("retry-after")) if status in _BUSY else None
                    return Failed(f"answers {status}{_remedy(status)}", retryable, after, status)
        finally:
            response.close()


def _request(url: Url, address: Address, since: Since, line: CutOff, seconds: float) -> httpx.Request:
    headers = {
        "Host": url.authority,
        "User-Agent": USER_AGENT,
        "Accept": "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    if since.etag:
        headers["If-None-Match"] = since.etag
    if since.last_modified:
        headers["If-Modified-Since"] = since.last_modified
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    return httpx.Request(
        "GET",
        httpx.URL(scheme=url.scheme, host=str(address), port=url.port, raw_path=url.target.encode("ascii")),
        headers=headers,
        extensions={"sni_hostname": url.host, "timeout": timeout.as_dict(), "trace": line.watch},
    )


def _moved(url: Url, location: str | None) -> Result:
    if not location:
        return Failed("redirects without saying where to", retryable=False)
    try:
        return Moved(Url.joined(url, location))
    except NoAddress as error:
        return Refused(f"it is redirected to an address that is not fetched: {error}")


def _failure(error: Exception) -> Failed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failed(f"has no certificate that holds for it ({cause.verify_message})", retryable=False)
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return Failed("could not be connected to")
        case httpx.TimeoutException():
            return Failed("did not answer in time")
        case httpx.RemoteProtocolError():
            return Failed("answered what is no proper HTTP, or only a part of it")
        case _:
            return Failed(f"broke the connection off ({type(error).__name__})")


def _remedy(status: int) -> str:
    match status:
        case 401 | 403 | 407:
            return ": it wants a login, or does not want us"
        case 429 | 503:
            return ": it asks for patience"
        case _:
            return ""


def _seconds_of(header: str | None) -> float | None:
    """`Retry-After`: seconds, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header.strip()[:9])
    try:
        return max(parsedate_to_datetime(header).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _inside_too(address: Address) -> bool:
    return is_public(address) or is_private(address)


def _doors(allowed: str) -> list[tuple[str, int]]:
    """Host and port of what the operator allows; without a port both usual ones. Raises: InvalidInput."""
    text = f"[{allowed}]" if allowed.count(":") > 1 and not allowed.startswith("[") else allowed
    try:
        url = Url.parse(f"http://{text}")
        if (url.path, url.query) != ("/", ""):
            raise NoAddress("it has a path")
    except NoAddress as error:
        raise InvalidInput(f"'{allowed}' cannot be allowed: write a host, or host:port ({error})") from error
    named = urlsplit(f"http://{text}").port
    return [(url.host, port) for port in (PORTS.values() if named is None else (named,))]
