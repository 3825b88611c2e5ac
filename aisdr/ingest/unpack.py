"""Unpacks what servers pack for the way, a little at a time: a bomb is noticed while it is small."""

import zlib
from collections.abc import Iterator

MAX_RATIO = 200
"""Unpacked to packed. Pages reach 30, a sitemap 60; deflate itself ends at 1032."""

_SMALL = 1 << 20
"""What unpacks to less than this may be packed as well as it likes."""

_PART = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_BEGINS = b"\x1f\x8b"


class Bomb(ValueError):
    """It unpacks to more than can be borne; the message says to how much."""


class Broken(ValueError):
    """It is no packed data, or its end is missing."""


class Unpacking:
    """One stream. `coding` is a word of `Content-Encoding`; empty for one that is not packed.

    Raises:
        ValueError: we know no such coding.
    """

    def __init__(self, coding: str = "") -> None:
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ValueError(coding)
        self._coding = coding.removeprefix("x-").replace("identity", "")
        self._stream = zlib.decompressobj(_GZIP if self._coding == "gzip" else zlib.MAX_WBITS)
        self._packed = 0
        self._unpacked = 0

    def feed(self, part: bytes) -> Iterator[bytes]:
        """Raises: Bomb, Broken."""
        self._packed += len(part)
        if not self._coding:
            yield part
            return
        if self._coding == "deflate" and self._packed == len(part) and not _is_zlib(part):
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # many servers send it without its frame
        while part:
            if self._stream.eof:
                if self._coding != "gzip" or not part.startswith(_GZIP_BEGINS):
                    return  # padding
                self._stream = zlib.decompressobj(_GZIP)
            try:
                piece = self._stream.decompress(part, _PART)
            except zlib.error as error:
                raise Broken("it is packed in a way that cannot be unpacked") from error
            self._unpacked += len(piece)
            if self._unpacked > _SMALL and self._unpacked > MAX_RATIO * self._packed:
                raise Bomb(f"it unpacks to more than {MAX_RATIO} times its size: a bomb")
            if piece:
                yield piece
            part = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def end(self) -> None:
        """Raises: Broken, when something is missing."""
        if self._coding and self._packed and not self._stream.eof:
            raise Broken("its end is missing")


def _is_zlib(part: bytes) -> bool:
    return part[0] & 0x0F == 8 and (len(part) < 2 or int.from_bytes(part[:2], "big") % 31 == 0)
