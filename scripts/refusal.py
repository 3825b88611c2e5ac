"""How a command says no: in words, or with `--json` as one object for the program that asked."""

import json
import sys
from collections.abc import Sequence


def refuse(message: str, code: str, arguments: Sequence[str]) -> int:
    """Prints the refusal and returns the exit code."""
    if "--json" in arguments:
        print(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    else:
        colour = sys.stderr.isatty()
        print(f"\033[31m{message}\033[0m" if colour else message, file=sys.stderr)
    return 1
