"""`python -m benchmarks.relay.runtime FD`: a Lambda environment that counts its calls to AWS by what was served."""

import json
import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, cast

from aisdr.services import services
from dev.gateway.runtime import serve
from dev.gateway.workers import LambdaContext, call

FOLDER = "AISDR_BENCHMARK_COUNTS"
"""Environment variable: the folder for the counts of all environments."""


class Counts:
    """Events served, and calls made while serving them."""

    def __init__(self) -> None:
        self.served: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._kind = "START"

    def run(self, handler: str, payload: str, context: LambdaContext) -> str:
        self._kind = json.loads(payload).get("requestContext", {}).get("eventType", "OTHER")
        self.served[self._kind] += 1
        return call(handler, payload, context)

    def note(self, model: Any, **_: Any) -> None:
        self.calls[f"{self._kind} {model.name}"] += 1


def main() -> None:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    counts = Counts()
    services()._session.register("before-call", cast("Any", counts.note))
    try:
        serve(int(sys.argv[1]), counts.run)
    finally:
        told = {"served": counts.served, "calls": counts.calls}
        (Path(os.environ[FOLDER]) / f"{os.getpid()}.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
