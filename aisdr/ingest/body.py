"""Takes the body of an answer: into a file, never more of it than agreed, and only of a type that is wanted."""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from aisdr.ingest.content_type import HEAD, WrongType, declared, settled
from aisdr.ingest.fetched import Failed, Fetched, Refused, Result, Wanted
from aisdr.ingest.unpack import Bomb, Broken, Unpacking
from aisdr.ingest.url import Url

_VALIDATOR = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,499}")


def take(
    headers: Mapping[str, str],
    parts: Iterable[bytes],
    url: Url,
    folder: Path,
    wanted: Wanted,
    in_time: Callable[[], bool],
) -> Result:
    """Writes a body down below `folder`, which is made for it, and taken away if nothing came of it.

    Args:
        headers: of the answer, whatever the case of their names.
        parts: as they come, packed or not.
        in_time: whether the end was the end, and not a line that was cut.
    """
    header = headers.get("content-type", "")
    try:
        said = declared(header) if wanted.types is not None else header
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > wanted.max_bytes and not wanted.cut:
            return Refused(_too_large(wanted))
        unpacking = Unpacking(headers.get("content-encoding", "").strip().lower())
    except WrongType as error:
        return Refused(str(error), wrong_type=True)
    except ValueError:
        return Refused("it is packed in a way that was not asked for")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "body.part"
    try:
        if not _spool(parts, path, unpacking, wanted):
            return Refused(_too_large(wanted))
        if not in_time():
            return Failed("did not answer in time")
        return _settle(headers, path, said, url, wanted)
    except Bomb as error:
        return Refused(str(error))
    except WrongType as error:
        return Refused(str(error), wrong_type=True)
    except Broken as error:
        return Failed(f"was cut off or garbled: {error}")
    finally:
        if path.exists():
            shutil.rmtree(folder)


def _spool(parts: Iterable[bytes], path: Path, unpacking: Unpacking, wanted: Wanted) -> bool:
    """False when it is larger than agreed. Raises: Bomb, Broken."""
    left = wanted.max_bytes
    with path.open("wb") as file:
        for part in parts:
            for piece in unpacking.feed(part):
                file.write(piece[:left])
                left -= len(piece)
                if left < 0:
                    return wanted.cut
    unpacking.end()
    return True


def _settle(headers: Mapping[str, str], path: Path, said: str, url: Url, wanted: Wanted) -> Fetched | Refused:
    """Names the file after its address, for people, and by its type, for readers. Raises: WrongType."""
    kind, ending = said, ""
    if wanted.types is not None:
        with path.open("rb") as file:
            kind = settled(said, file.read(HEAD), url.path)
        if kind not in wanted.types:
            return Refused(f"it is {kind!r}, which is not wanted here", wrong_type=True)
        ending = wanted.types[kind]
    last = url.path.rstrip("/").rpartition("/")[2]
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", last.rpartition(".")[0] or last).strip("-")[:80]
    path = path.rename(path.with_name(f"{stem or 'page'}{ending}"))
    etag, last_modified = (_validator(headers.get(each)) for each in ("etag", "last-modified"))
    return Fetched(path, str(url), kind, etag, last_modified, headers)


def _too_large(wanted: Wanted) -> str:
    size = f"{wanted.max_bytes >> 20} MB" if wanted.max_bytes >= 1 << 20 else f"{wanted.max_bytes} bytes"
    return f"it is larger than {size}"


def _validator(header: str | None) -> str:
    return header if header and _VALIDATOR.fullmatch(header) else ""
