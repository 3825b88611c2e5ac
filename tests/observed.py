"""What a function writes while it runs: the lines of its log, and those of them that are metrics."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from aisdr.observability import logger


class Written:
    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line, as CloudWatch reads it."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "_aws" in line]

    def values(self, name: str) -> list[tuple[str, str, float]]:
        """Company, mode and value of a metric, oldest first."""
        return [(each["company_id"], each["mode"], each[name]) for each in self.metrics if name in each]


@contextmanager
def observed() -> Iterator[Written]:
    written = Written()
    handlers = [each for each in logger.handlers if isinstance(each, logging.StreamHandler)]
    before = [handler.setStream(written.stream) for handler in handlers]
    try:
        with redirect_stdout(written.stream):
            yield written
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            handler.setStream(stream)
        logger.thread_safe_clear_keys()
