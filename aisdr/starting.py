"""The start of a function's process, which a visitor waits for. A handler imports this file first and calls `started`
last.

While modules are loaded, Python would look through what it has loaded so far again and again, in vain: all of it stays.
"""

import gc
import os
from collections.abc import Callable

gc.disable()


def started(*needed: Callable[[], object]) -> None:
    """The handler is loaded: what stands now is never looked through again.

    Args:
        needed: what the first request would have to make otherwise, such as a client of AWS's. On Lambda it is made
            now, where a processor costs nothing; elsewhere a handler may be loaded before its environment is complete.
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        for make in needed:
            make()
    gc.freeze()
    gc.enable()
