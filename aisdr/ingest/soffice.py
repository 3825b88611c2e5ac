"""Slides as pictures, drawn by LibreOffice where it is installed: in a profile of its own, no macros, no network."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

COMMAND = "soffice"
SECONDS = 180.0
_BETWEEN_WORDS = 2.0

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item>
</oor:items>
"""

_NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there, for whatever would be fetched in spite of all."""


class NotDrawn(Exception):
    """There are no pictures of the slides; the message says why."""


@contextmanager
def drawn(path: Path, tell: Callable[[], None]) -> Iterator[Path]:
    """The PDF of a deck, for as long as the block lasts.

    Args:
        path: a file that `archive.check` has passed.
        tell: is called while LibreOffice is at work.

    Raises:
        NotDrawn: it is not installed, made nothing of the file, took too long, or would have to fetch something.
    """
    if not (command := shutil.which(COMMAND)):
        raise NotDrawn("LibreOffice is not installed")
    if _draws_on_elsewhere(path):
        raise NotDrawn("it shows things from other addresses, which nobody fetches")
    with tempfile.TemporaryDirectory(prefix="aisdr-slides-") as folder:
        room = Path(folder)
        profile, source, made = room / "profile", room / f"deck{path.suffix.lower()}", room / "deck.pdf"
        (profile / "user").mkdir(parents=True)
        (profile / "user/registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        shutil.copyfile(path, source)
        arguments = [f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
        arguments += ["--convert-to", "pdf:impress_pdf_Export", "--outdir", folder, str(source)]
        _run([command, *arguments], room, tell)
        if not made.is_file():
            raise NotDrawn("LibreOffice made nothing of it")
        yield made


def _run(command: list[str], room: Path, tell: Callable[[], None]) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    environment |= {"HOME": str(room), "TMPDIR": str(room)}
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy"), _NOWHERE)
    # In our own process group: whoever ends the reader ends this, too.
    process = subprocess.Popen(  # noqa: S603  (no shell, and a name of our own for the file)  # nosec B603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    until = time.monotonic() + SECONDS
    try:
        while process.poll() is None:
            if time.monotonic() > until:
                raise NotDrawn(f"LibreOffice did not come to an end within {SECONDS:.0f} seconds")
            tell()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_BETWEEN_WORDS)
    finally:
        if process.poll() is None:
            for each in (*_descendants(process.pid), process.pid):
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            process.wait()


def _descendants(ancestor: int) -> list[int]:
    """`soffice` is a script that starts a program that starts another; Linux tells which, others do not."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name before may hold anything, brackets as well; the state and the parent come after it.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found: list[int] = []
    ring = [ancestor]
    while ring:
        ring = [child for child, parent in parents.items() if parent in ring]
        found += ring
    return found


def _draws_on_elsewhere(path: Path) -> bool:
    """Whether a file wants anything from an address when it is shown. A link that one clicks on does not."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".rels"):
                for relation in etree.fromstring(archive.read(name), parser):
                    if relation.get("TargetMode") == "External" and not relation.get("Type", "").endswith("/hyperlink"):
                        return True
    return False
