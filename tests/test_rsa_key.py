"""Signatures of our own arithmetic are those of OpenSSL, and no broken key is taken for one."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from aisdr.rsa_key import PrivateKey
from tests.media_keys import private_pem, verify

FORMS = [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("message", [b"", b"a policy", b"\xff" * 5000])
def test_openssl_verifies_what_is_signed_here(form: serialization.PrivateFormat, message: bytes) -> None:
    key = PrivateKey.from_pem(private_pem(form))

    signature = key.sign(message)

    verify(message, signature)
    assert key.sign(message) == signature
    with pytest.raises(InvalidSignature):
        verify(message + b"!", signature)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a secret that is no key",
        private_pem().replace("PRIVATE", "PUBLIC"),
        private_pem()[:200] + private_pem()[-40:],
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505
        pem(rsa.generate_private_key(65537, 2048), b"a password"),
    ],
    ids=["nothing", "words", "a public key", "cut off", "an elliptic curve", "too small", "behind a password"],
)
def test_what_is_no_rsa_key_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(ValueError, match="no RSA") as refusal:
        PrivateKey.from_pem(text)

    assert "MII" not in str(refusal.value)


def test_a_key_is_never_printed() -> None:
    assert repr(PrivateKey.from_pem(private_pem())) == "PrivateKey()"
