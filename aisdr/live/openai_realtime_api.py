"""OpenAI's HTTP API for realtime calls, in OpenAI's own words.

Source: https://github.com/openai/openai-openapi, paths `/realtime/calls`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from aisdr.errors import AisdrError, InvalidInput, LimitReached, NotConfigured, VendorDown, VendorError
from aisdr.live.circuit import Circuits
from aisdr.live.retries import Retries
from aisdr.live.vendor_http import VendorHttp, seconds_of
from aisdr.observability import logger
from aisdr.outbound import Reply
from aisdr.secret import Secret

VENDOR = "openai"
KEY_REFUSED = "voice_not_configured"
Operation = Literal["create", "hang_up"]


@dataclass(frozen=True)
class Patience:
    """Seconds that an answer may take in all."""

    create: float = 6.0
    hang_up: float = 4.0
    look: float = 1.5
    """At whether a vendor who failed is back. Short, for a visitor waits for it."""


_CALL_ID = re.compile(r".*/realtime/calls/([\w-]{1,128})/?")
_RETIRED = {"model_not_found", "model_deprecated", "model_not_supported"}


class RealtimeClient:
    """Creates and hangs up calls under `{base_url}/realtime/calls`. The key stays here: no browser ever gets one.

    Raises:
        NotConfigured: `voice_not_configured` (no key, or one that is refused), `voice_model_unavailable`.
        LimitReached: `vendor_credits`, `voice_busy`.
        InvalidInput: `invalid_sdp`.
        VendorError: anything else.
    """

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        circuits: Circuits | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._url = f"{self._base_url}/realtime/calls"
        self._api_key = api_key
        self._circuits = circuits
        self._patience = patience
        self._http = VendorHttp()
        self._retries = Retries()

    def key(self) -> str:
        """Raises: NotConfigured."""
        if not self._api_key:
            raise NotConfigured("OpenAI API key not configured: set OPENAI_API_KEY", code="voice_not_configured")
        return self._api_key.get_secret_value()

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
            reply = self._with_the_newest_key("POST", self._url, self._patience.create, files=parts)
            named = _CALL_ID.fullmatch(reply.headers.get("location", ""))
            answer = reply.body.decode("utf-8", "replace")
            if named is None or not answer.startswith("v=0") or not reply.complete:
                raise down("gave no call")
            return named[1], answer

        return self._circuits.buy("create", create, look=self._look) if self._circuits else create()

    def hang_up(self, call_id: str) -> None:
        """One that is over already is no error."""

        def hang_up() -> None:
            self._with_the_newest_key(
                "POST", f"{self._url}/{call_id}/hangup", self._patience.hang_up, gone_is_well=True
            )

        circuits = self._circuits
        self._retries.run(lambda: circuits.ask("hang_up", hang_up) if circuits else hang_up())

    def _look(self) -> None:
        """Whether OpenAI is there, which costs nothing."""
        self._with_the_newest_key("GET", f"{self._base_url}/models", self._patience.look, gone_is_well=True)

    def _with_the_newest_key(self, method: str, url: str, seconds: float, **request: Any) -> Reply:
        """A key that is refused may have been changed: what was refused for it did not happen, and is asked again."""
        key = self.key()
        try:
            return self._ask(key, method, url, seconds, **request)
        except NotConfigured as refused:
            assert self._api_key is not None
            newer = self._api_key.read_again()
            if refused.code != KEY_REFUSED or newer in ("", key):
                raise
            return self._ask(newer, method, url, seconds, **request)

    def _ask(
        self, key: str, method: str, url: str, seconds: float, *, gone_is_well: bool = False, **body: Any
    ) -> Reply:
        try:
            reply = self._http.send(method, url, seconds, headers={"Authorization": f"Bearer {key}"}, **body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise down("cannot be reached") from error
        except httpx.HTTPError as error:
            raise down("did not answer cleanly") from error
        if reply.status >= 400 and not (gone_is_well and reply.status == 404):
            raise _refusal(reply)
        return reply


def down(what: str) -> VendorDown:
    """OpenAI did not answer, or not in a way that one can use."""
    return VendorDown(f"OpenAI {what}", vendor=VENDOR, retryable=True)


def _refusal(reply: Reply) -> AisdrError:
    """The reason stands in the JSON body; the status alone does not tell a spent quota from a busy minute."""
    error = _error_of(reply)
    status, code, said = reply.status, str(error.get("code") or ""), str(error.get("message") or "")
    if status == 401 or (status == 403 and code not in _RETIRED):
        return NotConfigured("OpenAI refused the API key; check OPENAI_API_KEY", code=KEY_REFUSED)
    if code == "insufficient_quota" or status == 402:
        return LimitReached("The OpenAI account is out of credit", code="vendor_credits")
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
        return down(f"failed with {status}")
    return VendorError(f"OpenAI refused with {status}: {said[:200]}", vendor=VENDOR)


def _error_of(reply: Reply) -> Mapping[str, Any]:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}
