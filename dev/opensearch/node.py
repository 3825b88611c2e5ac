"""One node's own files, and whom it runs as."""

import os
import pwd
from pathlib import Path

from dev.opensearch.install import java_home

HEAP = "512m"
UNPRIVILEGED = "nobody"
"""OpenSearch refuses to run as root."""

_SETTINGS = """cluster.name: local
node.name: local
path.data: {folder}/data
path.logs: {folder}/logs
network.host: 127.0.0.1
http.port: {port}
transport.port: 0
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
action.auto_create_index: false
"""
_JAVA_OPTIONS = """-Xms{heap}
-Xmx{heap}
-XX:+UseSerialGC
-Djava.io.tmpdir={folder}/tmp
-XX:ErrorFile={folder}/logs/crash.log
18-:-Djava.security.manager=allow
20-:--add-modules=jdk.incubator.vector
-Djava.util.concurrent.ForkJoinPool.common.threadFactory=org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory
"""
_LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


def prepare(folder: Path, port: int) -> None:
    """Writes the node's configuration; whoever it runs as owns its files."""
    for name in ("config", "data", "logs", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    values = {"folder": folder, "port": port, "heap": HEAP}
    (folder / "config" / "opensearch.yml").write_text(_SETTINGS.format(**values), encoding="utf-8")
    (folder / "config" / "jvm.options").write_text(_JAVA_OPTIONS.format(**values), encoding="utf-8")
    (folder / "config" / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    if os.getuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)


def become(home: Path, folder: Path) -> None:
    """This process turns into the node, so that its number is the node's. Does not return."""
    java = str(java_home())
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "OPENSEARCH_JAVA_HOME": java,
        "OPENSEARCH_PATH_CONF": str(folder / "config"),
        "OPENSEARCH_TMPDIR": str(folder / "tmp"),
    }
    os.chdir(folder)
    if os.getuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    program = str(home / "bin" / "opensearch")
    os.execve(program, [program], environment)  # noqa: S606 - no shell is wanted  # nosec B606
