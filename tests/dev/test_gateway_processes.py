"""Functions in processes of their own: nothing shared, as many at once as there are environments, none left over."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from dev.gateway.processes import Processes
from dev.gateway.workers import FunctionError, FunctionTimeoutError
from tests.dev.loops import lived
from tests.dev.scene import Scene

pytestmark = pytest.mark.slow

SECONDS = 30.0
CODE = """
import os, time

served = 0

def handler(event, context):
    global served
    served += 1
    match event.get("do"):
        case "raise":
            raise ValueError("broken")
        case "die":
            os._exit(1)
        case "wait":
            while not os.path.exists(event["until"]):
                time.sleep(0.01)
    return {"process": os.getpid(), "served": served, "path": "x" * event.get("length", 0)}
"""


@pytest.fixture
def functions(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.getcwd()}")
    scene.function("one", "GET /one", code=CODE)
    scene.function("two", "GET /two", code=CODE)
    return scene


class House:
    """The processes of a test, and the events it sends."""

    def __init__(self, functions: Scene, environments: int) -> None:
        self.table = functions.table
        self.processes = Processes(functions.table, environments=environments)

    async def send(self, number: int = 0, seconds: float = SECONDS, **event: Any) -> Any:
        return await self.processes.invoke(self.table[number], event, seconds)

    async def __aenter__(self) -> "House":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.processes.close()


def test_a_function_keeps_its_memory_and_shares_none(functions: Scene) -> None:
    async def story() -> None:
        async with House(functions, 1) as house:
            first, second, other = await house.send(), await house.send(), await house.send(1)

        assert (first["served"], second["served"], other["served"]) == (1, 2, 1)
        assert first["process"] == second["process"]
        assert len({first["process"], other["process"], os.getpid()}) == 3

    lived(story())


def test_events_at_the_same_moment_are_served_by_different_environments(functions: Scene, tmp_path: Path) -> None:
    async def story() -> None:
        async with House(functions, 2) as house:
            until = tmp_path / "now"
            held = asyncio.ensure_future(house.send(do="wait", until=str(until)))
            free = await house.send()
            until.touch()
            assert (await held)["process"] != free["process"]

    lived(story())


@pytest.mark.parametrize("fault", ["raise", "die"])
def test_a_fault_is_the_functions_and_the_next_event_is_served(functions: Scene, fault: str) -> None:
    async def story() -> None:
        async with House(functions, 1) as house:
            with pytest.raises(FunctionError):
                await house.send(do=fault)
            assert (await house.send())["process"] != os.getpid()

    lived(story())


def test_a_caller_who_stops_waiting_leaves_the_function_at_work(functions: Scene, tmp_path: Path) -> None:
    async def story() -> None:
        async with House(functions, 1) as house:
            await house.send()
            until = tmp_path / "now"
            with pytest.raises(FunctionTimeoutError):
                await house.send(seconds=0.05, do="wait", until=str(until))
            until.touch()
            assert (await house.send())["served"] == 3

    lived(story())


def test_a_result_may_be_long(functions: Scene) -> None:
    async def story() -> None:
        async with House(functions, 1) as house:
            assert len((await house.send(length=5_000_000))["path"]) == 5_000_000

    lived(story())


def test_closing_leaves_no_process(functions: Scene) -> None:
    async def story() -> int:
        async with House(functions, 1) as house:
            return int((await house.send())["process"])

    process = lived(story())

    with pytest.raises(ProcessLookupError):
        os.kill(process, signal.SIG_DFL)


LOOKING = """
from importlib.util import find_spec

def handler(event, context):
    return [name for name in ("json", "aisdr", "functions", "httpx") if find_spec(name)]
"""


def test_a_bundle_finds_what_it_holds_and_nothing_else(scene: Scene) -> None:
    scene.function("one", "GET /one", code=LOOKING)

    async def story() -> None:
        processes = Processes(scene.table, environments=1, paths={"one": [scene.folder.parent]})
        try:
            assert await processes.invoke(scene.table[0], {}, SECONDS) == ["json"]
        finally:
            processes.close()

    lived(story())
