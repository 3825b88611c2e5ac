"""What is shipped: complete, without what nobody reads, compiled for the Python that loads it, the same every time."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from functions import FUNCTIONS
from infra.bundle.archive import LARGEST_UNZIPPED, archive
from infra.bundle.build import LAYER_FOLDER, PACKAGES_OF_LAYER, build, import_path, named
from infra.bundle.contents import AWS_SERVICES, LAYERS, UNUSED
from infra.bundle.packages import ARM64, HOST, ROOT
from tests.ingest.material import draw, film, print_pdf, write

pytestmark = pytest.mark.slow

NAMES = [function.name for function in FUNCTIONS]
MAGIC_OF_313 = bytes.fromhex("f30d0d0a")
UNCHECKED_HASH = 1
ALONE = """
import os, sys
task = sys.argv[1:]
sys.path[:] = [*task, *(path for path in sys.path if path and "site-packages" not in path)]
os.chdir(task[0])
"""


@pytest.fixture(scope="module", autouse=True)
def offline() -> None:
    """`scripts/setup test` has fetched everything."""
    os.environ["UV_OFFLINE"] = "1"


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory, offline: None) -> dict[str, Path]:
    """All functions and layers for this very machine."""
    return {folder.name: folder for folder in build(FUNCTIONS, HOST, tmp_path_factory.mktemp("host"))}


def run_alone(bundle: Path, program: str) -> str:
    """In a Python that knows nothing but its own library, the bundle and its layers, as on Lambda."""
    environment = {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AISDR_SIGNING_KEYS": json.dumps({"k": "x" * 32}),
        "WS_ENDPOINT": "http://127.0.0.1:9",
    }
    [function] = named([bundle.name])
    path = map(str, import_path(bundle.parent, function))
    command = [sys.executable, "-S", "-E", "-s", "-B", "-c", ALONE + program, *path]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_whole_in_its_bundle(bundles: dict[str, Path], name: str) -> None:
    function = next(each for each in FUNCTIONS if each.name == name)
    module, handler = function.handler.rsplit(".", 1)

    told = run_alone(
        bundles[name], f"from importlib import import_module\nprint(callable(import_module({module!r}).{handler}))"
    )

    assert told.strip() == "True"


def test_a_function_that_searches_finds_its_whole_machinery(bundles: dict[str, Path]) -> None:
    program = """
from aisdr.services import services
services().tools, services().knowledge, services().agent
print(services().embedder("minilm").embed_question("What does it cost?").shape[0])
"""
    assert run_alone(bundles["ws-relay"], program).strip() == "384"


def test_what_ingests_reads_files_in_its_bundle_and_says_what_it_has_not_for_the_others(
    bundles: dict[str, Path], tmp_path: Path
) -> None:
    """In the very process that a reader runs in on AWS, but for what this machine has besides."""
    files = {
        write(
            tmp_path / "guide.md", "# Guide\n\nFor every small shop the plan costs **149** dollars a month, all told."
        ): "document",
        print_pdf(tmp_path / "plan.pdf", "A page with words on it"): "document",
        # The recogniser and FFmpeg's libraries would not fit: an operator's machine reads these.
        draw(tmp_path / "board.png"): "elsewhere",
        film(tmp_path / "tour.webm"): "elsewhere",
    }
    program = f"""
from pathlib import Path
from aisdr.ingest.chunks import chunks_of
from aisdr.ingest.labels import Labels
from aisdr.knowledge.near_duplicates import packed_sketches
from aisdr.ingest.readers.base import SourceFile
from aisdr.ingest.sandbox.child import read
from aisdr.ingest.sandbox.messages import Job
for path in map(Path, {[str(path) for path in files]!r}):
    job = Job.of(SourceFile(path.parent, path, "/media/acme", Labels()), path.parent)
    ended, document = read(job, lambda line: None)
    if document:
        assert packed_sketches(chunks_of(path.name, document, "hash"))
    print(ended.kind, ended.reason, sep="|")
"""
    told = [line.partition("|") for line in run_alone(bundles["ingest"], program).splitlines()]

    assert [kind for kind, _, _ in told] == list(files.values()), told
    assert all("which is not installed here" in reason for kind, _, reason in told if kind == "elsewhere")


def test_every_function_fits_into_lambda_with_its_layers(bundles: dict[str, Path]) -> None:
    for function in FUNCTIONS:
        folders = [bundles[function.name], *(bundles[layer] for layer in function.layers)]
        unzipped = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
        assert unzipped <= LARGEST_UNZIPPED, function.name


def test_what_a_function_starts_with_needs_no_layer(bundles: dict[str, Path]) -> None:
    program = """
import sys
del sys.path[1:len(task)]
from importlib import import_module
import_module("functions.ws-relay.handler")
from aisdr.services import services
services().entrance
print(sorted({"numpy", "pydantic", "boto3", "fastapi", "opensearchpy"} & sys.modules.keys()))
"""
    assert run_alone(bundles["ws-relay"], program).strip() == "[]"


def test_layers_hold_what_bundles_leave_to_them(bundles: dict[str, Path]) -> None:
    for name, packages in LAYERS.items():
        inside = bundles[name] / PACKAGES_OF_LAYER
        found = {path.name.partition("-")[0].replace("_", "-").lower() for path in inside.glob("*.dist-info")}
        assert found == packages
        assert bundles[name].parent.name == LAYER_FOLDER


def test_every_service_of_aws_that_we_use_has_its_description(bundles: dict[str, Path]) -> None:
    program = f"""
from botocore.session import get_session
for name in {AWS_SERVICES!r}:
    address = "https://here.example" if name == "apigatewaymanagementapi" else None
    print(get_session().create_client(name, endpoint_url=address).meta.endpoint_url)
"""
    addresses = run_alone(bundles["ws-relay"], program).split()

    assert len(addresses) == len(AWS_SERVICES)
    assert all(address.startswith("https://") for address in addresses)


OPERATORS_SERVICES = {"transcribe"}
"""Speech is written down on the operator's machine alone, which has the whole SDK."""


def test_no_service_is_used_that_bundles_leave_out() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "aisdr").rglob("*.py"))

    assert set(re.findall(r'client\(\s*"([a-z0-9-]+)"', sources)) - OPERATORS_SERVICES == set(AWS_SERVICES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_shipped_that_nobody_reads(bundles: dict[str, Path], name: str) -> None:
    bundle = bundles[name]
    services = {path.name for path in (bundle / "botocore" / "data").iterdir() if path.is_dir()}
    packages = {path.name.split("-")[0].replace("_", "-").lower() for path in bundle.glob("*.dist-info")}

    assert not packages & UNUSED.keys()
    assert not packages & frozenset().union(*LAYERS.values())
    assert services <= set(AWS_SERVICES)
    assert not [path for path in bundle.rglob("*") if path.name in ("tests", "grpc") or path.suffix == ".pyi"]
    assert {path.name for path in (bundle / "functions").iterdir()} - {"__pycache__"} == {"__init__.py", name}


def test_two_builds_are_the_same_bytes(tmp_path: Path, offline: None) -> None:
    one, other = (build(named(["reconciler"]), HOST, tmp_path / place)[0] for place in ("one", "other"))

    assert archive(one) == archive(other)


def test_the_bytecode_is_of_lambdas_python_and_is_not_held_against_its_source(tmp_path: Path, offline: None) -> None:
    [bundle] = build(named(["reconciler"]), ARM64, tmp_path)

    compiled = (bundle / "functions" / "reconciler" / "__pycache__" / "handler.cpython-313.pyc").read_bytes()
    sources = list(bundle.rglob("*.py"))
    without = [path for path in sources if not (path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc").exists()]
    libraries = [path.name for path in bundle.rglob("*.so")]
    assert compiled[:4] == MAGIC_OF_313
    assert int.from_bytes(compiled[4:8], "little") == UNCHECKED_HASH
    assert b"/var/task/functions/reconciler/handler.py" in compiled
    assert without == []
    assert libraries
    assert all("aarch64" in name or "abi3" in name for name in libraries)


def test_bytecode_made_for_this_machine_is_loaded_by_it(bundles: dict[str, Path]) -> None:
    handler = bundles["reconciler"] / "functions" / "reconciler" / "handler.py"
    compiled = Path(importlib.util.cache_from_source(str(handler)))

    assert compiled.read_bytes()[:4] == importlib.util.MAGIC_NUMBER


def test_an_unknown_function_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="choose from session, tool"):
        named(["sesion"])
