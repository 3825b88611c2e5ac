"""`python -m tests.infra.synthesize OUT ENVIRONMENT…`, run by the deployment kit's own environment.

Writes each environment's templates to OUT/NAME. With `NAME:bare` no rule of cdk-nag is acknowledged: its findings are
in OUT/NAME-bare/validation-report.json.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from infra.app import NO_CODE, synthesize


class _Deaf:
    """Stands where reasons are told, and listens to none."""

    @staticmethod
    def of(thing: Any) -> "_Deaf":
        return _Deaf()

    def acknowledge(self, *_: Any) -> None:
        pass


def main(output: str, environments: list[str]) -> None:
    for each in environments:
        environment, _, bare = each.partition(":")
        name = Path(environment).stem
        if not bare:
            synthesize(environment, NO_CODE, f"{output}/{name}")
            continue
        with patch("infra.acknowledge.Validations", _Deaf), suppress(RuntimeError):  # findings make a synthesis fail
            synthesize(environment, NO_CODE, f"{output}/{name}-bare")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
