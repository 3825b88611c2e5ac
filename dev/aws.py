"""DynamoDB and S3 on loopback for `make dev`: starts ministack in its own virtual environment, kept between runs.

Why ministack: its DynamoDB is atomic under threads, moto's is not. It is pinned, because other versions bind and
persist differently, and it gets an empty environment, because it would hand ours on to whatever it runs.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-aws" / "bin" / "python"
DATA = ROOT / ".data" / "aws"
SERVICES = "dynamodb,s3"
START_SECONDS = 20.0
STOP_SECONDS = 10.0


class AwsDidNotStartError(RuntimeError):
    """The message says what to do about it."""


_UNPAUSED = "import gc; gc.set_threshold(700, 10, 1_000_000); from ministack.app import main; main()"
"""Python's collector looks through all that the emulator holds, again and again as it grows, and everybody waits: up to
0.8 s after ninety thousand transactions, and a sixth of its processor time. Young objects are enough: what it holds is
no cycle. DynamoDB has no such pauses."""


def command() -> list[str]:
    return [str(PYTHON), "-c", _UNPAUSED]


def environment(port: int, data: Path) -> dict[str, str]:
    folders = {"HOME": data / "home", "TMPDIR": data / "tmp", "STATE_DIR": data / "state", "S3_DATA_DIR": data / "s3"}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return {
        **{name: str(folder) for name, folder in folders.items()},
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": SERVICES,
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "LOG_LEVEL": "WARNING",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105  # what the emulator takes for an account
        "AWS_REGION": "us-east-1",
        # Parts that would open ports or look for containers although nobody asked for them.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
    }


def check(port: int) -> None:
    """Raises: AwsDidNotStartError, when something that only a person can change is in the way."""
    if not PYTHON.exists():
        raise AwsDidNotStartError("The AWS emulator is not installed: run `make setup`.")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise AwsDidNotStartError(f"Port {port} is taken: stop the program that uses it, or choose another port.")


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Raises: AwsDidNotStartError."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AwsDidNotStartError(f"The AWS emulator ended at once (exit code {process.returncode}).")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2):  # nosec B310  # loopback, by an address of our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AwsDidNotStartError(f"The AWS emulator did not answer on port {port} within {START_SECONDS:.0f} s.")


@contextmanager
def running(port: int, data: Path = DATA) -> Iterator[str]:
    """Yields the endpoint. At the end the emulator is asked to stop, so that it writes down what it holds."""
    check(port)
    process = subprocess.Popen(command(), env=environment(port, data), stdout=subprocess.DEVNULL)  # nosec B603  # our own words, no shell
    try:
        wait_until_ready(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    try:
        check(given.port)
    except AwsDidNotStartError as problem:
        sys.exit(str(problem))
    # Becomes the emulator, so that a signal to this process reaches it without a messenger.
    os.execve(PYTHON, command(), environment(given.port, given.data.resolve()))  # noqa: S606  # nosec B606  # our own words, and no shell is wanted


if __name__ == "__main__":
    main()
