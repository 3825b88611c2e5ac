"""Tokens that prove what we have said, and paths that only we could have made.

Tokens are JSON Web Tokens (RFC 7519) signed with HMAC-SHA256. A token is for one audience: `api` opens the HTTP doors,
`ws` is a ticket that opens the relay once.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, Literal

import jwt

from aisdr.errors import NotConfigured, NotFound, Unauthorized

TOKEN_SECONDS = 600
TICKET_SECONDS = 60
SKEW_SECONDS = 30
"""As much may the clocks of two machines of ours differ: a token from a moment that has not come yet is forged."""

Audience = Literal["api", "ws"]
MOST_CHARACTERS = 2000
"""Ours have some 500: nobody makes us decode megabytes."""
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_TYPE = {"api": "sdr+session", "ws": "sdr+ticket"}
_LIFE = {"api": TOKEN_SECONDS, "ws": TICKET_SECONDS}
_NAMES = {"api": ("sub", "cid", "org", "jti"), "ws": ("sub", "cid", "org", "jti", "mode")}
_ISSUER = "aisdr"


class Signer:
    """The only one who signs and verifies. The first key signs, and all of them verify, so that keys can be changed."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        if any(len(secret.encode()) < 32 for secret in keys.values()):
            raise NotConfigured("AISDR_SIGNING_KEYS holds a secret shorter than 32 bytes; make a longer one")
        self._keys = keys

    def sign(self, audience: Audience, says: Mapping[str, str], now: float, expires_at: float) -> str:
        """A token that says this."""
        if not self._keys:
            raise NotConfigured("AISDR_SIGNING_KEYS is not set; give it a JSON object of key id and secret")
        key_id = next(iter(self._keys))
        claims = {
            "iss": _ISSUER,
            "aud": audience,
            "jti": secrets.token_urlsafe(12),
            "iat": int(now),
            "exp": int(expires_at),
            **says,
        }
        return jwt.encode(
            claims, self._keys[key_id], algorithm="HS256", headers={"kid": key_id, "typ": _TYPE[audience]}
        )

    def verify(self, token: str, audience: Audience, now: float) -> dict[str, Any]:
        """What it says.

        Raises:
            Unauthorized: it is forged, expired, or for another audience.
        """
        refusal = Unauthorized("The session token is missing, forged or expired; open a session with POST /api/session")
        try:
            if len(token) > MOST_CHARACTERS or not _COMPACT.fullmatch(token):
                raise refusal  # the library would also take a padded token
            header = jwt.get_unverified_header(token)
            if header.get("kid") not in self._keys or header.get("typ") != _TYPE[audience]:
                raise refusal
            claims: dict[str, Any] = jwt.decode(
                token,
                self._keys[header["kid"]],
                algorithms=["HS256"],
                audience=audience,
                issuer=_ISSUER,
                # Time is judged below by our own clock, so that one clock rules tokens, ledger and tables.
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.InvalidTokenError, TypeError, ValueError, RecursionError):
            raise refusal from None
        if not _is_sound(claims, audience, now):
            raise refusal
        return claims

    def capability(self, operation_id: str, company_id: str) -> str:
        """An unguessable path for a vendor's unsigned webhook, made for one operation."""
        return f"{company_id}.{operation_id}.{self._digest(next(iter(self._keys)), company_id, operation_id)}"

    def read_capability(self, capability: str) -> tuple[str, str]:
        """Returns (company_id, operation_id).

        Raises:
            NotFound: constant answer for anything that we did not make.
        """
        company_id, _, rest = capability.partition(".")
        operation_id, _, digest = rest.partition(".")
        if any(
            secrets.compare_digest(digest.encode(), self._digest(key_id, company_id, operation_id).encode())
            for key_id in self._keys
        ):
            return company_id, operation_id
        raise NotFound("There is nothing here")

    def _digest(self, key_id: str, company_id: str, operation_id: str) -> str:
        material = f"webhook|{company_id}|{operation_id}".encode()
        return hashlib.blake2b(material, key=self._keys[key_id].encode()[:64], digest_size=32).hexdigest()


def _is_sound(claims: Mapping[str, Any], audience: Audience, now: float) -> bool:
    """Whether it says what ours say, in the form that ours have, and is of now."""
    names = [claims.get(name) for name in _NAMES[audience]]
    if claims.get("aud") != audience or not all(isinstance(name, str) and name for name in names):
        return False  # the library would also take one that is for several audiences
    issued, ends = claims.get("iat"), claims.get("exp")
    begins = claims.get("nbf", issued)
    # `type`, because true is an int; and a float may be no number, which no comparison ever ends.
    if type(issued) is not int or type(ends) is not int or type(begins) is not int:
        return False
    return max(issued, begins) <= now + SKEW_SECONDS and now < ends <= issued + _LIFE[audience]
