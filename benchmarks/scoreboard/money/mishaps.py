"""What may go wrong between a wish for a paid call and its answer: each befalls one wish, at one point."""

import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ReadTimeoutError

from aisdr.live.base import CallRequest, LiveCall
from aisdr.live.tavus import TavusVideo
from benchmarks.scoreboard.money.front_desk import FrontDesk
from benchmarks.scoreboard.scene.serial_dynamodb import Around, Ask, undisturbed
from tests.tavus import KEY, Tavus

CREATE: dict[str, Any] = {"method": "POST", "path": "/v2/conversations"}


class Killed(BaseException):
    """The process is gone: no handler of ours sees this."""


class Once:
    """True for the first who asks."""

    def __init__(self) -> None:
        self._lock, self._over = threading.Lock(), False

    def __call__(self) -> bool:
        with self._lock:
            first, self._over = not self._over, True
        return first


class MortalVideo(TavusVideo):
    """Whoever asks it for its first call dies, before the call is bought or after."""

    def __init__(self, tavus: Tavus, *, bought: bool) -> None:
        super().__init__(tavus.client(KEY), ("*.daily.co",), 0.6)
        self._bought, self._first = bought, Once()

    def start(self, request: CallRequest) -> LiveCall:
        dies = self._first()
        if dies and not self._bought:
            raise Killed
        call = super().start(request)
        if dies:
            raise Killed
        return call


def _reserves(verb: str, wish: dict[str, Any]) -> bool:
    return verb == "transact_write_items" and any(
        "Put" in each and each["Put"]["Item"]["sk"]["S"] == "operation" for each in wish["TransactItems"]
    )


def _notes_the_call(verb: str, wish: dict[str, Any]) -> bool:
    return verb == "update_item" and wish["ExpressionAttributeValues"].get(":state") == {"S": "created"}


def _after(happens: Callable[[str, dict[str, Any]], bool], then: Callable[[Ask], Any]) -> Around:
    """Such a request takes effect, and then `then` happens, once."""
    first = Once()

    def around(verb: str, wish: dict[str, Any], ask: Ask) -> Any:
        if not happens(verb, wish) or not first():
            return ask()
        answer = ask()
        then(ask)
        return answer

    return around


def _no_answer(_ask: Ask) -> None:
    raise ReadTimeoutError(endpoint_url="https://dynamodb")


def _dies(_ask: Ask) -> None:
    raise Killed


def _is_repeated(ask: Ask) -> None:
    """The SDK asks again after a time-out: its second request meets the first one's effect."""
    ask()


def _arranged(around: Around = undisturbed, fault: dict[str, Any] | None = None) -> Callable[[FrontDesk], None]:
    def arrange(desk: FrontDesk) -> None:
        desk.dynamodb.around = around
        if fault is not None:
            desk.tavus.fault(**CREATE, **fault)

    return arrange


def _mortal(*, bought: bool) -> Callable[[FrontDesk], None]:
    def arrange(desk: FrontDesk) -> None:
        desk.serve_with(MortalVideo(desk.tavus, bought=bought))

    return arrange


MISHAPS: dict[str, Callable[[], Callable[[FrontDesk], None]]] = {
    "nothing": lambda: _arranged(),
    "the create's answer is lost": lambda: _arranged(fault={"reset": True, "handled": True}),
    "the create's answer is cut off": lambda: _arranged(fault={"truncate": True}),
    "the create is answered 502 although it happened": lambda: _arranged(
        fault={"status": 502, "body": "<html>", "handled": True}
    ),
    "killed before the create": lambda: _mortal(bought=False),
    "killed after the create": lambda: _mortal(bought=True),
    "killed after the reservation": lambda: _arranged(_after(_reserves, _dies)),
    "killed after the call was noted": lambda: _arranged(_after(_notes_the_call, _dies)),
    "the reservation is written and not answered": lambda: _arranged(_after(_reserves, _no_answer)),
    "the call is noted and not answered": lambda: _arranged(_after(_notes_the_call, _no_answer)),
    "the call is noted twice": lambda: _arranged(_after(_notes_the_call, _is_repeated)),
}


def befall(desk: FrontDesk, mishap: str) -> None:
    """Lets it happen to the next wish."""
    desk.tavus.clear_faults()
    desk.dynamodb.around = undisturbed
    desk.serve_with(desk.tavus.video())
    MISHAPS[mishap]()(desk)


def mend(desk: FrontDesk) -> None:
    """From now on nothing goes wrong."""
    befall(desk, "nothing")
