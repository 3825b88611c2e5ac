"""OpenAI's HTTP API for realtime calls, in OpenAI's own words.

Source: https://github.com/openai/openai-openapi, paths `/realtime/calls`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aisdr.errors import AisdrError, InvalidInput, LimitReached, NotConfigured, VendorError
from aisdr.live.circuit import OUT_OF_CREDIT, Circuits
from aisdr.live.vendor_client import VendorClient, VendorPatience
from aisdr.live.vendor_http import seconds_of
from aisdr.observability import logger
from aisdr.outbound import Reply
from aisdr.secret import Secret

VENDOR = "openai"
KEY_REFUSED = "voice_not_configured"


@dataclass(frozen=True)
class Patience(VendorPatience):
    """Seconds that an answer may take in all."""

    create: float = 6.0
    hang_up: float = 4.0


CALLS = "/realtime/calls"
_CALL_ID = re.compile(r".*/realtime/calls/([\w-]{1,128})/?")
_RETIRED = {"model_not_found", "model_deprecated", "model_not_supported"}


class RealtimeClient(VendorClient[Patience]):
    """Creates and hangs up calls under `{base_url}/realtime/calls`. The key stays here: no browser ever gets one.

    Raises:
        NotConfigured: `voice_not_configured` (no key, or one that is refused), `voice_model_unavailable`.
        LimitReached: `vendor_credits`, `voice_busy`.
        InvalidInput: `invalid_sdp`.
        VendorError: anything else.
    """

    name, vendor, key_variable, key_refused = "OpenAI", VENDOR, "OPENAI_API_KEY", KEY_REFUSED

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        circuits: Circuits | None = None,
        patience: Patience = Patience(),
    ) -> None:
        super().__init__(base_url.rstrip("/"), api_key, circuits, patience)

    def create(self, offer: str, session: Mapping[str, Any]) -> tuple[str, str]:
        """Returns the call's id and the answer to the offer.

        A lost answer is a call that did not happen: without it no browser connects, and without sound nothing is
        billed. So no failure here says `outcome_unknown`.
        """
        parts = {
            "sdp": (None, offer, "application/sdp"),
            "session": (None, json.dumps(session, ensure_ascii=False), "application/json"),
        }

        def create() -> tuple[str, str]:
            reply = self._ask("POST", CALLS, self._patience.create, files=parts)
            named = _CALL_ID.fullmatch(reply.headers.get("location", ""))
            answer = reply.body.decode("utf-8", "replace")
            if named is None or not answer.startswith("v=0") or not reply.complete:
                raise self.down("gave no call")
            return named[1], answer

        return self._buy(create)

    def hang_up(self, call_id: str) -> None:
        """One that is over already is no error."""

        def hang_up() -> None:
            self._ask("POST", f"{CALLS}/{call_id}/hangup", self._patience.hang_up, gone_is_well=True)

        self._ask_again("hang_up", hang_up)

    def _look(self) -> None:
        self._ask("GET", "/models", self._patience.look, gone_is_well=True)

    def _ask(self, method: str, path: str, seconds: float, *, gone_is_well: bool = False, **request: Any) -> Reply:
        def ask(key: str) -> Reply:
            reply = self._send(method, path, seconds, headers={"Authorization": f"Bearer {key}"}, **request)
            if reply.status >= 400 and not (gone_is_well and reply.status == 404):
                raise _refusal(reply)
            return reply

        return self._with_the_newest_key(ask)


def _refusal(reply: Reply) -> AisdrError:
    """The reason stands in the JSON body; the status alone does not tell a spent quota from a busy minute."""
    error = _error_of(reply)
    status, code, said = reply.status, str(error.get("code") or ""), str(error.get("message") or "")
    if status == 401 or (status == 403 and code not in _RETIRED):
        return NotConfigured("OpenAI refused the API key; check OPENAI_API_KEY", code=KEY_REFUSED)
    if code == "insufficient_quota" or status == 402:
        return LimitReached("The OpenAI account is out of credit", code=OUT_OF_CREDIT)
    if status == 429:
        again = seconds_of(reply.headers.get("retry-after"))
        return LimitReached("All voice lines are busy; try again in a minute", code="voice_busy", retry_after=again)
    if code in _RETIRED:
        logger.error("realtime model unavailable", said=said[:200])
        return NotConfigured(
            "Voice is not available: OpenAI does not serve the model, or the transcription model, of the company's "
            "[realtime] configuration (any more); name a newer one",
            code="voice_model_unavailable",
        )
    if status == 400 and (str(error.get("param")) in ("sdp", "offer") or "sdp" in f"{code} {said}".lower()):
        return InvalidInput(
            "'sdpOffer' cannot be read by the voice vendor; send the text of RTCPeerConnection.createOffer()",
            code="invalid_sdp",
        )
    if status >= 500:
        return RealtimeClient.down(f"failed with {status}")
    return VendorError(f"OpenAI refused with {status}: {said[:200]}", vendor=VENDOR)


def _error_of(reply: Reply) -> Mapping[str, Any]:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}
