"""Runs in the peers' own environment: reads a folder with a library as its documentation shows, prints its chunks.

    .venv-peers/bin/python benchmarks/peers/loaders.py langchain tests/data/content/knowledge

Output: one line, `{"seconds", "failed": [file, …], "chunks": [{"source", "text", "embedded", "page", "row"}, …]}`.
`embedded` is what the library would give to an embedder.
"""

import argparse
import contextlib
import json
import logging
import sys
import time
import warnings
from pathlib import Path
from typing import Any

Chunks = list[dict[str, Any]]
RECORDINGS = (".mp3", ".ogg", ".wav", ".webm", ".mp4")
"""LlamaIndex hears with PyTorch, which is not installed here, and would read some of them as if they were text."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("library", choices=PEERS)
    arguments.add_argument("folder", type=Path)
    chosen = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    failed: list[str] = []
    with contextlib.redirect_stdout(sys.stderr):
        began = time.perf_counter()
        chunks = PEERS[chosen.library](chosen.folder.resolve(), failed)
        seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "failed": failed, "chunks": chunks}, sys.stdout)


def langchain(folder: Path, failed: list[str]) -> Chunks:
    """A loader for each kind, RapidOCR for pictures and scans, `RecursiveCharacterTextSplitter` of 1,000 / 200."""
    from langchain_community.document_loaders import BSHTMLLoader, CSVLoader, Docx2txtLoader, PyPDFLoader, TextLoader
    from langchain_community.document_loaders.parsers.images import RapidOCRBlobParser
    from langchain_core.documents.base import Blob
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    ocr = RapidOCRBlobParser()

    def load(path: Path) -> list[Any]:
        match path.suffix:
            case ".html":
                return BSHTMLLoader(path, open_encoding="utf-8").load()
            case ".pdf":
                return PyPDFLoader(path, extract_images=True, images_parser=ocr).load()
            case ".docx":
                return Docx2txtLoader(path).load()
            case ".csv":
                return CSVLoader(path, encoding="utf-8").load()
            case ".png" | ".jpg" | ".webp":
                return list(ocr.lazy_parse(Blob.from_path(path)))
            case ".md" | ".txt" | ".json" | ".vtt" | ".srt":
                return TextLoader(path, encoding="utf-8").load()
        # Slides and spreadsheets want `unstructured`, recordings a vendor or PyTorch.
        raise ValueError("no light loader for this kind")

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks: Chunks = []
    for path in _files(folder):
        try:
            documents = splitter.split_documents(load(path))
        except Exception:
            failed.append(path.relative_to(folder).as_posix())
            continue
        for document in documents:
            about, text = document.metadata, document.page_content
            page, row = about.get("page"), about.get("row")
            chunks.append(
                {
                    "source": path.relative_to(folder).as_posix(),
                    "text": text,
                    "embedded": text,
                    "page": page + 1 if isinstance(page, int) else None,
                    "row": row + 2 if isinstance(row, int) else None,
                }
            )
    return chunks


def llamaindex(folder: Path, failed: list[str]) -> Chunks:
    """`SimpleDirectoryReader` with its own readers; `SentenceSplitter` of 256 tokens, as many as the embedder reads."""
    from llama_index.core import SimpleDirectoryReader
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import MetadataMode

    splitter = SentenceSplitter(chunk_size=256, chunk_overlap=32)
    chunks: Chunks = []
    for path in _files(folder):
        if path.suffix in RECORDINGS:
            failed.append(path.relative_to(folder).as_posix())
            continue
        try:
            documents = SimpleDirectoryReader(input_files=[path], raise_on_error=True).load_data()
            nodes = splitter.get_nodes_from_documents(documents)
        except BaseException:  # what a missing model of gigabytes makes is not always an Exception
            failed.append(path.relative_to(folder).as_posix())
            continue
        for node in nodes:
            if not node.get_content(metadata_mode=MetadataMode.NONE).strip():
                continue  # of a picture it makes an empty document for a model that sees
            label = str(node.metadata.get("page_label", ""))
            chunks.append(
                {
                    "source": path.relative_to(folder).as_posix(),
                    "text": node.get_content(metadata_mode=MetadataMode.NONE),
                    "embedded": node.get_content(metadata_mode=MetadataMode.EMBED),
                    "page": int(label) if label.isdecimal() else None,
                    "row": None,
                }
            )
    return chunks


PEERS = {"langchain": langchain, "llamaindex": llamaindex}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
