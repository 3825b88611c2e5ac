"""An RSA key pair for tests, made once a process, and the check that CloudFront makes of an address."""

import base64
import json
from functools import cache
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_ID = "K2JCJMDEHXQW5F"


@cache
def _pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> str:
    plain = serialization.NoEncryption()
    return _pair().private_bytes(serialization.Encoding.PEM, form, plain).decode()


def public_pem() -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return _pair().public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def media_keys() -> str:
    """For AISDR_MEDIA_KEYS."""
    return json.dumps({KEY_ID: private_pem()})


def verify(message: bytes, signature: bytes) -> None:
    """By OpenSSL. Raises: InvalidSignature."""
    _pair().public_key().verify(signature, message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


def check(url: str) -> int:
    """What CloudFront does with an address, as its documentation tells it. Returns when the address ends.

    Raises: InvalidSignature.
    """
    parts = urlsplit(url)
    ((ends,), (signature,), (key_id,)) = parse_qs(parts.query, strict_parsing=True).values()
    assert key_id == KEY_ID
    resource = url.partition("?")[0]
    policy = {"Statement": [{"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": int(ends)}}}]}
    decoded = base64.b64decode(signature.replace("-", "+").replace("_", "=").replace("~", "/"))
    verify(json.dumps(policy, separators=(",", ":")).encode(), decoded)
    return int(ends)
