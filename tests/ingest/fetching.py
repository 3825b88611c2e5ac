"""How the tests ask the fetcher for a page of a website on this machine."""

from pathlib import Path
from typing import Any

from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Result, Wanted
from aisdr.ingest.pace import Pace
from tests.ingest.web import Names, Web

ANY = Wanted()


class Patience(Pace):
    """Notes what it is asked to wait for, and does not wait."""

    def __init__(self) -> None:
        super().__init__(wait=lambda seconds: None)
        self.held: list[float] = []

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


def fetcher_for(site: Web, *hosts: str, names: Names | None = None, pace: Pace | None = None) -> Fetcher:
    doors = [f"{host}:{site.port}" for host in hosts or ("site.test",)]
    return Fetcher(allowed_private=doors, resolver=names or Names(), pace=pace or Patience())


def get(site: Web, path: str, folder: Path, wanted: Wanted = ANY, **more: Any) -> Result:
    with fetcher_for(site) as fetcher:
        return fetcher.get(site.url(path), folder / "fetched", wanted, **more)
