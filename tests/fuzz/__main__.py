"""`.venv-security/bin/python -m tests.fuzz TARGET [libFuzzer's options and folders]`: one target under atheris.

Inputs that reach new code are kept in the first folder; what breaks a promise is written to `-artifact_prefix`.
"""

import sys

import atheris  # type: ignore[import-untyped]  # only in .venv-security


def main() -> None:
    name, options = sys.argv[1], sys.argv[2:]
    with atheris.instrument_imports(include=["aisdr", "webvtt"]):
        from tests.fuzz.targets import TARGETS
    from aisdr.audit import operators_write_to
    from aisdr.observability import logger

    logger.setLevel("CRITICAL")
    operators_write_to(lambda line: None)  # a million refusals are no news
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
