"""Posts to addresses that a company configured: never into a private network, never longer or larger than agreed.

A name is resolved once, every answer is judged, and the connection goes to the judged address; a second look-up at
connect time could be answered differently. Redirects are not followed, for the same reason.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx

from aisdr.cutoff import CutOff
from aisdr.errors import VendorError
from aisdr.observability import TRACED

CONNECT_SECONDS = 2.0
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
"""The only way to this very machine is to say so; a public name that leads here is refused."""
_UNICAST = IPv6Network("2000::/3")
_6TO4 = IPv6Network("2002::/16")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Reply:
    """What came back. `body` holds at most the agreed bytes; `complete` says whether that was all."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool


def resolve(host: str, port: int) -> list[Address]:
    """The addresses behind a name. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


def is_public(address: Address) -> bool:
    """Whether it is an address of the internet. `is_global` alone would say so of multicast and of wrapped IPv4."""
    if not address.is_global or address.is_multicast:
        return False
    return isinstance(address, IPv4Address) or (address in _UNICAST and address not in _6TO4)


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
        """Posts `body` and reads the answer for at most `seconds` in all.

        Raises:
            VendorError: nobody answered properly, or the address may not be asked (then not retryable).
        """
        try:
            host, target = urlsplit(url).hostname or "", httpx.URL(url)
        except (ValueError, httpx.InvalidURL) as error:
            raise VendorError("The address is none", vendor=self._vendor, code="invalid_address") from error
        address = self._address(host, target.port or (443 if target.scheme == "https" else 80))
        request = self._http.build_request(
            "POST",
            target.copy_with(host=str(address)),
            content=body,
            headers={**headers, "Host": target.netloc.decode("ascii"), "Connection": "close"},
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
        allowed = [each for each in found if (each.is_loopback if host in LOOPBACK_NAMES else is_public(each))]
        if not found or len(allowed) < len(found):
            raise VendorError(
                f"'{host}' leads into a private network; configure an address on the internet",
                vendor=self._vendor,
                code="private_address",
            )
        # IPv4 first: a Lambda function has no IPv6 of its own.
        return min(allowed, key=lambda each: each.version)

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
