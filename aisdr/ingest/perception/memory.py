"""Memory that models have used goes back to the system: glibc would keep it, hundreds of megabytes in each worker."""

import ctypes
from functools import cache

_MAPPED_FROM = 1 << 20
"""Bytes. What is larger gets memory of its own, which goes back as soon as it is freed."""
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1


def keep_no_memory() -> None:
    """From now on. Where there is another library than glibc, nothing changes."""
    if hasattr(_libc(), "mallopt"):
        _libc().mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM)
        _libc().mallopt(_M_TRIM_THRESHOLD, _MAPPED_FROM)


def give_back_memory() -> None:
    """What is free by now."""
    if hasattr(_libc(), "malloc_trim"):
        _libc().malloc_trim(0)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
