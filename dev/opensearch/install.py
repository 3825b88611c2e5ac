"""Installs the node once for this user and version; two who install at the same time wait for each other."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.opensearch.artifacts import MODULES, PAINLESS_POLICY, PLUGINS, VERSION, descriptor, project

INSTALL_SECONDS = 600
OLDEST_JAVA, NEWEST_JAVA = 11, 23
"""24 took the security manager away, which this version needs."""


class CannotInstallError(Exception):
    """The message says what is missing and how to get it."""


def cache() -> Path:
    """Below the temporary folder, because the node runs as somebody who may enter few others.

    Raises:
        CannotInstallError: the folder is somebody else's.
    """
    folder = Path(os.environ.get("AISDR_OPENSEARCH_CACHE") or Path(tempfile.gettempdir()) / f"aisdr-os-{os.getuid()}")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise CannotInstallError(f"{folder} belongs to another user: name another with AISDR_OPENSEARCH_CACHE")
    return folder


def install(begin: Callable[[], None] = lambda: None) -> Path:
    """The home of the installed distribution, fetched through Maven when it is not there yet.

    Args:
        begin: is called before anything is fetched, which takes half a minute.

    Raises:
        CannotInstallError: no Maven, no fitting Java, or they failed.
    """
    folder = cache()
    home = folder / f"opensearch-{VERSION}"
    with _alone(folder / "lock"):
        if not (home / ".installed").exists():
            begin()
            with tempfile.TemporaryDirectory(prefix="stage-", dir=folder) as name:
                _assemble(Path(name), home)
    return home


def java_home() -> Path:
    """Raises: CannotInstallError."""
    named = os.environ.get("OPENSEARCH_JAVA_HOME") or os.environ.get("JAVA_HOME")
    java = str(Path(named) / "bin" / "java") if named else shutil.which("java")
    if java is None:
        raise CannotInstallError("There is no Java: apt-get install openjdk-17-jre-headless")
    told = subprocess.run(  # nosec B603  # our own words, no shell
        [java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, timeout=60, check=False
    ).stderr
    pairs = (line.strip().partition(" = ") for line in told.splitlines())
    properties = {name: value for name, equals, value in pairs if equals}
    version = properties.get("java.specification.version", "0")
    if not version.isdecimal() or not OLDEST_JAVA <= int(version) <= NEWEST_JAVA:
        raise CannotInstallError(
            f"Java {version} cannot run OpenSearch {VERSION}: apt-get install openjdk-17-jre-headless and set JAVA_HOME"
        )
    return Path(properties["java.home"])


def _assemble(stage: Path, home: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotInstallError("There is no Maven: apt-get install maven")
    stage.chmod(0o755)
    (stage / "pom.xml").write_text(project(stage), encoding="utf-8")
    _run([maven, "-B", "-q", "-f", str(stage / "pom.xml"), "process-resources"])
    new = stage / "dist" / f"opensearch-{VERSION}"
    for module in MODULES:
        place = new / "modules" / module.name
        shutil.copytree(stage / "modules" / module.name, place)
        (place / "plugin-descriptor.properties").write_text(descriptor(module), encoding="utf-8")
    (new / "modules" / "lang-painless" / "plugin-security.policy").write_text(PAINLESS_POLICY, encoding="utf-8")
    for tool in (new / "bin").glob("opensearch*"):
        tool.chmod(0o755)
    for _, name, version, _ in PLUGINS:
        archive = stage / "plugins" / f"{name}-{version}.zip"
        _run([str(new / "bin" / "opensearch-plugin"), "install", "--batch", f"file:{archive}"])
    for path in [new, *new.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    (new / ".installed").touch(mode=0o644)
    shutil.rmtree(home, ignore_errors=True)
    new.rename(home)


def _run(command: list[str]) -> None:
    environment = {**os.environ, "OPENSEARCH_JAVA_HOME": str(java_home())}
    done = subprocess.run(  # nosec B603  # our own words, no shell
        command, capture_output=True, text=True, timeout=INSTALL_SECONDS, env=environment, check=False
    )
    if done.returncode != 0:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise CannotInstallError(f"{Path(command[0]).name} failed; is the artifact repository reached?\n{end}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
