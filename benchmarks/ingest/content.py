"""The content of an invented company and the questions about it: tests/data/content."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parents[2] / "tests" / "data" / "content"
KNOWLEDGE = CONTENT / "knowledge"
ON_SITE = "site:"
"""Before the path of a page of the website, whose address is another at each run."""
TOLERANCE = 2.0
"""Seconds by which a clip may be opened too early or too late."""
LONGEST = 40.0
"""Seconds. A longer piece of a clip is no place in it."""
TOP = 3


@dataclass(frozen=True)
class Found:
    """A hit as far as it says where it comes from, ours or a peer's. None: it does not say."""

    source: str
    """Path below the knowledge folder, or `ON_SITE` and the page's path."""
    text: str
    heading: str | None = None
    page: int | None = None
    row: int | None = None
    box: tuple[float, float, float, float] | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Question:
    """What is asked, and the place where the answer stands. What is None does not matter."""

    kind: str
    question: str
    source: str
    heading: str | None = None
    page: int | None = None
    row: int | None = None
    says: str | None = None
    box: tuple[float, float, float, float] | None = None
    start: float | None = None
    end: float | None = None

    @property
    def on_site(self) -> bool:
        return self.source.startswith(ON_SITE)

    def comes_from(self, found: Found) -> bool:
        return found.source == self.source

    def is_at(self, found: Found) -> bool:
        """Whether the hit opens the very place."""
        return (
            self.comes_from(found)
            and (self.heading is None or self.heading in (found.heading or ""))
            and (self.page is None or self.page == found.page)
            and (self.row is None or (found.row is not None and found.row <= self.row))
            and (self.says is None or _plain(self.says) in _plain(found.text))
            and (self.box is None or found.box is None or _covers(found.box, self.box))
            and self._is_in_time(found)
        )

    def _is_in_time(self, found: Found) -> bool:
        if self.start is None or self.end is None:
            return True
        if found.start is None:
            return False
        end = found.start if found.end is None else found.end
        # A frame is a moment of what it shows; a spoken piece has to hold what is said.
        at = found.start if found.end is None else min(max(self.start, found.start), end)
        return self.start - TOLERANCE <= at <= self.end + TOLERANCE and end - found.start <= LONGEST


def questions(*, with_site: bool = True) -> list[Question]:
    lines = (CONTENT / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [_question(json.loads(line)) for line in lines]
    return [each for each in asked if with_site or not each.on_site]


@contextmanager
def served_site() -> Iterator[str]:
    """The address at which the company's website stands, for as long as it is wanted."""
    handler = partial(_Pages, directory=str(CONTENT / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Pages(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass  # the output is the benchmark's


def _question(line: dict[str, Any]) -> Question:
    box = line.pop("box", None)
    return Question(**line, box=tuple(box) if box else None)


def _covers(place: tuple[float, float, float, float], wanted: tuple[float, float, float, float]) -> bool:
    """Whether the middle of what is wanted lies within the place."""
    x, y = wanted[0] + wanted[2] / 2, wanted[1] + wanted[3] / 2
    return place[0] <= x <= place[0] + place[2] and place[1] <= y <= place[1] + place[3]


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
