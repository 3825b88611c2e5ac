"""W3C Trace Context: one id that follows what a visitor does from the browser, through us, to every vendor.

Source: https://www.w3.org/TR/trace-context/. AWS's own tracer would add 400 ms to a cold start; an id in the header and
in each line of the log is what we need of it.
"""

import os
import re

HEADER = "traceparent"
_VERSION_0 = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_LATER = re.compile(r"(?!ff|00)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def trace_id_of(traceparent: str | None) -> str:
    """The id in such a header: 32 hexadecimal digits. A new one where the header is missing or not as agreed."""
    known = _VERSION_0.fullmatch(traceparent or "") or _LATER.fullmatch(traceparent or "")
    if known is None or not (known[1].strip("0") and known[2].strip("0")):
        return os.urandom(16).hex()
    return known[1]


def traceparent(trace_id: str) -> str:
    """The header for one call that is made on behalf of this trace; its last part says that we keep a record."""
    return f"00-{trace_id}-{os.urandom(8).hex()}-01"
