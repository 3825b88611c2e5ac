"""Takes out of a bundle what no function reads."""

import json
import shutil
from pathlib import Path

from infra.bundle.contents import AWS_SERVICES, KEPT_OF_METADATA, TRASH_ENDINGS, TRASH_FOLDERS, UNREAD


def slim(folder: Path) -> None:
    """Works in place; what is left does not depend on when or where it was installed."""
    for path in sorted(folder.rglob("*"), key=lambda each: len(each.parts), reverse=True):
        if path.is_dir():
            if path.name in TRASH_FOLDERS:
                shutil.rmtree(path)
        elif path.name.endswith(TRASH_ENDINGS) or (
            path.parent.name.endswith(".dist-info") and path.name not in KEPT_OF_METADATA
        ):
            path.unlink()
    for pattern in UNREAD:
        for path in sorted(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if (folder / "botocore").is_dir():
        _prune_services(folder / "botocore" / "data")
    for path in sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


def _prune_services(data: Path) -> None:
    """botocore reads the folder's listing and the list of all endpoints whenever a process makes its first client."""
    for path in data.iterdir():
        if path.is_dir() and path.name not in AWS_SERVICES:
            shutil.rmtree(path)
    file = data / "endpoints.json"
    if file.exists():
        endpoints = json.loads(file.read_text("utf-8"))
        for partition in endpoints["partitions"]:
            services = partition["services"]
            partition["services"] = {name: services[name] for name in services if name in _ENDPOINTS}
        file.write_text(json.dumps(endpoints, separators=(",", ":"), sort_keys=True), "utf-8")


_ENDPOINTS = frozenset({*AWS_SERVICES, "execute-api", "bedrock", "sts"})
"""That list speaks of endpoint prefixes, which are not always the service's name."""
