"""What may go wrong: each line of the fault model is a family, and a cell is its fault at one of its places.

A test that proves cells carries `@pytest.mark.cell("F-TV-01/create", …)`; a parameter may carry it too. `cells.py`
finds and runs those tests, `tests/scoreboard/faults/test_fault_matrix.py` lets no cell go without one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.yield_points import yield_points

CALLS = ("create", "end", "get")
"""What we ask the vendor of video calls while a visitor is there."""


@dataclass(frozen=True)
class Family:
    """Cells of one number. Without `places` it is one cell, and bears the number alone."""

    number: str
    fault: str
    expected: str
    places: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(f"{self.number}/{place}" for place in self.places) or (self.number,)


UNANSWERED = "create: failed or unknown, text goes on; end: asked again until it is confirmed; get: asked again"
FAILING = "create: unknown, never repeated; end and get: two more tries; the breaker opens at three"
FALLS_BACK = "what is left is searched and marked degraded; never another company's, never a 5xx for the visitor"

FAMILIES = (
    Family("F-TV-01", "Tavus refuses the connection", UNANSWERED, CALLS),
    Family("F-TV-02", "Tavus has no address", UNANSWERED, CALLS),
    Family("F-TV-03", "Tavus's certificate is not believed", UNANSWERED, CALLS),
    Family("F-TV-04", "Tavus takes the connection and says nothing", UNANSWERED, CALLS),
    Family("F-TV-05", "Tavus resets before its headers", UNANSWERED, CALLS),
    Family("F-TV-06", "Tavus resets in the middle of its answer", UNANSWERED, CALLS),
    Family("F-TV-07", "Tavus says 429, with and without Retry-After", "said to be busy; Retry-After honoured", CALLS),
    Family("F-TV-08", "Tavus says 500", FAILING, CALLS),
    Family("F-TV-09", "Tavus says 502", FAILING, CALLS),
    Family("F-TV-10", "Tavus says 503", FAILING, CALLS),
    Family("F-TV-11", "Tavus says 504", FAILING, CALLS),
    Family("F-TV-12", "Tavus says 400 because all its lines are taken", "429 avatar_busy, released, not counted"),
    Family(
        "F-TV-13",
        "Tavus refuses",
        "a typed error without secrets; an alarm for 401, 402 and 403",
        ("400", "401", "402", "403", "404", "422"),
    ),
    Family(
        "F-TV-14",
        "Tavus answers a create with 200 and something else",
        "unknown where it is unusable; a room on a foreign host is refused and ended; extra fields are ignored",
        (
            "empty",
            "html",
            "truncated",
            "wrong-types",
            "no-url",
            "foreign-host",
            "plain-http",
            "5-mb",
            "extra-fields",
        ),
    ),
    Family(
        "F-TV-15",
        "Tavus is slow",
        "the deadline is kept; what was bought too late is ended",
        ("1-s", "5-s", "9-s", "30-s", "drip"),
    ),
    Family("F-TV-16", "the face never joins", "the absent timeout ends it, the visitor is told, the minutes come back"),
    Family(
        "F-TV-17",
        "the call is shut down in the middle",
        "the transcript is kept, text goes on with the context",
        ("max-call-duration", "participant-left", "bot-could-not-join", "exception-encountered", "network-lost"),
    ),
    Family(
        "F-TV-18",
        "a webhook",
        "the state is what the vendor's own record says; the reconciler repairs what was lost",
        ("lost", "late", "duplicated", "reordered", "unknown-id", "before-our-store"),
    ),
    Family(
        "F-TV-19",
        "a tool is delivered",
        "401; the same answer again; 413; an answer in time all the same",
        ("forged", "replayed", "2-mb", "slow-tool"),
    ),
    Family("F-OS-01", "OpenSearch refuses the connection", FALLS_BACK),
    Family("F-OS-02", "OpenSearch takes longer than its time", FALLS_BACK),
    Family("F-OS-03", "OpenSearch says 429", FALLS_BACK),
    Family("F-OS-04", "OpenSearch says 503", FALLS_BACK),
    Family("F-OS-05", "OpenSearch lacks shards", FALLS_BACK),
    Family("F-OS-06", "OpenSearch says timed_out", FALLS_BACK),
    Family("F-OS-07", "OpenSearch says 403", FALLS_BACK),
    Family("F-OS-08", "OpenSearch answers something malformed", FALLS_BACK),
    Family(
        "F-OS-09",
        "a bulk write",
        "what can pass is tried again, the rest is named; nothing stands twice",
        ("partial-failure", "mapping-conflict", "version-conflict"),
    ),
    Family("F-DB-01", "DynamoDB throttles", "two tries, then 503 with Retry-After: no paid call, and text goes on"),
    Family("F-DB-02", "a condition fails", "the refusal that it stands for, and nothing written"),
    Family("F-DB-03", "two transactions meet", "tried again, and counted once"),
    Family("F-DB-04", "DynamoDB says 500", "two tries, then 503 with Retry-After: no paid call, and text goes on"),
    Family("F-DB-05", "a write is done and its answer lost", "it stands once, whoever repeats it"),
    Family("F-DB-06", "an item is larger than 400 KB", "refused before it is sent, or a typed error; nothing half"),
    Family("F-LM-01", "a function is invoked twice at once", "one effect"),
    Family("F-LM-02", "an asynchronous invocation is tried twice more", "one effect"),
    Family("F-LM-03", "a function's time ends in the middle", "nothing half-written"),
    Family("F-LM-04", "a function dies after its side effect", "found again, ended, settled once"),
    Family("F-LM-05", "many functions start cold at once", "no cap is exceeded"),
    Family(
        "F-LM-06", "a process is killed between two calls", "books balanced, nothing bought is left", yield_points()
    ),
    Family("F-WS-01", "a connection is gone (410)", "its row is deleted; never sent again"),
    Family("F-WS-02", "a post is throttled (429)", "tried again, boundedly"),
    Family("F-WS-03", "a message is too large (413)", "refused before it is sent, or shortened"),
    Family("F-WS-04", "a consumer is slow", "the others are not"),
    Family("F-WS-05", "a connection is cut after ten idle minutes", "kept awake, or resumed"),
    Family("F-WS-06", "a connection is cut after two hours", "resumed from the last number"),
    Family("F-WS-07", "a message comes twice", "shown once"),
    Family("F-WS-08", "messages come out of order", "shown in order"),
    Family("F-WS-09", "a message is missing", "fetched"),
    Family("F-WS-10", "five hundred clients reconnect at once", "spread with full jitter"),
    Family("F-SM-01", "a secret is rotated", "read again on the first 401, once"),
    Family("F-SM-02", "the secret store is down at a cold start", "the last good one, or 503 for paid modes only"),
    Family("F-SM-03", "tokens of the old key after a rotation", "two keys verify"),
    Family("F-OA-01", "OpenAI says 401", "falls to text"),
    Family("F-OA-02", "OpenAI says 429", "falls to text"),
    Family("F-OA-03", "OpenAI says 5xx", "falls to text"),
    Family("F-OA-04", "OpenAI refuses the offer", "falls to text"),
    Family("F-OA-05", "no media connection comes about", "falls to text; hung up by the server"),
    Family("F-OA-06", "OpenAI ends the session at its limit", "goes on in text with what was said"),
    Family("F-OA-07", "a tool call is malformed", "nothing is run; the call goes on"),
    Family("F-BR-01", "the browser is offline at the start", "a message of its own, and a mode that works"),
    Family("F-BR-02", "the browser goes offline in a call", "a message of its own, and a mode that works"),
    Family("F-BR-03", "a tab sleeps for ten minutes", "no paid minutes; goes on"),
    Family("F-BR-04", "the microphone or camera is denied", "a message of its own, and a mode that works"),
    Family("F-BR-05", "there is no device", "a message of its own, and a mode that works"),
    Family("F-BR-06", "a device is unplugged", "a message of its own, and a mode that works"),
    Family("F-BR-07", "autoplay is blocked", "a message of its own, and a mode that works"),
    Family("F-BR-08", "third-party storage is blocked", "works"),
    Family("F-BR-09", "the page's policy blocks a source", "a message of its own, and a mode that works"),
    Family("F-BR-10", "a blocker removes the script", "the page stays whole"),
    Family("F-DP-01", "a new function meets an old token", "the token is taken"),
    Family("F-DP-02", "an old widget meets the new doors", "works for thirty days at least"),
    Family("F-DP-03", "a company's configuration changes in a session", "the session goes on"),
    Family("F-DP-04", "a deployment is taken back", "what the newer one wrote is read by the older"),
    Family("F-CL-01", "the visitor's clock is five minutes off", "tokens by the server's time alone"),
    Family("F-CL-02", "a server's clock is thirty seconds off", "tokens and ledger keep to the skew"),
)

NAMED = 128
"""How many cells the fault model names. Those of F-LM-06 come on top: there are as many as the code makes calls."""


def cells() -> Iterator[str]:
    """Every cell's name, in the order of the fault model."""
    for family in FAMILIES:
        yield from family.cells
