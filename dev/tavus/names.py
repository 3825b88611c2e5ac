"""The two vocabularies of the vendor, which renamed replica to face and persona to PAL and still understands both."""

from typing import Any

from dev.tavus.config import Names

_LEGACY = {
    "face_id": "replica_id",
    "face_ids": "replica_ids",
    "face_name": "replica_name",
    "face_type": "replica_type",
    "default_face_id": "default_replica_id",
    "pal_id": "persona_id",
    "pal_name": "persona_name",
    "pal_type": "persona_type",
    "pal_interruptibility": "replica_interruptibility",
}
_NEW = {old: new for new, old in _LEGACY.items()}


def understood(value: Any) -> Any:
    """What was sent, in the new words. Where both words came, the new one wins."""
    if isinstance(value, list):
        return [understood(item) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {_NEW.get(key, key): understood(item) for key, item in value.items()}
    return renamed | {key: understood(item) for key, item in value.items() if key not in _NEW}


def understood_word(word: str) -> str:
    return _NEW.get(word, word)


def spoken(record: dict[str, Any], names: Names) -> dict[str, Any]:
    """A record of ours in the words the configuration asks for; nested objects keep the new words."""
    answer: dict[str, Any] = {}
    for key, value in record.items():
        old = _LEGACY.get(key)
        if old is None or names in ("both", "new"):
            answer[key] = value
        if old is not None and names in ("both", "legacy"):
            answer[old] = value
    return answer
