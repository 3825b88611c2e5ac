"""Whatever a file does to its reader, the reader's end is a reason, and the next file is read."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aisdr.errors import InvalidInput
from aisdr.ingest.labels import Labels
from aisdr.ingest.readers.base import Publication, SourceFile
from aisdr.ingest.sandbox.messages import Finished, Limits
from aisdr.ingest.sandbox.pool import ReaderPool
from aisdr.ingest.storing import check_publications
from tests.dev.account import eventually
from tests.ingest.material import write

pytestmark = pytest.mark.slow


def read(pool: ReaderPool, path: Path) -> Finished:
    spool = path.parent / "spool"
    spool.mkdir(exist_ok=True)
    return pool.read(SourceFile(path.parent, path, "/media/acme", Labels()), spool, lambda done, total: None)


def children() -> list[int]:
    """Process ids of our reading children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(stat[1]) == os.getpid() and b"sandbox.child" in command:
                found.append(int(entry.name))
    return found


def test_a_child_reads_one_file_after_another_and_ends_with_the_block(tmp_path: Path) -> None:
    with ReaderPool().at_work() as pool:
        first = read(pool, write(tmp_path / "one.md", "# One\n\nThe first page."))
        second = read(pool, write(tmp_path / "two.md", "# Two\n\nThe second page."))
        assert len(children()) == 1

    assert [each.document.pieces[0].text for each in (first, second) if each.document] == [
        "The first page.",
        "The second page.",
    ]
    assert children() == []


def test_a_file_that_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    with ReaderPool().at_work() as pool:
        broken = tmp_path / "broken.md"
        broken.write_bytes(b"\x00\xff\x00\x81\x00")
        unread = read(pool, broken)
        empty = read(pool, write(tmp_path / "empty.md", "\n"))
        wrong = read(pool, write(tmp_path / "wrong.md", "---\ntavus: maybe\n---\nText."))

    assert (unread.kind, "it is no text" in unread.reason) == ("unreadable", True)
    assert (empty.kind, empty.reason) == ("nothing", "the file has no text")
    assert (wrong.kind, "'tavus' must be true or false" in wrong.reason) == ("invalid", True)


def test_a_reader_that_is_killed_takes_nobody_along(tmp_path: Path) -> None:
    with ReaderPool().at_work() as pool:
        read(pool, write(tmp_path / "one.md", "# One\n\nText."))
        [child] = children()
        os.kill(child, signal.SIGSTOP)
        threading.Timer(0.2, os.kill, [child, signal.SIGKILL]).start()

        died = read(pool, tmp_path / "one.md")
        after = read(pool, tmp_path / "one.md")

    assert (died.kind, "its reader died of it (SIGKILL)" in died.reason) == ("unreadable", True)
    assert after.kind == "document"


def test_a_reader_that_says_nothing_is_ended(tmp_path: Path) -> None:
    with ReaderPool(Limits(silent_seconds=0.5)).at_work() as pool:
        while read(pool, write(tmp_path / "one.md", "# One\n\nText.")).kind != "document":
            pass  # a slow machine needs longer to begin
        [child] = children()
        os.kill(child, signal.SIGSTOP)

        stuck = read(pool, tmp_path / "one.md")

        assert (stuck.kind, "was stuck" in stuck.reason) == ("unreadable", True)
        assert child not in children()


def test_a_file_that_needs_more_memory_than_a_reader_has_is_refused(tmp_path: Path) -> None:
    large = write(tmp_path / "large.md", "word " * 6_000_000)

    with ReaderPool(Limits(memory_bytes=200 * 1024 * 1024)).at_work() as pool:
        refused = read(pool, large)
        after = read(pool, write(tmp_path / "one.md", "# One\n\nText."))

    assert refused.kind == "unreadable"
    assert "memory" in refused.reason
    assert after.kind == "document"


def test_a_reader_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")

    with ReaderPool().at_work() as pool:
        read(pool, write(tmp_path / "one.md", "# One\n\nText."))
        [child] = children()
        environment = Path(f"/proc/{child}/environ").read_bytes()

    assert b"canary" not in environment
    assert b"PATH=" in environment


def test_a_reader_has_no_network(tmp_path: Path) -> None:
    program = "import sys; from aisdr.ingest.sandbox.network import leave; sys.exit(not leave())"
    if subprocess.run([sys.executable, "-c", program]).returncode:
        pytest.skip("this kernel gives a process no network of its own")

    with ReaderPool().at_work() as pool:
        finished = read(pool, write(tmp_path / "one.md", "# One\n\nText."))
        [child] = children()
        its, ours = (os.readlink(f"/proc/{each}/ns/net") for each in (child, "self"))
        interfaces = Path(f"/proc/{child}/net/dev").read_text()

    assert finished.kind == "document"
    assert its != ours
    assert "eth" not in interfaces


def test_a_reader_does_not_outlive_whoever_started_it(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from aisdr.ingest.sandbox.messages import Limits;"
        "from aisdr.ingest.sandbox.pool import Child; child = Child(Limits());"
        "print(child._process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    orphan = int(done.stdout)

    until = time.monotonic() + 20
    while Path(f"/proc/{orphan}").exists() and time.monotonic() < until:
        time.sleep(0.1)

    assert not Path(f"/proc/{orphan}").exists()


def test_readers_are_ended_while_they_read(tmp_path: Path) -> None:
    pool, ended = ReaderPool(), []
    read(pool, write(tmp_path / "one.md", "# One\n\nText."))
    [child] = children()
    os.kill(child, signal.SIGSTOP)
    thread = threading.Thread(target=lambda: ended.append(read(pool, tmp_path / "one.md")))
    thread.start()
    eventually(lambda: not pool._idle)

    pool.interrupt()

    thread.join(60)
    assert ended[0].kind == "unreadable"
    assert children() == []


def test_a_reader_cannot_have_foreign_files_published(tmp_path: Path) -> None:
    folder, spool, secret = tmp_path / "knowledge", tmp_path / "spool", write(tmp_path / "secret.txt", "sk-canary")
    file = SourceFile(folder, write(folder / "page.md", "Text."), "/media/acme", Labels())
    (folder / "link.txt").symlink_to(secret)
    spool.mkdir()

    check_publications(file, spool, [Publication("page.md", "text/plain", folder / "page.md")])
    for content in (secret, folder / "../secret.txt", folder / "link.txt"):
        with pytest.raises(InvalidInput, match="from outside the folder"):
            check_publications(file, spool, [Publication("page.md", "text/plain", content)])
