"""Posts to addresses that a company configured: never into a private network, never longer or larger than agreed.

A name is resolved once, every answer is judged, and the connection goes to the judged address. Redirects are not
followed: they would lead to one that nobody has judged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from aisdr import time_left
from aisdr.addresses import Address, LeadsInside, judged, may_be_asked, resolve
from aisdr.cutoff import CutOff
from aisdr.errors import VendorError
from aisdr.observability import TRACED

CONNECT_SECONDS = 2.0


@dataclass(frozen=True)
class Reply:
    """What came back. `body` holds at most the agreed bytes; `complete` says whether that was all."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool


class Outbound:
    """Makes one POST at a time, or several in threads. `vendor` is whom a failure is blamed on."""

    def __init__(self, vendor: str, resolver: Callable[[str, int], list[Address]] = resolve) -> None:
        self._vendor = vendor
        self._resolve = resolver
        # A transport of our own keeps the environment's proxies out. No connection is kept: two companies' hosts may
        # share an address, and a certificate is checked for the host that the connection was opened for.
        self._http = httpx.Client(
            transport=httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0)),
            follow_redirects=False,
            event_hooks=TRACED,
        )

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, max_bytes: int = 4096
    ) -> Reply:
        """Posts `body` and reads the answer for at most `seconds` in all, or what is left of the request's own time.

        Raises:
            VendorError: nobody answered properly, or the address may not be asked (then not retryable).
        """
        try:
            host, target = urlsplit(url).hostname, httpx.URL(url)
            if not host:
                raise ValueError("it names no host")
        except (ValueError, httpx.InvalidURL) as error:
            raise VendorError("The address is none", vendor=self._vendor, code="invalid_address") from error
        seconds = time_left.seconds(seconds)
        if seconds <= 0:
            raise VendorError(f"No time is left to ask '{host}'", vendor=self._vendor, retryable=True)
        address = self._address(host, target.port or (443 if target.scheme == "https" else 80))
        request = self._http.build_request(
            "POST",
            target.copy_with(host=str(address)),
            content=body,
            headers={**headers, "Host": target.netloc.decode(), "Connection": "close"},
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            extensions={"sni_hostname": host},
        )
        with CutOff(seconds) as cut_off:
            request.extensions["trace"] = cut_off.watch
            try:
                return self._send(request, max_bytes)
            except (httpx.HTTPError, OSError) as error:
                what = "did not answer in time" if cut_off.passed else f"did not answer ({type(error).__name__})"
                raise VendorError(f"'{host}' {what}", vendor=self._vendor, retryable=True) from error

    def _address(self, host: str, port: int) -> Address:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise VendorError(f"'{host}' has no address", vendor=self._vendor, retryable=True) from error
        try:
            return judged(found, lambda each: may_be_asked(host, port, each))
        except LeadsInside as error:
            raise VendorError(
                f"'{host}' leads into a private network; configure an address on the internet",
                vendor=self._vendor,
                code="private_address",
            ) from error

    def _send(self, request: httpx.Request, max_bytes: int) -> Reply:
        response = self._http.send(request, stream=True)
        try:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > max_bytes:
                    break
            return Reply(response.status_code, response.headers, bytes(body[:max_bytes]), len(body) <= max_bytes)
        finally:
            response.close()
