"""`python -m dev`: the whole product on this machine, with look-alikes for the vendors that have no key."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dev import aws, search
from dev.children import Child, ChildEndedError, Children, is_taken
from dev.content import Content, ContentError
from dev.environment import (
    LOCAL_FILE,
    ConfigurationError,
    Ports,
    functions_environment,
    read_local_file,
    uses_real_openai,
    uses_real_tavus,
)
from dev.look_alikes import LOCAL_WIDGET, start_look_alikes, start_program
from dev.ports import announce, withdraw

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LocalRun:
    """One run, from the first program to the ready line."""

    def __init__(
        self,
        ports: Ports,
        data: Path,
        given: dict[str, str],
        engine: str = search.EMBEDDED,
        bundles: Path | None = None,
    ) -> None:
        self.ports = ports
        self.data = data
        self.engine = engine
        self.bundles = bundles
        self.environment = functions_environment(ports, data, search.settings(engine, ports) | given)
        self.imitates_tavus = not uses_real_tavus(given)
        self.imitates_openai = not uses_real_openai(given)
        self.imitates_speech = "AWS_ENDPOINT_URL_POLLY" not in given
        self.children = Children(data / "logs")

    @property
    def has_node(self) -> bool:
        """Whether this run starts a node: not for an address that was given."""
        ours = search.settings(self.engine, self.ports).get("AISDR_OPENSEARCH_URL")
        return ours is not None and self.environment["AISDR_OPENSEARCH_URL"] == ours

    @property
    def index_folder(self) -> Path:
        """Where the chunks are: whoever deletes it begins anew."""
        return self.data / ("opensearch" if self.has_node else "index")

    def check(self) -> None:
        """Raises: ConfigurationError."""
        self._check_ports()
        if self.has_node:
            search.check(self.index_folder)

    def _check_ports(self) -> None:
        wanted = {"gateway", "aws"}
        wanted |= {"tavus", "daily"} if self.imitates_tavus else set()
        wanted |= {"speech"} if self.imitates_speech else set()
        wanted |= {"openai"} if self.imitates_openai else set()
        wanted |= {"opensearch"} if self.has_node else set()
        for name, variable in Ports.VARIABLES.items():
            port = getattr(self.ports, name)
            if name in wanted and is_taken(port):
                raise ConfigurationError(
                    f"Port {port} ({name}) is taken; `ss -ltnp 'sport = :{port}'` names the program that uses it. "
                    f"Stop it, or choose another port: make dev {variable}={port + 10}"
                )

    def start(self) -> None:
        """Everything is started at once; the stores are filled as soon as their emulator answers."""
        emulator = self.children.start(
            "aws", self.ports.aws, aws.command(), aws.environment(self.ports.aws, self.data / "aws")
        )
        node = self._node() if self.has_node else None
        others = [*self._look_alikes(), self._gateway()]
        self.children.wait_until_open([emulator])
        aws.wait_until_ready(self.ports.aws, emulator.process)
        if node is not None:
            self._wait_for(node)
        content = Content(self.environment, self.index_folder)
        content.prepare()
        for line in content.fill():
            print(line, flush=True)
        self.children.wait_until_open(others)
        if self.imitates_tavus:
            content.provision()

    def ready_lines(self, seconds: float) -> list[str]:
        site = self.environment["AISDR_PUBLIC_URL"]
        tavus = f"look-alike at http://localhost:{self.ports.tavus}" if self.imitates_tavus else "the real one"
        openai = f"look-alike at http://localhost:{self.ports.openai}" if self.imitates_openai else "the real one"
        node = [f"  Search: OpenSearch at http://localhost:{self.ports.opensearch}."] if self.has_node else []
        return [
            f"Ready in {seconds:.1f} s: {site} · {site}/widget/hypersonix · {site}/widget/aisdr",
            f"  Video calls: {tavus}. Voice calls: {openai}. Logs: {self.children.logs}. Ctrl-C stops everything.",
            *node,
            *([f"  Functions: as built in {self.bundles}."] if self.bundles else []),
        ]

    def watch(self) -> None:
        """Raises: ChildEndedError, as soon as one program is gone."""
        while True:
            self.children.check()
            time.sleep(0.3)

    def _look_alikes(self) -> list[Child]:
        return start_look_alikes(self.children, self.ports, self.environment, self._imitated())

    def _imitated(self) -> list[str]:
        imitated = {"tavus": self.imitates_tavus, "speech": self.imitates_speech, "openai": self.imitates_openai}
        return [vendor for vendor, is_imitated in imitated.items() if is_imitated]

    def _gateway(self) -> Child:
        names = [*self._imitated(), "aws", *(["daily"] if self.imitates_tavus else [])]
        options = [f"--look-alike={name}=http://127.0.0.1:{getattr(self.ports, name)}" for name in names]
        if self.imitates_tavus:
            options += [
                "--scripts",
                str(LOCAL_WIDGET),
                "--link",
                f"What the video vendor was asked=http://localhost:{self.ports.tavus}/",
            ]
        if self.bundles:
            options += ["--bundles", str(self.bundles)]
        return start_program(self.children, "gateway", self.ports.gateway, self.environment, *options)

    def _node(self) -> Child:
        port = self.ports.opensearch
        return self.children.start("opensearch", port, search.command(port, self.index_folder), self.environment)

    def _wait_for(self, node: Child) -> None:
        try:
            search.wait_until_ready(self.environment["AISDR_OPENSEARCH_URL"], node.process)
        except search.NodeDidNotStartError as problem:
            raise ChildEndedError(f"{problem}. {node.story()}") from problem


def main() -> int:
    began = time.monotonic()
    for number in ENDINGS:
        signal.signal(number, _leave)
    try:
        data = Path(os.environ.get("AISDR_DATA") or aws.DATA.parent).resolve()
        given = read_local_file(Path(os.environ.get("AISDR_LOCAL_FILE") or LOCAL_FILE))
        bundles = Path(os.environ["BUNDLES"]).resolve() if os.environ.get("BUNDLES") else None
        run = LocalRun(Ports.of(os.environ), data, given, search.engine_of(os.environ), bundles)
        run.check()
        aws.check(run.ports.aws)
    except (ConfigurationError, aws.AwsDidNotStartError) as problem:
        print(problem, file=sys.stderr)
        return 1
    try:
        run.start()
        announce(run.ports, run.data, run.engine)
        print("\n".join(run.ready_lines(time.monotonic() - began)), flush=True)
        run.watch()
    except (ChildEndedError, ContentError, aws.AwsDidNotStartError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except SystemExit:
        print("\nStopping.", flush=True)
    finally:
        # A second Ctrl-C must not leave programs behind.
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        withdraw(run.data)
        run.children.stop()
    return 0


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
