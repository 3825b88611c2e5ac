"""`python -m dev.opensearch --port 9200 --data FOLDER`: installs a node when needed, and becomes it.

SIGTERM stops it. It is ready when `GET /_cluster/health` answers.
"""

import argparse
import sys
from pathlib import Path

from dev.opensearch.install import CannotInstallError, install
from dev.opensearch.node import become, prepare


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dev.opensearch", description=__doc__)
    parser.add_argument("--host", choices=["127.0.0.1"], default="127.0.0.1", help="loopback, nothing else")
    parser.add_argument("--port", type=int, default=9200)
    parser.add_argument("--data", type=Path, help="the node's files; every folder above must be enterable by all")
    parser.add_argument("--install-only", action="store_true", help="fetch what a node is made of, and end")
    asked = parser.parse_args()
    if not asked.install_only and asked.data is None:
        parser.error("--data is needed, or --install-only")
    try:
        home = install()
    except CannotInstallError as error:
        print(f"OpenSearch: {error}", file=sys.stderr)
        return 1
    if not asked.install_only:
        folder = asked.data.resolve()
        prepare(folder, asked.port)
        become(home, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
