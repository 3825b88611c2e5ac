"""Signing with an RSA key, the one thing that CloudFront wants and Python's own library has not.

The `cryptography` package would bring 12 MB to each function, for a few lines; the small pure-Python `rsa` is no longer
maintained. PKCS #1 v1.5 has neither randomness nor choice in it: what is made here is compared with OpenSSL's in
tests. Source: https://www.rfc-editor.org/rfc/rfc8017#section-8.2
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

SMALLEST_BITS = 2048
_SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")
"""How PKCS #1 says that a SHA-1 digest follows; CloudFront takes no other digest."""
_PEM = re.compile(r"-----BEGIN (RSA )?PRIVATE KEY-----(.+?)-----END (RSA )?PRIVATE KEY-----", re.DOTALL)
_INTEGER, _SEQUENCE = 0x02, 0x30


@dataclass(frozen=True)
class PrivateKey:
    """The numbers of RFC 8017, appendix A.1.2. None of them is ever printed."""

    modulus: int = field(repr=False)
    public: int = field(repr=False)
    private: int = field(repr=False)
    prime1: int = field(repr=False)
    prime2: int = field(repr=False)

    @classmethod
    def from_pem(cls, text: str) -> "PrivateKey":
        """PKCS #1 ("BEGIN RSA PRIVATE KEY") or PKCS #8 ("BEGIN PRIVATE KEY"), without a password.

        Raises:
            ValueError: it is no such key, or one that is too small. The message never shows it.
        """
        found = _PEM.search(text)
        if found is None:
            raise ValueError("no RSA private key in PEM, without a password")
        try:
            parts = _sequence(base64.b64decode("".join(found[2].split()), validate=True))
            if not found[1]:  # version, algorithm, and the key of PKCS #1 inside
                parts = _sequence(parts[2][1])
            numbers = [int.from_bytes(content) for kind, content in parts if kind == _INTEGER]
            _, modulus, public, private, prime1, prime2, *_ = numbers
        except (IndexError, ValueError):
            raise ValueError("no RSA private key in PEM, without a password") from None
        if modulus.bit_length() < SMALLEST_BITS or prime1 * prime2 != modulus:
            raise ValueError(f"no RSA key of at least {SMALLEST_BITS} bits")
        return cls(modulus, public, private, prime1, prime2)

    def sign(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-1."""
        length = (self.modulus.bit_length() + 7) // 8
        digest = _SHA1 + hashlib.sha1(message, usedforsecurity=False).digest()
        padded = int.from_bytes(b"\0\1" + b"\xff" * (length - len(digest) - 3) + b"\0" + digest)
        # Multiplied by a number that nobody knows, so that the time it takes tells nothing of the key.
        blind = secrets.randbelow(self.modulus - 2) + 2
        hidden = padded * pow(blind, self.public, self.modulus) % self.modulus
        signature = self._raised(hidden) * pow(blind, -1, self.modulus) % self.modulus
        if pow(signature, self.public, self.modulus) != padded:  # a fault in one half would give the key away
            raise ArithmeticError("the signature does not verify")
        return signature.to_bytes(length)

    def _raised(self, number: int) -> int:
        """To the private exponent, in the two halves that make it four times as fast."""
        half1 = pow(number, self.private % (self.prime1 - 1), self.prime1)
        half2 = pow(number, self.private % (self.prime2 - 1), self.prime2)
        return half2 + self.prime2 * ((half1 - half2) * pow(self.prime2, -1, self.prime1) % self.prime1)


def _sequence(data: bytes) -> list[tuple[int, bytes]]:
    """Kinds and contents of what stands in a DER sequence. Raises: ValueError, IndexError."""
    kind, content, _ = _element(data)
    if kind != _SEQUENCE:
        raise ValueError("no sequence")
    parts = []
    while content:
        kind, inner, content = _element(content)
        parts.append((kind, inner))
    return parts


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Kind, content, and what follows."""
    kind, length, start = data[0], data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start])
    if len(data) < start + length:
        raise ValueError("cut off")
    return kind, data[start : start + length], data[start + length :]
