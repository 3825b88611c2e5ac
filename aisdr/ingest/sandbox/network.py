"""Takes the network away from this process and from all that it starts: a reader has nobody to ask or to tell.

Linux gives a process a network of its own, with nothing in it, to whoever may administer the machine; and on most
machines to anybody, who first becomes the administrator of nothing but itself.
Source: https://man7.org/linux/man-pages/man7/network_namespaces.7.html
"""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_NEW_USERS = 0x10000000
_NEW_NETWORK = 0x40000000


def leave() -> bool:
    """Whether it is gone. Must be called before there are threads: it is taken from the one that calls."""
    if sys.platform != "linux":
        return False
    kernel = ctypes.CDLL(None)
    if kernel.unshare(_NEW_NETWORK) == 0:
        return True
    user, group = os.getuid(), os.getgid()
    if kernel.unshare(_NEW_USERS | _NEW_NETWORK) != 0:
        return False
    with suppress(OSError):  # without these it only no longer knows its own name
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True
