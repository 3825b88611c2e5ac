"""How we sign what we send to a company's own address: the Standard Webhooks form, which their libraries verify.

Source: github.com/standard-webhooks/standard-webhooks, spec: HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,` and base64. `secret` is `whsec_` and base64; `timestamp` is epoch seconds."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def signed_headers(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message. Every secret signs, so that one can be changed without a gap."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in secrets),
    }
