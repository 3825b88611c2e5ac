"""Addresses of a company's media: public ones as they are, those for visitors signed, each for one path and a while.

The one rule: what is published for visitors only stands below `/media/_private/{company_id}/`. Its address is kept
without a signature, in the index and in transcripts, and gets one whenever it leaves for a visitor: so it renews when a
conversation is read again. The signature is that of CloudFront's canned policy:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
"""

import base64
import json
import math
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from aisdr.audit import decided, refusals, whoever_asks
from aisdr.errors import NotConfigured
from aisdr.observability import logger
from aisdr.rsa_key import PrivateKey
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from aisdr.secret import Keys
    from aisdr.session import Session
    from aisdr.wire import Wire

W = TypeVar("W", bound="Wire")

MEDIA = "/media"
PRIVATE = "_private"
"""No id of a company begins with an underscore, so no company's public media stand here."""
SECONDS = 3600
TAVUS_SECONDS = 24 * 3600
"""Tavus needs minutes until it fetches a document, and may come again."""
STEP = 900
"""Ends fall on a quarter of an hour: meanwhile an address is the same one, for browsers' caches and for ours."""
ADDRESSES = frozenset({"url", "sourceUrl", "poster", "captionsUrl"})
"""Keys of what we send whose values may be such an address. Nothing that a visitor wrote stands under one of them."""
FOR_URLS = str.maketrans("+=/", "-_~")


def base_url(scope: TenantScope, *, private: bool = False) -> str:
    """Below which a company's media are published."""
    return f"{MEDIA}/{PRIVATE}/{scope.company_id}" if private else f"{MEDIA}/{scope.company_id}"


class MediaLinks:
    """Signs what leaves.

    Args:
        public_url: where browsers reach the media: the signature is for the whole address.
        keys: key id → RSA private key in PEM. The first one signs; CloudFront knows the public halves by these ids.
        clock: epoch seconds.
    """

    def __init__(self, public_url: str, keys: "Keys", clock: Callable[[], float] = time.time) -> None:
        self._public_url = public_url
        self._keys = keys
        self._clock = clock

    def address(self, scope: TenantScope, url: str, seconds: int = SECONDS, until: float = math.inf) -> str:
        """The address as a visitor of this company may open it for at least so long; its fragment stays behind it.

        `until` is the epoch second after which it opens nothing in any case.

        Another company's is left as it is, and opens nothing.

        Raises:
            NotConfigured: there is no key, or what stands there is none.
        """
        company_id, who = scope.company_id, whoever_asks()
        if not _stands_below(base_url(scope, private=True), url):
            if url.startswith(f"{MEDIA}/{PRIVATE}/"):
                decided("media.sign", "deny", company_id=company_id, who=who, reason="foreign_address")
            return url
        whole, mark, fragment = url.partition("#")
        path = whole.partition("?")[0]
        with refusals("media.sign", company_id=company_id, who=who):
            key_id, pem = self._key()
        ends = math.floor(min(math.ceil((self._clock() + seconds) / STEP) * STEP, until))
        signature = _signature(pem, policy(self._public_url + path, ends))
        decided("media.sign", "allow", company_id=company_id, who=who, until=ends)
        return f"{path}?Expires={ends}&Signature={signature}&Key-Pair-Id={key_id}{mark}{fragment}"

    def whole(self, session: "Session", record: W) -> W:
        """A record for a visitor, with every address in it signed; without a key it stays, and opens nothing.

        No address outlives the session's absolute end.
        """
        text = record.model_dump_json(by_alias=True)
        if f'"{MEDIA}/{PRIVATE}/' not in text:
            return record
        return type(record).model_validate(self.json(session, json.loads(text)))

    def json(self, session: "Session", value: Any) -> Any:
        """The same for what is JSON already."""
        match value:
            case dict():
                return {name: self._value(session, name, inner) for name, inner in value.items()}
            case list():
                return [self.json(session, inner) for inner in value]
            case _:
                return value

    def check(self) -> None:
        """Raises: NotConfigured, as long as nothing can be signed here."""
        _, pem = self._key()
        _read(pem)

    def _value(self, session: "Session", name: str, value: Any) -> Any:
        if name not in ADDRESSES or not isinstance(value, str):
            return self.json(session, value)
        try:
            return self.address(session.scope, value, until=session.ends_at)
        except NotConfigured as error:  # an answer without its picture is better than none
            logger.error("media not signed", company_id=session.company_id, code=error.code)
            return value

    def _key(self) -> tuple[str, str]:
        for key_id, pem in self._keys.items():
            return key_id, pem
        raise NotConfigured(
            "AISDR_MEDIA_KEYS is not set: media for visitors only need a key to sign their addresses with",
        )


def _stands_below(base: str, url: str) -> bool:
    """Whether it does, however who serves it reads its dots: one that leads up may lead to another company."""
    path = url.partition("#")[0].partition("?")[0]
    parts = unquote(path.removeprefix(f"{base}/")).replace("\\", "/").split("/")
    return path.startswith(f"{base}/") and not any(part in ("", ".", "..") for part in parts)


def policy(resource: str, ends: int) -> str:
    """CloudFront's canned policy, to the letter: who verifies builds the same from the address that was asked for."""
    return f'{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{ends}}}}}}}]}}'


@lru_cache(maxsize=4096)
def _signature(pem: str, statement: str) -> str:
    """A signature takes six milliseconds of a processor, and an answer may show a dozen addresses."""
    return base64.b64encode(_read(pem).sign(statement.encode())).decode().translate(FOR_URLS)


@lru_cache(maxsize=8)
def _read(pem: str) -> PrivateKey:
    try:
        return PrivateKey.from_pem(pem)
    except ValueError as error:
        raise NotConfigured(f"A key in AISDR_MEDIA_KEYS is unusable: {error}") from None
