"""The session object: what the vendor takes in it, what it fills in, and what may change during a call."""

import copy
import secrets
import time
from typing import Any

from dev.openai.published import check
from dev.openai.refusals import OpenAIError, unknown_model, wrong

Session = dict[str, Any]

MODELS = ("gpt-realtime-1.5", "gpt-realtime-2", "gpt-realtime-2.1", "gpt-realtime-2.1-mini")
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
TRANSCRIBERS = ("gpt-transcribe", "gpt-live-transcribe", "gpt-realtime-whisper")
# Models with an announced day of shut-down: new work must not begin with them, so they are refused already.
RETIRED = {
    "gpt-realtime": "2027-01-20",
    "gpt-realtime-2025-08-28": "2027-01-20",
    "gpt-realtime-mini": "2027-01-20",
    "gpt-realtime-mini-2025-10-06": "2027-01-20",
    "gpt-realtime-mini-2025-12-15": "2027-01-20",
    "gpt-4o-realtime-preview": "2027-01-20",
    "gpt-4o-mini-realtime-preview": "2027-01-20",
    "whisper-1": "2027-02-26",
    "gpt-4o-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe": "2027-02-26",
    "gpt-4o-transcribe-diarize": "2027-02-26",
}
_RANGES = (
    ("audio.input.turn_detection.threshold", 0, 1),
    ("audio.output.speed", 0.25, 1.5),
    ("max_output_tokens", 1, 4096),
    ("truncation.retention_ratio", 0, 1),
)


def effective(given: Any, seconds: float) -> Session:
    """A new session as the vendor shows it in `session.created`.

    Raises: OpenAIError.
    """
    checked(given)
    if "model" not in given:
        raise wrong("session.model", "Missing required parameter: 'session.model'.", "missing_required_parameter")
    started = {"id": f"sess_{secrets.token_hex(12)}", "object": "realtime.session"}
    return _merged(_defaults() | started | {"expires_at": int(time.time() + seconds)}, given)


def updated(session: Session, given: Any, *, has_spoken: bool) -> Session:
    """Raises: OpenAIError."""
    checked(given)
    if given.get("model", session["model"]) != session["model"]:
        raise wrong("session.model", "Model cannot be changed in the middle of a session.", "invalid_value")
    changed = _merged(session, given)
    if has_spoken and changed["audio"]["output"]["voice"] != session["audio"]["output"]["voice"]:
        message = "Cannot update a conversation's voice if assistant audio is present."
        raise OpenAIError(400, message, param="session.audio.output.voice", code="cannot_update_voice")
    return changed


def checked(given: Any) -> None:
    """Raises: OpenAIError, for what the published types forbid and for what only their descriptions say."""
    # Half a second of imports that only a call needs.
    from openai.types.realtime.realtime_session_create_request_param import RealtimeSessionCreateRequestParam

    check(given, RealtimeSessionCreateRequestParam, "session")
    for path, low, high in _RANGES:
        value = _at(given, path)
        if isinstance(value, int | float) and not low <= value <= high:
            raise wrong(f"session.{path}", f"Invalid value: expected a number from {low} to {high}.", "invalid_value")
    if sorted(given.get("output_modalities", ())) == ["audio", "text"]:
        message = "Invalid modalities: ['text', 'audio']. Supported combinations are: ['text'] and ['audio']."
        raise wrong("session.output_modalities", message, "invalid_value")
    if given.get("prompt"):
        raise wrong("session.prompt", "Prompt objects are not supported any more.", "invalid_value")
    check_voice(_at(given, "audio.output.voice"), VOICES, "session.audio.output.voice")
    _check_models(given)


def check_voice(voice: Any, known: tuple[str, ...], where: str) -> None:
    """Raises: OpenAIError. A voice of one's own is an object with an id."""
    if isinstance(voice, str) and voice not in known:
        names = ", ".join(f"'{name}'" for name in known)
        raise wrong(where, f"Invalid value: '{voice}'. Supported values are: {names}.", "invalid_value")


def _check_models(given: Session) -> None:
    model, transcriber = given.get("model"), _at(given, "audio.input.transcription.model")
    for named, known in ((model, MODELS), (transcriber, TRANSCRIBERS)):
        if named in RETIRED:
            message = f"The model `{named}` has been deprecated (shut down on {RETIRED[named]})."
            raise OpenAIError(404, message, code="model_not_found")
        if named is not None and named not in known:
            raise unknown_model(named)
    for name in ("reasoning", "parallel_tool_calls"):
        if name in given and model is not None and not model.startswith("gpt-realtime-2"):
            raise wrong(f"session.{name}", f"'{name}' is not supported with this model.", "invalid_value")


def _at(given: Session, path: str) -> Any:
    value: Any = given
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _merged(old: Session, new: Session) -> Session:
    """Only what is given changes; a choice with a `type`, such as turn_detection, is given as a whole."""
    changed = copy.deepcopy(old)
    for name, value in new.items():
        deeper = isinstance(value, dict) and isinstance(changed.get(name), dict) and "type" not in value
        changed[name] = _merged(changed[name], value) if deeper else copy.deepcopy(value)
    turns = changed.get("turn_detection")
    if isinstance(turns, dict):
        changed["turn_detection"] = _TURNS[turns["type"]] | turns
    return changed


_TURNS: dict[str, dict[str, Any]] = {
    "server_vad": {
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {"eagerness": "auto", "create_response": True, "interrupt_response": True},
}


def _defaults() -> Session:
    pcm = {"type": "audio/pcm", "rate": 24000}
    heard = {
        "format": pcm,
        "transcription": None,
        "noise_reduction": None,
        "turn_detection": {"type": "server_vad", **_TURNS["server_vad"]},
    }
    return {
        "type": "realtime",
        "instructions": "You are a helpful, friendly AI.",
        "output_modalities": ["audio"],
        "audio": {"input": heard, "output": {"format": pcm, "voice": "alloy", "speed": 1.0}},
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "truncation": "auto",
        "tracing": None,
        "include": None,
        "prompt": None,
    }
