"""Fixtures of the tests of dev/."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig
from tests.dev.account import KEY
from tests.dev.receiver import Receiver
from tests.dev.scene import Scene

if TYPE_CHECKING:
    from tests.dev.rooms import Vendor


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.syspath_prepend(str(tmp_path))
    with ExitStack() as stack:
        yield Scene(tmp_path, stack)


@pytest.fixture(scope="session")
def tavus_url() -> Iterator[str]:
    with serving(create_app(TavusConfig())) as url:
        yield url


@pytest.fixture
def tavus(tavus_url: str) -> Iterator[httpx.Client]:
    """The Tavus look-alike as any program sees it: nothing of ours stands between, and it remembers no other test."""
    with httpx.Client(base_url=tavus_url, headers={"x-api-key": KEY}) as client:
        client.post("/_lookalike/reset").raise_for_status()
        yield client


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with serving(receiver.app) as url:
        yield receiver, url


@pytest.fixture
def vendor() -> Iterator["Vendor"]:
    """The Tavus and the Daily look-alike, each with its own address."""
    from tests.dev.rooms import running_vendor

    with running_vendor() as vendor:
        yield vendor
