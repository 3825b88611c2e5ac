"""`python -m infra.deploy VERB --environment NAME`: deploys to an account of AWS, with the credentials of the shell.

bootstrap   once for each account and region
build       the functions' bundles alone, which needs no credentials
diff        what a deployment would change; nothing is changed
deploy      bundles, stacks, the site's files, and a smoke test of what visitors get
site        the site's files alone
smoke       the smoke test alone
variables   what the operator's command needs to work on it, as lines for a shell
destroy     takes it down, and says before what goes and what is kept
"""

import argparse
import shlex
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infra import ROOT
from infra.deploy.deployment import Deployment
from infra.deploy.kit import Kit, KitFailed
from infra.deploy.outputs import edge_of, variables_of
from infra.deploy.site import DIST, Unfinished
from infra.deploy.smoke import NotServed
from infra.environment import Unusable, file_of, load

NOTHING_TO_CHANGE = "A deployment would change nothing."
VERBS = ("bootstrap", "build", "diff", "deploy", "site", "smoke", "variables", "destroy")


class NotDeployed(Exception):
    """There is nothing to work on, or nobody agreed; the message says so."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--environment", required=True, metavar="NAME", help="in infra/environments, or a path")
    folders = {
        "build": (ROOT / "build", "the functions' bundles, made anew unless --built"),
        "assembly": (ROOT / "cdk.out", "the templates, made anew"),
        "dist": (DIST, "the widget as it was built"),
    }
    for name, (usual, what) in folders.items():
        parser.add_argument(f"--{name}", type=Path, default=usual, metavar="FOLDER", help=what)
    parser.add_argument(
        "--index",
        type=Path,
        metavar="FOLDER",
        help="index files to ship where no search engine stands (.data/deployed/NAME/index)",
    )
    parser.add_argument("--built", action="store_true", help="takes the bundles as they are")
    parser.add_argument("--yes", action="store_true", help="asks nothing, for machines")
    given = parser.parse_args()
    try:
        _do(given, _deployment(given))
    except (Unusable, KitFailed, Unfinished, NotServed, NotDeployed, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as problem:
        print(f"AWS refused: {problem}", file=sys.stderr)
        return 1
    return 0


def _deployment(given: argparse.Namespace) -> Deployment:
    file = file_of(given.environment).resolve()
    wanted = load(file)
    kit = Kit(wanted, file, build=given.build.resolve(), assembly=given.assembly.resolve())
    index = given.index or ROOT / ".data" / "deployed" / wanted.name / "index"
    return Deployment(wanted, kit, given.build, index, given.dist)


def _do(given: argparse.Namespace, deployment: Deployment) -> None:
    verb, ask = given.verb, not given.yes
    if verb in ("build", "diff", "deploy") and not given.built:
        deployment.make_bundles()
    if verb == "bootstrap":
        deployment.bootstrap()
    elif verb == "diff":
        print(deployment.diff() or NOTHING_TO_CHANGE)
    elif verb == "deploy":
        edge = deployment.deploy(ask=ask)
        print(f"The site: {deployment.publish(edge)} files")
        deployment.smoke(edge, by_name=True)
        print(f"Deployed: {deployment.environment.found_at(edge.address).site}")
    elif verb == "variables":
        for name, value in sorted(variables_of(deployment.environment, deployment.index).items()):
            print(f"export {name}={shlex.quote(value)}")
    elif verb == "destroy":
        _destroy(deployment, ask=ask)
    elif verb != "build":
        standing = edge_of(deployment.environment)
        if standing is None:
            raise NotDeployed(f"{deployment.environment.name} is not deployed: run `make deploy` first")
        if verb == "site":
            print(f"The site: {deployment.publish(standing)} files")
        else:
            deployment.smoke(standing)


def _destroy(deployment: Deployment, *, ask: bool) -> None:
    name = deployment.environment.name
    print("\n".join(["This goes:", *(f"  - {each}" for each in deployment.lost())]))
    print("\n".join(["This is kept:", *(f"  - {each}" for each in deployment.kept())]))
    if ask and input(f"Type the environment's name ({name}) to take it down: ").strip() != name:
        raise NotDeployed("Nothing was taken down.")
    deployment.destroy()


if __name__ == "__main__":
    sys.exit(main())
