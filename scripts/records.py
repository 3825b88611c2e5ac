"""Where the audit's records of operators' commands go: to the deployment's audit log, or beside the local data.

A record that cannot be kept is shown instead: what was done is done, and the operator must see that nobody else will
know of it.
"""

import getpass
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.audit import OPERATOR, Action, decided, operators_write_to
from aisdr.services import services

FILE = "audit.jsonl"
"""Beside the folder of the index. Readable by its owner alone."""
REFUSED: dict[str, Action] = {
    "seed": "operator.seed",
    "export": "operator.export",
    "ingest": "operator.ingest",
    "provision": "operator.provision",
    "reindex": "operator.reindex",
    "erase": "erase",
}
"""Commands that change or take out something → what their refusal is called."""


def keep_records() -> None:
    """From now on in this process."""
    operators_write_to(_keep)


def refused(arguments: list[str], code: str) -> None:
    """The command said no, for the reason `code`."""
    action = REFUSED.get(next((each for each in arguments if not each.startswith("-")), ""))
    if action:
        decided(action, "deny", company_id=None, who=OPERATOR, reason=code)


def _keep(line: str) -> None:
    try:
        group = services().settings.audit_log
        if group:
            _send(services().client("logs"), group, line)
        else:
            _append(Path(services().settings.index_dir).parent / FILE, line)
    except (OSError, ClientError, BotoCoreError) as error:
        print(f"This record of the audit could not be kept ({type(error).__name__}): {line}", file=sys.stderr)


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        file.write(line + "\n")


def _send(logs: Any, group: str, line: str) -> None:
    stream = f"operators/{getpass.getuser()}/{datetime.now(UTC):%Y-%m-%d}"
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
    event = {"timestamp": int(time.time() * 1000), "message": line}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
