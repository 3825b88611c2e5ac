"""DynamoDB for races: moto checks a condition and writes in two steps, AWS in one, so no two requests may overlap.

Without it a race proves nothing: 200 threads on plain moto let three through where one may pass.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws

from aisdr.table import table_definition

REGION = "us-east-1"


@contextmanager
def serialised_dynamodb(companies: str, conversations: str, *, callers: int) -> Iterator[Any]:
    """A client of an account of its own with both tables, whose requests are served one after another."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION, config=Config(max_pool_connections=callers))
        client.create_table(**table_definition(companies, with_open_index=False))
        client.create_table(**table_definition(conversations, with_open_index=True))
        lock = threading.Lock()
        client.meta.events.register("before-call", lambda **_: _enter(lock))
        client.meta.events.register("after-call", lambda **_: lock.release())
        client.meta.events.register("after-call-error", lambda **_: lock.release())
        yield client


def _enter(lock: threading.Lock) -> None:
    # A handler's answer is taken for the call's; to have entered is none.
    lock.acquire()
