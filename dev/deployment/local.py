"""One deployment on this machine, from the first program to the last stack."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from dev import aws, search
from dev.children import Children
from dev.content import Content
from dev.deployment import emulator
from dev.environment import ROOT, Ports, functions_environment
from dev.look_alikes import LOCAL_WIDGET, start_look_alikes, start_program

EXAMPLE = ROOT / "infra" / "environments" / "local.toml"
NAME = "local"
KEYS = {"TAVUS_API_KEY": "tavus-api-key", "OPENAI_API_KEY": "openai-api-key"}
"""What an operator puts into Secrets Manager by hand: a look-alike's key here."""


class StepFailed(Exception):
    """A step of the deployment ended badly; the message holds what it said."""


class LocalDeployment:
    """The emulator, the vendors' look-alikes, a search node, the front for browsers, and the deployment's own command.

    Args:
        data: folder of everything that it makes; `node` is the folder of the search node's files, which nobody's user
            must be able to enter.
    """

    name = NAME

    def __init__(self, ports: Ports, data: Path, *, node: Path) -> None:
        self.ports = ports
        self.data = data
        self.build = data / "build"
        self.node = node
        self.endpoint = f"http://127.0.0.1:{ports.aws}"
        self.site = f"http://localhost:{ports.gateway}"
        self.opensearch = f"http://127.0.0.1:{ports.opensearch}"
        self.children = Children(data / "logs")
        self.file = data / "local.toml"
        self.variables = functions_environment(ports, data, {}) | {"AWS_ENDPOINT_URL": self.endpoint}

    def start(self) -> None:
        """Everything but the node is ready when this returns. Raises: ChildEndedError, AwsDidNotStartError."""
        aws.check(self.ports.aws)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(_with_ports(EXAMPLE.read_text("utf-8"), self.ports), "utf-8")
        polly = self.variables["AWS_ENDPOINT_URL_POLLY"]
        given = emulator.environment(self.ports.aws, self.data / "aws", polly)
        emulated = self.children.start("aws", self.ports.aws, emulator.command(), given)
        node = search.command(self.ports.opensearch, self.node)
        self._node = self.children.start("opensearch", self.ports.opensearch, node, self.variables)
        others = start_look_alikes(self.children, self.ports, self.variables)
        comment = f"AI SDR {NAME}"
        front = start_program(
            self.children, "deployment.front", self.ports.gateway, self.variables, "--distribution", comment
        )
        self.children.wait_until_open([emulated, *others, front])
        aws.wait_until_ready(self.ports.aws, emulated.process)

    def run(self, verb: str, *options: str) -> str:
        """`python -m infra.deploy VERB`, as `make deploy` runs it. Returns what it said. Raises: StepFailed."""
        command = [sys.executable, "-m", "infra.deploy", verb, "--environment", str(self.file), "--yes"]
        command += ["--build", str(self.build), "--assembly", str(self.data / "cdk.out")]
        command += ["--dist", str(LOCAL_WIDGET)]
        done = subprocess.run(  # nosec B603  # our own words, no shell
            [*command, *options],
            cwd=ROOT,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        (self.data / "logs" / f"{verb}.log").write_text(done.stdout)
        if done.returncode:
            raise StepFailed(f"{verb} failed:\n{done.stdout[-4000:]}")
        return done.stdout

    def give_keys(self) -> None:
        """As an operator does after the first deployment."""
        secrets = self.client("secretsmanager")
        for variable, name in KEYS.items():
            secrets.put_secret_value(SecretId=f"aisdr/{NAME}/{name}", SecretString=self.variables[variable])

    def fill(self) -> Iterator[str]:
        """Seeds and ingests the sample companies, and gives each its avatar.

        Raises: ContentError, NodeDidNotStartError.
        """
        search.wait_until_ready(self.opensearch, self._node.process)
        content = Content(self.operator, self.data / "stamps")
        yield from content.fill()
        content.provision()

    @property
    def operator(self) -> dict[str, str]:
        """What the operator's command runs with: what the deployment says, and keys of one's own."""
        lines = [shlex.split(line) for line in self.run("variables").splitlines() if line.startswith("export ")]
        return self.variables | dict(told.split("=", 1) for _, told in lines)

    def version(self, function: str) -> str:
        """Which version of a function is live."""
        alias = self.client("lambda").get_alias(FunctionName=self.named(function), Name="live")
        return str(alias["FunctionVersion"])

    def api_id(self, what: str) -> str:
        """Of the API `http` or `websocket`."""
        listed = self.client("apigatewayv2").get_apis()["Items"]
        return next(str(each["ApiId"]) for each in listed if each["Name"] == self.named(what))

    def named(self, what: str) -> str:
        return f"aisdr-{NAME}-{what}"

    def client(self, service: Any, **more: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # nosec B106  # the emulator knows no other
            **more,
        )

    def stop(self) -> None:
        self.children.stop()


def _with_ports(text: str, ports: Ports) -> str:
    usual = Ports()
    for name in Ports.VARIABLES:
        text = re.sub(rf":{getattr(usual, name)}\b", f":{getattr(ports, name)}", text)
    return text
