"""S-14: malformed JSON, strings that break programs and hostile frames, at every door and in the socket, cost no 5xx.

Each of the 318 files of the JSON test suite is sent to every HTTP door as its whole body and as a value inside of a
good one; each naughty string, and some too long for a key, in every field, header and part of a path; frames the same
way through the relay. Before and after, every door is asked what it takes: one that refuses it would have refused the
rest for the wrong reason.

All of it takes minutes, which is why the small form picks from the collections: every 45th file, every 150th string.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from aisdr.wire import FIELD
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.input.hostile_frames import Sockets, hostile_frames
from benchmarks.scoreboard.input.hostile_texts import long_strings, malformed_json, naughty_strings
from benchmarks.scoreboard.input.well_formed import BODIES, PLACE, WITHOUT_BODY, Request, Requests, places
from benchmarks.scoreboard.scene.doors import Answer, Doors
from benchmarks.scoreboard.scene.stage import stage

EVERY_FILE: dict[Form, int] = {"small": 45, "full": 1}
EVERY_STRING: dict[Form, int] = {"small": 150, "full": 1}
SHORTEST_ECHO = 12
_CANARY = "a-word-of-the-visitor"
_SPOKEN = "POST /api/speech"
"""Reading aloud takes longer than all other doors together: of texts that it takes, every tenth."""
_Row = TypeVar("_Row")


@dataclass
class Spoiled:
    """What came back for spoiled requests."""

    requests: int = 0
    taken: int = 0
    """Good requests, before and after."""
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """Answers of 5xx, errors in another shape than the contract's, and errors that repeat what came."""

    def send(self, request: Request, doors: Doors) -> None:
        try:
            self._add(request, request.sent(doors))
        except Exception as error:  # on AWS a 500
            self.failures.append(f"{request.door} {request.path[:80]!r} {request.body[:120]!r}: {error!r:.200}")

    def send_good(self, requests: Requests, doors: Doors) -> None:
        """One through every door, none of which may be refused."""
        for door in (*BODIES, *WITHOUT_BODY):
            answer = requests.good(door).sent(doors)
            self.taken += answer.status < 400
            if answer.status >= 400:
                self.failures.append(f"{door} refuses a good request: {answer.status} {answer.body[:200]!r}")

    def _add(self, request: Request, answer: Answer) -> None:
        self.requests += 1
        self.statuses[answer.status] += 1
        told = f"{request.door} {request.path[:80]!r} {request.body[:120]!r}: {answer.status} {answer.body[:200]!r}"
        if answer.status >= 500 or (answer.status >= 400 and not _is_ours(answer)):
            self.failures.append(told)
        elif answer.status >= 400 and any(
            word in json.loads(answer.body)["error"]["message"] for word in request.words
        ):
            self.failures.append(f"echoed: {told}")


def measure(form: Form) -> Figure:
    spoiled = Spoiled()
    with stage() as set_up:
        doors = Doors()
        requests = Requests(set_up, doors)
        spoiled.send_good(requests, doors)
        for spoil in (_bodies, _fields, _headers, _paths):
            for request in spoil(requests, form):
                spoiled.send(request, doors)
        spoiled.send_good(requests, doors)
        sockets = Sockets(set_up)
        sockets.send(hostile_frames(_some(malformed_json(), EVERY_FILE[form]), _strings(form)))
    failed = [*spoiled.failures, *sockets.failures]
    return Figure(
        f"{len(failed)} of {spoiled.requests:,} requests and {sockets.frames:,} frames",
        "0 5xx, and no socket lost without a reason",
        not failed,
        {
            "requests": spoiled.requests,
            "good_ones_taken": spoiled.taken,
            "statuses": dict(sorted(spoiled.statuses.items())),
            "frames": sockets.frames,
            "refused": sockets.refused,
            "closed": sockets.closed,
            "failures": failed[:20],
        },
    )


def _is_ours(answer: Answer) -> bool:
    try:
        error = json.loads(answer.body)["error"]
    except (ValueError, LookupError, TypeError):
        return False
    return set(error) == {"code", "message", "requestId"} and answer.headers["content-type"] == "application/json"


def _bodies(requests: Requests, form: Form) -> Iterator[Request]:
    """Each file whole, and inside of a good body beside the visitor's own words."""
    for text in _some(malformed_json(), EVERY_FILE[form]):
        for door in (*BODIES, *WITHOUT_BODY):
            yield requests.with_body(door, text.body)
        for door in BODIES:
            yield replace(requests.with_body(door, _inside(requests, door, text.body)), words=(_CANARY,))
        decoded = text.body[:8000].decode("utf-8", "replace")
        for door in ("POST /api/tavus/delivery", "POST /api/tavus/tool"):
            yield requests.with_body(door, json.dumps(requests.body(door) | {"arguments": decoded}).encode())


def _inside(requests: Requests, door: str, value: bytes) -> bytes:
    body = dict(requests.body(door))
    name = "arguments" if "arguments" in body else list(body)[-1]
    with_place = json.dumps(body | {name: PLACE, "note": _CANARY}).encode()
    return with_place.replace(json.dumps(PLACE).encode(), value)


def _fields(requests: Requests, form: Form) -> Iterator[Request]:
    strings = _strings(form)
    for door in BODIES:
        for with_place in places(BODIES[door]):
            spoken = door == _SPOKEN and with_place.get("text") == PLACE
            names = f"{json.dumps(PLACE)}: " in json.dumps(with_place)
            for string in strings[:: 10 if spoken else 1]:
                text = json.dumps(requests.named(with_place)).replace(json.dumps(PLACE), json.dumps(string))
                told = names and FIELD.fullmatch(string)  # an unknown field is called by its name
                yield replace(requests.with_body(door, text.encode()), words=() if told else _words(string))


def _headers(requests: Requests, form: Form) -> Iterator[Request]:
    """What can stand in a header: API Gateway refuses control characters by itself."""
    names = ("authorization", "origin", "idempotency-key", "x-tavus-signature", "traceparent", "content-type", "accept")
    for string in filter(str.isprintable, _strings(form)):
        for name in (*names, "x-deadline-ms", "x-forwarded-for", "access-control-request-headers"):
            for door in ("POST /api/tavus/session", "POST /api/tavus/delivery", "GET /api/session/{id}"):
                good = requests.good(door)
                headers = good.headers | {name: string}
                if name == "idempotency-key":
                    del headers["authorization"]  # a second call of this visitor's would end the one that others name
                yield replace(good, headers=headers, words=_words(string))
        good = requests.good("GET /api/session/{id}")
        yield replace(good, headers=good.headers | {"authorization": f"Bearer {string}"})


def _paths(requests: Requests, form: Form) -> Iterator[Request]:
    for string in _strings(form):
        segment = string.replace("/", "") or "x"
        for door in (*BODIES, *WITHOUT_BODY):
            good = requests.good(door)
            for value in good.path_values.values():
                yield replace(good, path=good.path.replace(value, segment), words=_words(segment))


def _words(string: str) -> tuple[str, ...]:
    """What no error may repeat; shorter strings stand in our own sentences as well."""
    return (string,) if len(string) >= SHORTEST_ECHO else ()


def _strings(form: Form) -> list[str]:
    return [*_some(naughty_strings(), EVERY_STRING[form]), *long_strings()]


def _some(rows: Sequence[_Row], every: int) -> Sequence[_Row]:
    return rows[::every]
