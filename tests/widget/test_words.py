"""Whatever code our doors may answer a browser with, the widget has words for it; a new code cannot be forgotten.

That the page names every code is seen to in `tests/docs`.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAULTS_OF_THE_WIDGET = {
    "malformed_json": "it only sends what JSON.stringify wrote",
    "method_not_allowed": "it only sends the methods of the contract",
    "not_found": "it only asks the doors of the contract",
    "too_large": "its forms and questions are bounded far below that",
    "unsupported_media_type": "it only sends JSON, and an offer as SDP",
    "policy_violation": "it never says more than a socket may",
    "unknown_tool": "it only calls tools that are written into it",
    "idempotency_key_required": "it makes one for every call",
    "invalid_frame": "it only sends the frames of the contract",
    "explain_not_allowed": "it never asks why something was found",
    "no_live_call": "it only forwards events on the socket of a call",
}
"""A visitor who meets one of these meets a fault of ours, for which there are no better words than the general ones."""
FOR_OTHERS = {
    "search_not_configured": "the operator's commands and the log: a visitor's search is degraded instead",
    "conversation_not_found": "POST /api/tavus/delivery, which only a vendor's servers ask",
    "not_at_the_edge": "programs that ask API Gateway's own address: a browser knows only the distribution's",
    "too_many_calls": "a tool's result, which a brain reads",
    "too_many_tool_calls": "a tool's result, which a brain reads",
    "sockets_busy": "the handshake of a socket, of which a browser learns no code: the widget goes on without one",
    "network_sockets_busy": "the same",
}
"""Codes that go to somebody else."""
CODE = re.compile(r"`([a-z_]+)`")


def documented() -> set[str]:
    page = (ROOT / "docs" / "api.md").read_text()
    table = re.findall(r"^\| \d{3}.*$", page, re.MULTILINE)
    of_the_socket = page[page.index("A frame that cannot be served") :].partition("with the codes above")[2]
    assert len(table) > 5
    return {code for text in (*table, of_the_socket) for code in CODE.findall(text)}


def worded() -> set[str]:
    source = (ROOT / "widget" / "src" / "words.ts").read_text()
    return set(re.findall(r"^  (\w+): ", source.partition("const WORDS")[2], re.MULTILINE))


def test_every_documented_code_that_a_widget_can_meet_has_words() -> None:
    assert documented() - worded() == FAULTS_OF_THE_WIDGET.keys() | FOR_OTHERS.keys()
