"""Index files shipped with the code: whole, and readable where nobody can write."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aisdr.index.base import IndexQuery, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import Embedder
from aisdr.tenant import TenantScope
from infra.shipped_index import FOLDER, READERS, ship
from tests.material import a_chunk

ACME = TenantScope.for_operator("acme")


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Path:
    """The operator's folder, with one company that was ingested."""
    folder, chunk = tmp_path / "index", a_chunk("pricing", "The Growth plan costs $149 a month.")
    record = SourceRecord(chunk.source_id, "digest", 1, None, {})
    EmbeddedIndex(folder, embedder.space).replace_source(ACME, record, [chunk], embedder.embed_passages([chunk.text]))
    return folder


@pytest.fixture
def build(tmp_path: Path) -> Path:
    for name in (*READERS, "session"):
        (tmp_path / "build" / name).mkdir(parents=True)
    return tmp_path / "build"


def test_functions_that_search_get_the_files_and_others_do_not(index: Path, build: Path) -> None:
    ship(index, build)

    assert {path.parent.name for path in build.glob(f"*/{FOLDER}")} == set(READERS)


def test_what_was_ingested_is_found(index: Path, build: Path, embedder: Embedder) -> None:
    ship(index, build)
    ship(index, build)

    shipped = EmbeddedIndex(build / "search" / FOLDER, embedder.space)
    query = IndexQuery("Growth plan", embedder.embed_question("Growth plan"), limit=3)
    assert [hit.chunk.text for hit in shipped.search(ACME, query)] == ["The Growth plan costs $149 a month."]


def test_a_company_that_is_gone_is_not_shipped_again(index: Path, build: Path) -> None:
    (build / "search" / FOLDER).mkdir()
    (build / "search" / FOLDER / "globex.0123.sqlite3").touch()

    ship(index, build)

    assert [path.name.partition(".")[0] for path in (build / "search" / FOLDER).iterdir()] == ["acme"]


def test_without_material_or_bundles_it_is_said_what_to_do(index: Path, build: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="aisdr ingest"):
        ship(tmp_path / "nowhere", build)
    with pytest.raises(FileNotFoundError, match="make build"):
        ship(index, tmp_path / "nowhere")


@pytest.mark.slow
def test_they_are_read_where_nobody_can_write(index: Path, build: Path) -> None:
    """In a mount that is really read-only: being root, we could write to a folder whatever its permissions say."""
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None:
        pytest.skip("only root can make a mount")
    ship(index, build)
    folder = build / "search" / FOLDER
    program = "\n".join(
        [
            "import sys",
            "from aisdr.company import TenantScope",
            "from aisdr.index.embedded import EmbeddedIndex",
            "from aisdr.inference.minilm import MiniLM",
            "index = EmbeddedIndex(sys.argv[1], MiniLM().space)",
            "print(len(index.sources(TenantScope.for_operator('acme'))))",
        ]
    )
    read_only = f'mount --bind "{folder}" "{folder}" && mount -o remount,bind,ro "{folder}" && exec "$@"'

    run = subprocess.run(
        [unshare, "-m", "sh", "-c", read_only, "sh", sys.executable, "-c", program, folder],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )

    if "unshare" in run.stderr or "mount:" in run.stderr:
        pytest.skip("no mounts in this container")
    assert (run.stdout.strip(), run.stderr) == ("1", "")
