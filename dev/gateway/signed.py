"""Signed addresses, verified as CloudFront verifies them: with a canned policy, by the public half of a key.

Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
"""

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PRIVATE = "/media/_private/"
FROM_URLS = str.maketrans("-_~", "+=/")
PARAMETERS = ("Expires", "Signature", "Key-Pair-Id")


class Gate:
    """Lets through what is signed for exactly this address and has not ended.

    Args:
        public_url: where browsers go: what is signed begins with it.
        keys: key id → private key in PEM, as the functions have them; without one nothing is let through.
        clock: epoch seconds.
    """

    def __init__(self, public_url: str, keys: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self._public_url = public_url
        self._keys = keys
        self._clock = clock

    def refusal(self, raw_path: str, query: str) -> str | None:
        """Why this address does not open; None when it does."""
        given = parse_qs(query)
        if any(len(given.get(name, ())) != 1 for name in PARAMETERS):
            return "This address needs a signature."
        ends, signature, key_id = (given[name][0] for name in PARAMETERS)
        if key_id not in self._keys:
            return "This address is signed with a key that nobody knows."
        if not ends.isdecimal() or int(ends) <= self._clock():
            return "This address has ended."
        resource = f"{self._public_url}{raw_path}"
        policy = (
            f'{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{ends}}}}}}}]}}'
        )
        try:
            decoded = base64.b64decode(signature.translate(FROM_URLS), validate=True)
            # CloudFront knows no other digest.
            _public_half(self._keys[key_id]).verify(decoded, policy.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  # nosec B303  # CloudFront signs with nothing else
        except (InvalidSignature, binascii.Error):
            return "This signature is for another address."
        return None


def new_key() -> str:
    """A private key in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _public_half(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()
