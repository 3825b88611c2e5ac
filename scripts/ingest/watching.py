"""`aisdr ingest --watch`: waits until something in the folder changes."""

from rich.console import Console
from watchfiles import watch

from aisdr.errors import InvalidInput
from scripts.ingest.target import Target

QUIET_MILLISECONDS = 800
"""A program that saves a file writes it several times; a copied folder comes file by file."""


def check_watchable(target: Target) -> None:
    """Raises: InvalidInput: there is nothing to watch: a website or a bucket tells nobody when it changes."""
    if target.folder is None:
        raise InvalidInput("--watch looks at a folder; run a website or a bucket again by the clock")


def changes(target: Target, console: Console) -> bool:
    """True when something has changed, False when the operator has had enough (Ctrl-C)."""
    assert target.folder
    console.print(f"Watching {target.folder}; Ctrl-C ends this.", style="dim", markup=False, soft_wrap=True)
    try:
        for _ in watch(target.folder, step=100, debounce=QUIET_MILLISECONDS, raise_interrupt=True):
            return True
    except KeyboardInterrupt:
        pass
    return False
