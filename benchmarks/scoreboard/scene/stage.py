"""A stage for figures that ask the doors: a company with all modes and tools, its vendors' look-alikes, AWS in process.

DynamoDB answers one request after another here, and takes no key that AWS would not (`serial_dynamodb`).
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import boto3

from aisdr.company import Company
from aisdr.configuration import Speech
from aisdr.limits import Limits
from aisdr.observability import logger
from aisdr.services import Services, services
from benchmarks.scoreboard.scene.serial_dynamodb import COMPANIES, CONVERSATIONS, serial_dynamodb
from tests import tavus, voice
from tests.material import KEYS, ORIGIN, a_chunk, a_company, teach
from tests.postbox import Postbox, open_postbox

DELIVERY_SECRET = "signs what Tavus's servers deliver on this stage"  # noqa: S105
UNCAPPED = 1_000_000
"""Of calls and money: a figure that asks ten thousand times is about what it asks, and not about the caps."""


@dataclass(frozen=True)
class Stage:
    services: Services
    company: Company
    postbox: Postbox
    tavus: tavus.Tavus
    openai: voice.OpenAi

    @property
    def origin(self) -> str:
        """The website that the company's widget stands on."""
        return ORIGIN


@contextmanager
def stage() -> Iterator[Stage]:
    """The very services that the handlers of this process use, until it is over."""
    with ExitStack() as until:
        folder = until.enter_context(TemporaryDirectory(prefix="aisdr-stage-"))
        # Whoever asks for minutes would find his own call over, which nobody ever joined.
        vendor = until.enter_context(tavus.running_tavus(ignore_timeouts=True))
        openai = until.enter_context(voice.running_openai())
        postbox = until.enter_context(open_postbox())
        until.enter_context(patch.dict(os.environ, _environment(folder, vendor, openai, postbox)))
        # What functions log and count, they write to their standard output.
        until.enter_context(redirect_stdout(until.enter_context(Path(os.devnull).open("w"))))
        until.callback(logger.setLevel, logger.log_level)
        logger.setLevel("CRITICAL")
        dynamodb = until.enter_context(serial_dynamodb())
        for bucket in ("media", "knowledge"):
            boto3.client("s3").create_bucket(Bucket=bucket)
        services.cache_clear()
        until.callback(services.cache_clear)
        services().dynamodb = dynamodb
        company = _open_shop(services())
        yield Stage(services(), company, postbox, vendor, openai)


def _environment(folder: str, vendor: tavus.Tavus, openai: voice.OpenAi, postbox: Postbox) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AISDR_PUBLIC_URL": "http://localhost:3000",
        "AISDR_WEBSOCKET_URL": "ws://localhost:3000/ws",
        "WS_ENDPOINT": postbox.url,
        "AISDR_SIGNING_KEYS": json.dumps(KEYS),
        "AISDR_COMPANIES_TABLE": COMPANIES,
        "AISDR_CONVERSATIONS_TABLE": CONVERSATIONS,
        "AISDR_MEDIA_BUCKET": "media",
        "AISDR_KNOWLEDGE_BUCKET": "knowledge",
        "AISDR_INDEX_DIR": str(Path(folder) / "index"),
        "TAVUS_API_URL": vendor.url,
        "TAVUS_API_KEY": tavus.KEY,
        "TAVUS_TOOL_SECRET": DELIVERY_SECRET,
        "OPENAI_BASE_URL": openai.url,
        "OPENAI_API_KEY": voice.KEY,
    }


def _open_shop(ours: Services) -> Company:
    limits = Limits(
        concurrent_calls=UNCAPPED,
        network_calls_per_hour=100,
        calls_per_day=UNCAPPED,
        minutes_per_day=UNCAPPED,
        minutes_per_month=UNCAPPED,
        money_per_day=UNCAPPED,
        money_per_month=UNCAPPED,
    )
    company = a_company(modes=("text", "tts", "voice", "video"), speech=Speech(provider="openai"), limits=limits)
    ours.companies.put(company, expected_version=0)
    teach(ours, company, a_chunk("prices", "The Team plan costs 12 euros a month for each person."))
    return company
