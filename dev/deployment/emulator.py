"""The emulator with every service, and with the permissions of roles enforced; it forgets everything when it ends."""

from pathlib import Path

from dev import aws

MENDED = Path(__file__).with_name("mended.py")


def command() -> list[str]:
    return [str(aws.PYTHON), str(MENDED)]


def environment(port: int, data: Path, polly: str) -> dict[str, str]:
    """Functions inherit all of it. That speech is bought from a look-alike is the machine's affair, not the template's.

    Args:
        polly: address of that look-alike.
    """
    kept = {
        name: value
        for name, value in aws.environment(port, data).items()
        if name not in ("SERVICES", "PERSIST_STATE", "S3_PERSIST")
    }
    return kept | {
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "AWS_DEFAULT_REGION": kept["AWS_REGION"],
        "AWS_ENDPOINT_URL_POLLY": polly,
    }
