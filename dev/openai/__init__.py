"""OpenAI look-alike: chat completions, embeddings, speech and realtime calls at the vendor's paths, behind one key.

Run `python -m dev.openai --port 4704` and set OPENAI_BASE_URL=http://127.0.0.1:4704/v1 and OPENAI_API_KEY=sk-local.
For tests there is more below `/_lookalike/`, without a key: `POST replies` (what chat completions answer next), `POST
faults` (one mishap of a realtime call), `POST reset`, `GET requests` (what was asked) and `GET calls` (each call: its
session, what it heard, said and received).
"""

from dev.openai.app import CHAT_MODELS, KEY, OpenAILookalike, create_app
from dev.openai.replies import UNSCRIPTED, Habit, Reply, ScriptedCall

__all__ = [
    "CHAT_MODELS",
    "KEY",
    "UNSCRIPTED",
    "Habit",
    "OpenAILookalike",
    "Reply",
    "ScriptedCall",
    "create_app",
]
