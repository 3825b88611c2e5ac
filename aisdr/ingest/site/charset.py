"""What a server says of a page's encoding goes before what the page says (HTML, 13.2.3.2), but only we hear it."""

import codecs
import re
from pathlib import Path

_NAMED = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_WRITTEN = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_PART = 1 << 16


def named(content_type: str) -> str | None:
    """The encoding in a `Content-Type` header, as Python calls it; None for one that is none for text."""
    found = _NAMED.search(content_type)
    return _known(found[1]) if found else None


def written(head: bytes) -> str | None:
    """The encoding that a page names in its beginning."""
    found = _WRITTEN.search(head)
    return _known(found[1].decode("ascii", "replace")) if found else None


def settle(path: Path, content_type: str) -> None:
    """Rewrites a file of text so that its readers see what its server said: as UTF-8 with the mark of it.

    Nothing is done where that is what they would see anyway.
    """
    encoding = named(content_type)
    if encoding is None:
        return
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return
        if encoding == "utf-8" and written(head) in (None, "utf-8"):
            return
        file.seek(0)
        new = path.with_name(f"{path.name}.new")
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        with new.open("wb") as rewritten:
            rewritten.write(codecs.BOM_UTF8)
            while part := file.read(_PART):
                rewritten.write(decoder.decode(part).encode("utf-8", "replace"))
            rewritten.write(decoder.decode(b"", True).encode("utf-8", "replace"))
    new.replace(path)


def _known(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    # Python counts rot13 and zip among its codecs, and UTF-7 has no business on the web.
    text = getattr(codec, "_is_text_encoding", True) and codec.name not in ("utf-7", "idna", "punycode")
    # What calls itself Latin-1 is read as Windows-1252, as browsers do.
    return {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(codec.name, codec.name) if text else None
