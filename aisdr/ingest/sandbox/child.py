"""`python -m aisdr.ingest.sandbox.child MEMORY FILE PARENT`: reads files that it is told of on its standard input.

It has the memory and the file size of its arguments, in bytes, an environment without secrets, no network where the
kernel lets it have none, and dies with its parent.
"""

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aisdr.errors import AisdrError
from aisdr.ingest.kinds import reader_for
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile, Unreadable
from aisdr.ingest.sandbox import network
from aisdr.ingest.sandbox.messages import DOCUMENT, Job, Progress, Read

_LOOK_SECONDS = 1.0


def main(memory_bytes: int, file_bytes: int, parent: int) -> None:
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not stand between the lines
    network.leave()  # before there are threads; where it cannot be done, nothing here asks anybody all the same
    _confine(memory_bytes, file_bytes)
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()

    def tell(line: str) -> None:
        told.write(line + "\n")
        told.flush()

    for line in sys.stdin:
        ended, document = read(Job.model_validate_json(line), tell)
        # A document comes in the line after, as it is: to carry it inside would copy it twice.
        tell(ended.model_dump_json())
        if document is not None:
            tell(json.dumps(DOCUMENT.dump_python(document, mode="json"), ensure_ascii=True))


def read(job: Job, tell: Callable[[str], None]) -> tuple[Read, Document | None]:
    """One file, whatever is in it."""
    file = SourceFile(
        job.root,
        job.path,
        job.base_url,
        job.labels,
        job.pictures_seen,
        job.address,
        job.spool,
        lambda done, total: tell(Progress(done=done, total=total).model_dump_json()),
        job.senses,
    )
    reader = reader_for(job.path)
    if reader is None:
        return Read(kind="nothing", reason=f"there is no reader for files that end in '{job.path.suffix}'"), None
    try:
        return Read(kind="document"), _on_disk(reader.read(file), job.spool)
    except NothingToRead as nothing:
        return Read(kind="nothing", reason=str(nothing)), None
    except (Unreadable, OSError) as error:
        empty = job.path.is_file() and job.path.stat().st_size == 0
        return Read(kind="unreadable", reason="it is empty: was it copied to its end?" if empty else str(error)), None
    except AisdrError as error:
        return Read(kind="invalid", reason=error.message), None
    except MemoryError:
        return Read(kind="unreadable", reason="it needs more memory than a reader may have"), None
    except RecursionError:
        return Read(kind="unreadable", reason="it is nested deeper than anything that people write"), None
    except ModuleNotFoundError as missing:
        return Read(kind="elsewhere", reason=f"it needs {missing.name}, which is not installed here"), None
    except Exception as error:
        # A library's own complaint about a file that nobody has seen before: the next file is another one.
        return Read(kind="unreadable", reason=f"its reader gave up ({type(error).__name__}: {str(error)[:200]})"), None


def _on_disk(document: Document, spool: Path) -> Document:
    """The document with everything that it publishes in files: bytes would grow by half on their way as JSON."""
    publications = []
    for number, publication in enumerate(document.publications):
        if isinstance(publication.content, bytes):
            file = spool / f"publication-{number}"
            file.write_bytes(publication.content)
            publication = replace(publication, content=file)
        publications.append(publication)
    return replace(document, publications=tuple(publications))


def _confine(memory_bytes: int, file_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


def _die_with(parent: int) -> None:
    """The kernel's own signal for this comes when the thread ends that made us, and ours come and go."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
