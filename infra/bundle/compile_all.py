"""Compiles modules ahead of time. Runs inside the Python that will load them, so it imports nothing of ours.

`jobs` is a list of [source, name inside the traceback, target]. Unchecked: `/var/task` is read-only, and a look at
each source's time would cost as much as it saves.
"""

import py_compile
import sys


def compile_all(jobs: "list[list[str]]") -> "list[str]":
    """What could not be compiled: templates and the like, which nobody imports."""
    failed = []
    for source, name, target in jobs:
        try:
            py_compile.compile(
                source, target, name, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )
        except py_compile.PyCompileError:
            failed.append(name)
    return failed


if __name__ == "__main__":
    import json

    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps(compile_all(json.load(file))))
