"""`python -m tests.mortal`: lives of our functions, each a process of its own that somebody outside may kill.

A line `{"now": …, "visitor": "token"}` or `{"now": …, "tick": true}` is one life. It is forked from this process, which
has read all code before and opened nothing, so that a life costs no start. Out come the life's process id, and how it
ended: 0, 1 after a fault, -9 when it was killed.
"""

import json
import os
import sys
import time
import traceback
from importlib import import_module
from typing import Any

from tests import doors
from tests.material import ORIGIN

CALL_ID = "call-of-a-mortal"
EMAIL = "jane@example.com"


def visitor(token: str) -> None:
    """Leaves contact data and confirms it, as the widget does. Whoever repeats it repeats the same wish."""
    headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
    wish = {"companyId": "acme", "name": "log_lead", "arguments": {"email": EMAIL}, "callId": CALL_ID}
    asked = doors.call("POST", "/api/tavus/tool", body=wish, **headers)
    assert asked.status == 200, asked.text
    word = {"confirmationId": asked.json()["result"]["confirmationId"], "accept": True}
    confirmed = doors.call("POST", "/api/tool/confirmation", body=word, **headers)
    assert confirmed.status == 200, confirmed.text


def live(life: dict[str, Any]) -> None:
    if "visitor" in life:
        visitor(life["visitor"])
    else:
        import_module("functions.reconciler.handler").handler({}, None)


def main() -> None:
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what functions log must not stand between the lines
    now = 0.0
    time.time = lambda: now  # before our code is read: from here on nobody's clock moves on its own
    for name in ("tool", "reconciler"):
        import_module(f"functions.{name}.handler")
    from aisdr.services import services

    _ = services().dynamodb, services().tools, services().writing_tools, services().webhooks
    for line in sys.stdin:
        life = json.loads(line)
        now = life["now"]
        pid = os.fork()
        if pid == 0:
            try:
                live(life)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(pid, file=told)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=told)


if __name__ == "__main__":
    main()
