"""What a recogniser of text makes of spaces and textures, put right: it was made for a script without either."""

import re

_SMALL = "on|at|by|of|from|until|till|to|in|for|and|or|is|was|than"
_AFTER_NUMBER = re.compile(rf"(?<=\d)(?=[A-Z][a-z]{{2,}})|(?<=\d)(?=(?:{_SMALL})\b)")
_BEFORE_NUMBER = re.compile(rf"\b((?i:{_SMALL}))(?=\d)")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_FEW = 2
"""Ideographs. A grid of squares reads as three of the same, a thick corner as one."""


def put_right(line: str) -> str:
    """`14April 2026 at07:35by` → `14 April 2026 at 07:35 by`. Empty for what is a texture and no text."""
    if _is_texture(line):
        return ""
    return _BEFORE_NUMBER.sub(r"\1 ", _AFTER_NUMBER.sub(" ", line))


def _is_texture(line: str) -> bool:
    signs = [sign for sign in line if sign.isalnum()]
    if not signs or not all(map(_IDEOGRAPHS.match, signs)):
        return False
    return len(signs) <= _FEW or len(set(signs)) == 1
