"""A deployment from end to end: bundles, stacks, the site's files, and a few questions to see that it answers."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra import ROOT
from infra.deploy.account import let_api_gateway_log
from infra.deploy.buckets import OF_DATA, OF_EDGE, empty
from infra.deploy.kit import Kit, KitFailed
from infra.deploy.outputs import Edge, edge_of
from infra.deploy.site import DIST, invalidate, site_files, upload
from infra.deploy.smoke import smoke
from infra.environment import EDGE_REGION, Environment
from infra.shipped_index import ship

HOLDS_NO_DATA = ("Observability", "Edge", "Api")
"""In the order in which they can go."""


@dataclass(frozen=True)
class Deployment:
    """One environment and what it is made of."""

    environment: Environment
    kit: Kit
    build: Path
    index: Path
    """Folder of the index files that are shipped where no search engine stands."""
    dist: Path = DIST

    def bootstrap(self) -> None:
        """Once for each account and region. Raises: KitFailed."""
        self.kit.bootstrap()
        if let_api_gateway_log(self.environment.region):
            print("API Gateway may write access logs in this region now.")

    def make_bundles(self) -> None:
        """Raises: KitFailed, FileNotFoundError."""
        # An emulator runs functions with the Python of its machine.
        target = "host" if self.environment.emulator else self.environment.architecture
        command = [sys.executable, "-m", "infra.bundle", "--target", target]
        command += ["--out", str(self.build)]
        if subprocess.run(command, cwd=ROOT).returncode:  # noqa: S603 - our own words  # nosec B603
            raise KitFailed("making the bundles")
        if self.environment.search.engine != "none":
            return
        if not any(self.index.glob("*.sqlite3")):
            print(f"No index is shipped, because {self.index} has none: nothing will be found until there is one.")
            return
        ship(self.index, self.build)

    def synthesize(self) -> None:
        """With the distribution's name as soon as there is one. Raises: KitFailed."""
        edge = edge_of(self.environment)
        self.kit.synthesize(edge.address if edge else None)

    def diff(self) -> str:
        """Empty when a deployment would change nothing. Raises: KitFailed."""
        self.synthesize()
        return self.kit.diff()

    def deploy(self, *, ask: bool) -> Edge:
        """The stacks. What stands is left as it was when a step fails. Raises: KitFailed."""
        before = edge_of(self.environment)
        self.synthesize()
        self.kit.deploy(ask=ask)
        edge = edge_of(self.environment)
        if edge is None:
            raise KitFailed("deployment", "the stack Edge has no outputs")
        if before is None and not self.environment.is_found:
            # The functions must know where visitors find them, and only now anybody does.
            self.kit.synthesize(edge.address)
            self.kit.deploy("Api", ask=False)
        return edge

    def publish(self, edge: Edge) -> int:
        """The site's files. Returns how many. Raises: Unfinished."""
        files = site_files(self.dist)
        upload(edge.bucket, files, EDGE_REGION)
        invalidate(edge.distribution)
        return len(files)

    def smoke(self, edge: Edge, *, by_name: bool = False) -> None:
        """Where visitors come, or by the distribution's own name, which works before a domain leads to it.

        Raises: NotServed.
        """
        site = self.environment.found_at(edge.address).site
        if by_name and self.environment.emulator is None:
            site = f"https://{edge.address}"
        for line in smoke(site, dist=self.dist):
            print(f"✓ {line}")

    def destroy(self) -> None:
        """Takes down what holds no data, and without `keep` the data, too. Raises: KitFailed."""
        self.kit.synthesize(with_code=False)
        for bucket in OF_EDGE if self.environment.keep else (*OF_EDGE, *OF_DATA):
            empty(self.environment.bucket(bucket))  # CloudFormation deletes none that holds anything
        self.kit.destroy(*(HOLDS_NO_DATA if self.environment.keep else ()))

    def lost(self) -> list[str]:
        """What `destroy` takes away."""
        lost = [
            "the functions, both APIs, the clock, the alarms, the firewall, the distribution and its address",
            *(f"the bucket {self.environment.bucket(each)}" for each in OF_EDGE),
        ]
        if not self.environment.keep:
            lost += self._data()
        return lost

    def kept(self) -> list[str]:
        """What is still there afterwards."""
        kept = ["the account's own: the stack CDKToolkit with its bucket, API Gateway's role for logs"]
        return [*self._data(), *kept] if self.environment.keep else kept

    def _data(self) -> list[str]:
        environment = self.environment
        engine = environment.search.engine
        return [
            *(f"the table {environment.named(each)}" for each in ("companies", "conversations")),
            *(f"the bucket {environment.bucket(each)}" for each in OF_DATA),
            f"the secrets aisdr/{environment.name}/…",
            f"the key {environment.named('data')}",
            *(
                [f"the {'domain' if engine == 'domain' else 'collection'} {environment.named('search')}"]
                if engine in ("domain", "serverless")
                else []
            ),
        ]
