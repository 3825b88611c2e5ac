"""Compiles modules ahead of time. Runs inside the Python that will load them, so it imports nothing of ours.

`jobs` is a list of [source, name inside the traceback, target]. Unchecked: `/var/task` is read-only, and a look at
each source's time would cost as much as it saves. Without docstrings, which nobody reads there: they are a twentieth of
a function's memory. Assertions stay, unlike with Python's own option.
"""

import ast
import importlib.util
import marshal
import struct
import sys

UNCHECKED_HASH = 0b01
"""Flags of a file that is believed without a look at its source; https://peps.python.org/pep-0552/."""


def compile_all(jobs: "list[list[str]]") -> "list[str]":
    """What could not be compiled: templates and the like, which nobody imports."""
    failed = []
    for source, name, target in jobs:
        with open(source, "rb") as file:
            text = file.read()
        try:
            code = compile(without_docstrings(ast.parse(text)), name, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError):
            failed.append(name)
            continue
        with open(target, "wb") as file:
            file.write(importlib.util.MAGIC_NUMBER + struct.pack("<I", UNCHECKED_HASH))
            file.write(importlib.util.source_hash(text) + marshal.dumps(code))
    return failed


def without_docstrings(module: "ast.Module") -> "ast.Module":
    for node in ast.walk(module):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            # Taken away and not replaced where anything follows: imports of __future__ have to come first.
            node.body[:1] = [] if len(node.body) > 1 else [ast.copy_location(ast.Pass(), node.body[0])]
    return module


if __name__ == "__main__":
    import json

    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps(compile_all(json.load(file))))
