"""What the libraries' loaders and splitters make of the same folder, in an environment of their own."""

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisdr.inference.minilm import MiniLM
from benchmarks.ingest.asking import Judged
from benchmarks.ingest.content import TOP, Found, Question

PYTHON = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
SCRIPT = Path(__file__).parents[1] / "peers" / "loaders.py"
NAMES = {"langchain": "LangChain", "llamaindex": "LlamaIndex"}
_COMPANIONS = (".caption.md", ".vtt", ".srt")


@dataclass(frozen=True)
class Peer:
    """One library over the whole folder."""

    read_seconds: float
    """Loading and splitting."""
    embed_seconds: float
    """With the same MiniLM as ours."""
    chunks: int
    failed: Sequence[str]
    judged: Sequence[Judged]


def peer(library: str, folder: Path, asked: Sequence[Question]) -> Peer:
    """Reads with the library; the chunks nearest to each question are what it finds."""
    output = subprocess.run(  # noqa: S603
        [str(PYTHON), str(SCRIPT), library, str(folder)], capture_output=True, check=True, text=True
    ).stdout
    told = json.loads(output.splitlines()[-1])
    embedder = MiniLM()
    began = time.monotonic()
    vectors = np.asarray(embedder.embed_passages([chunk["embedded"] for chunk in told["chunks"]]))
    embed_seconds = time.monotonic() - began
    owners = _owners(folder)
    found = [_found(chunk, owners) for chunk in told["chunks"]]
    judged = []
    for question in asked:
        nearest = np.argsort(-(vectors @ np.asarray(embedder.embed_question(question.question))))[:TOP]
        judged.append(Judged(question, [found[number] for number in nearest]))
    return Peer(told["seconds"], embed_seconds, len(found), told["failed"], judged)


def _found(chunk: dict[str, str], owners: dict[str, str]) -> Found:
    """Loaders name no headings: one that stands in the chunk itself counts. Captions count as the file they go with."""
    source, text = chunk["source"], chunk["text"]
    page, row = chunk["page"], chunk["row"]
    return Found(
        owners.get(source, source), text, text, int(page) if page else None, int(row) if row is not None else None
    )


def _owners(folder: Path) -> dict[str, str]:
    """`tour.vtt` → `tour.webm`."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    media = {name.rpartition(".")[0]: name for name in names if not name.endswith(_COMPANIONS)}
    return {
        name: media[name.removesuffix(ending)]
        for name in names
        for ending in _COMPANIONS
        if name.removesuffix(ending) in media
    }
