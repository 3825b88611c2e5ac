"""Runs in the peers' own environment: times LanceDB's hybrid search over texts and vectors that lie in a folder.

    .venv-peers/bin/python benchmarks/peers/latency.py FOLDER WARM

FOLDER holds texts.json, vectors.npy, questions.json, questions.npy. Prints `{"built", "opened", "asked": […]}` in
seconds.
"""

import json
import sys
import time
from pathlib import Path

import lancedb
import numpy as np


def main(folder: Path, warm: int) -> None:
    texts, vectors = json.loads((folder / "texts.json").read_text()), np.load(folder / "vectors.npy")
    questions, asked = json.loads((folder / "questions.json").read_text()), np.load(folder / "questions.npy")
    begin = time.perf_counter()
    table = lancedb.connect(folder / "lance").create_table(
        "chunks", [{"text": text, "vector": vector} for text, vector in zip(texts, vectors, strict=True)]
    )
    table.create_fts_index("text")
    built = time.perf_counter() - begin
    table = lancedb.connect(folder / "lance").open_table("chunks")

    def ask(number: int) -> float:
        begin = time.perf_counter()
        table.search(query_type="hybrid").vector(asked[number]).text(questions[number]).limit(10).to_list()
        return time.perf_counter() - begin

    opened = ask(0)
    for number in range(warm):
        ask(number)
    json.dump(
        {"built": built, "opened": opened, "asked": [ask(number) for number in range(len(questions))]}, sys.stdout
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
