"""`python -m dev.gateway.runtime FD`: one Lambda environment as a process of its own, which serves one event at a time.

Events come and results go as lines of JSON over the socket with that descriptor; it ends when the other end is closed.
"""

import asyncio
import json
import logging
import socket
import sys
import time
from collections.abc import Callable

from dev.gateway.workers import FunctionError, LambdaContext, call


def serve(descriptor: int, run: Callable[[str, str, LambdaContext], str] = call) -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())  # Mangum takes the current loop of its thread
    with socket.socket(fileno=descriptor) as line, line.makefile("rwb") as gateway:
        for request in gateway:
            handler, name, seconds, payload = json.loads(request)
            context = LambdaContext(name, time.monotonic() + seconds)
            try:
                answer = {"result": run(handler, payload, context)}
            except FunctionError:
                answer = {}  # the cause is in the log
            gateway.write(json.dumps(answer).encode() + b"\n")
            gateway.flush()


def main() -> None:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    serve(int(sys.argv[1]))


if __name__ == "__main__":
    main()
