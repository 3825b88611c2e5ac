"""OpenAI's HTTP API for realtime calls, in OpenAI's own words.

Source: https://github.com/openai/openai-openapi, paths `/realtime/calls`.
"""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx

from aisdr.errors import AisdrError, InvalidInput, LimitReached, NotConfigured, VendorError
from aisdr.observability import TRACED, logger
from aisdr.secret import Secret

VENDOR = "openai"
CREATE_TIMEOUT = httpx.Timeout(10.0, connect=2.0)
HANG_UP_TIMEOUT = httpx.Timeout(4.0, connect=2.0)
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

    def __init__(self, base_url: str, api_key: Secret | None) -> None:
        self._url = f"{base_url.rstrip('/')}/realtime/calls"
        self._api_key = api_key

    @cached_property
    def _http(self) -> httpx.Client:
        """Made when the vendor is first asked: it reads every certificate authority of the world."""
        return httpx.Client(event_hooks=TRACED)

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
        response = self._post(self._url, CREATE_TIMEOUT, files=parts)
        if response.is_error:
            raise _refusal(response)
        named = _CALL_ID.fullmatch(response.headers.get("location", ""))
        if named is None or not response.text.startswith("v=0"):
            raise failure("gave no call", retryable=True)
        return named[1], response.text

    def hang_up(self, call_id: str) -> None:
        """One that is over already is no error."""
        response = self._post(f"{self._url}/{call_id}/hangup", HANG_UP_TIMEOUT)
        if response.is_error and response.status_code != 404:
            raise _refusal(response)

    def _post(self, url: str, timeout: httpx.Timeout, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key()}"}
        try:
            return self._http.post(url, headers=headers, timeout=timeout, **body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise failure("cannot be reached", retryable=True) from error
        except httpx.HTTPError as error:
            raise failure("did not answer cleanly", retryable=True) from error


def failure(what: str, *, retryable: bool = False) -> VendorError:
    """OpenAI did not do what it was asked."""
    return VendorError(f"OpenAI {what}", vendor=VENDOR, retryable=retryable)


def _refusal(response: httpx.Response) -> AisdrError:
    """The reason stands in the JSON body; the status alone does not tell a spent quota from a busy minute."""
    error = _error_of(response)
    status, code, said = response.status_code, str(error.get("code") or ""), str(error.get("message") or "")
    if status == 401:
        return NotConfigured("OpenAI refused the API key; check OPENAI_API_KEY", code="voice_not_configured")
    if code == "insufficient_quota":
        return LimitReached("The OpenAI account is out of credit", code="vendor_credits")
    if status == 429:
        return LimitReached("All voice lines are busy; try again in a minute", code="voice_busy")
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
        return failure(f"failed with {status}", retryable=True)
    return failure(f"refused with {status}: {said[:200]}")


def _error_of(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}
