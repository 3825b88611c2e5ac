"""`python -m dev.gateway`: the gateway for our own functions, configured by the environment they run with."""

import argparse
import json
import logging
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3
import uvicorn

from aisdr.services import services
from aisdr.settings import Settings
from dev.gateway.app import SERVER_OPTIONS, Options, create_gateway
from dev.gateway.media import Media
from dev.gateway.processes import RUNTIME
from dev.gateway.signed import Gate
from dev.gateway.static import MANIFEST
from dev.gateway.workers import load
from functions import FUNCTIONS
from infra.bundle.build import import_path
from scripts.snippet import Site as SnippetSite
from scripts.snippet import snippet_for

ENVIRONMENTS_OF_A_BUNDLE = 4
"""Each is a process that has its own index and its own model."""


def list_companies(scripts: Path) -> list[dict[str, Any]]:
    """Public profiles, each with the tag and the policies that `aisdr snippet` would print for this build."""
    settings = services().settings
    site = SnippetSite.of(settings.public_url, settings.websocket_url, settings.room_hosts)
    manifest = scripts / MANIFEST
    files = json.loads(manifest.read_text("utf-8"))["files"] if manifest.is_file() else None
    profiles = [company.profile() for company in services().companies.list()]
    return [
        profile.model_dump(mode="json", by_alias=True)
        | {"snippet": asdict(snippet_for(profile, site, files)), "floating": snippet_for(profile, site, None).tag}
        for profile in profiles
    ]


def load_all() -> None:
    """So that the first visitor does not wait for the imports. What fails here fails again, and loudly, when called."""
    for function in FUNCTIONS:
        try:
            load(function.handler)
        except Exception:  # whatever a module can raise while it is imported
            logging.getLogger("gateway").exception("%s cannot be loaded", function.name)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--scripts", type=Path, default=Options.scripts, help="folder with the built widget")
    parser.add_argument("--link", action="append", default=[], metavar="NAME=URL", help="shown on the start page")
    parser.add_argument("--look-alike", action="append", default=[], metavar="NAME=URL", help="shown with its state")
    parser.add_argument("--shuffle", action="store_true", help="run the messages of a socket at once and out of order")
    parser.add_argument(
        "--environments", type=int, metavar="N", help="run each function in N processes instead of in threads"
    )
    parser.add_argument(
        "--bundles",
        type=Path,
        metavar="FOLDER",
        help="run what was built there for this machine, instead of the source",
    )
    parser.add_argument("--runtime", default=RUNTIME, help="the module that such a process runs")
    parser.add_argument(
        "--minute-seconds", type=float, default=60.0, help="length of the minute of scheduled functions"
    )
    given = parser.parse_args()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    settings = Settings.from_environment()
    options = Options(
        companies=lambda: list_companies(given.scripts),
        media=Media(boto3.client("s3"), settings.media_bucket, Gate(settings.public_url, settings.media_keys)),
        scripts=given.scripts,
        links=dict(link.split("=", 1) for link in given.link),
        look_alikes=dict(each.split("=", 1) for each in given.look_alike),
        messages_in_order=not given.shuffle,
        minute_seconds=given.minute_seconds,
        environments=given.environments or (ENVIRONMENTS_OF_A_BUNDLE if given.bundles else None),
        runtime=given.runtime,
        paths={each.name: import_path(given.bundles, each) for each in FUNCTIONS} if given.bundles else None,
    )
    if options.environments is None:
        threading.Thread(target=load_all, daemon=True).start()
    uvicorn.run(create_gateway(FUNCTIONS, options), host=given.host, port=given.port, **SERVER_OPTIONS)


if __name__ == "__main__":
    main()
