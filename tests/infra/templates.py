"""Reading what was synthesized: the stacks of an environment, their resources by type, and where a name leads."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    body: Json

    def of_type(self, kind: str) -> dict[str, Json]:
        """Properties by logical name."""
        found = self.body["Resources"].items()
        return {name: each.get("Properties", {}) for name, each in found if each["Type"] == f"AWS::{kind}"}

    def only(self, kind: str) -> Json:
        (one,) = self.of_type(kind).values()
        return one

    def target(self, value: Any) -> str:
        """The logical name that a `Ref` or `Fn::GetAtt` somewhere inside a value leads to."""
        (name,) = set(_targets(value))
        return name


def _targets(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)} if not name.startswith("AWS::"):
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for inner in value.values():
                yield from _targets(inner)
        case list():
            for inner in value:
                yield from _targets(inner)


@dataclass(frozen=True)
class Synthesis:
    """One environment as it was written to a folder."""

    folder: Path

    @property
    def stacks(self) -> dict[str, Template]:
        found = {}
        for file in sorted(self.folder.glob("assembly-*/*.template.json")):
            manifest = file.with_name("manifest.json")
            name = _display_name(json.loads(manifest.read_text()), file.name)
            found[name] = Template(json.loads(file.read_text()))
        return found

    def __getitem__(self, stack: str) -> Template:
        return self.stacks[stack]

    @property
    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }

    @property
    def findings(self) -> set[str]:
        """Rules that cdk-nag, CloudFormation's own checks and the constructs find broken, without what they found."""
        report = json.loads((self.folder / "validation-report.json").read_text())
        rules = {broken["ruleName"] for each in report["pluginReports"] for broken in each["violations"]}
        return {re.sub(r"\[.*", "", rule) for rule in rules}

    def functions(self) -> dict[str, Json]:
        """Properties of each function by its name in `functions.FUNCTIONS`."""
        made = self["Api"].of_type("Lambda::Function").values()
        return {re.sub(r"^functions\.|\.handler\.handler$", "", each["Handler"]): each for each in made}

    def statements(self) -> dict[str, list[Json]]:
        """What the role of each function allows."""
        found: dict[str, list[Json]] = {}
        for policy in self["Api"].of_type("IAM::Policy").values():
            (role,) = policy["Roles"]
            found.setdefault(re.sub(r"^aisdr-[^-]+-", "", role), []).extend(policy["PolicyDocument"]["Statement"])
        return found


def listed(value: Any) -> list[Any]:
    """CloudFormation writes a list of one as the one."""
    return value if isinstance(value, list) else [value]


def _display_name(manifest: Json, file: str) -> str:
    for artifact in manifest["artifacts"].values():
        if artifact.get("properties", {}).get("templateFile") == file:
            return str(artifact["displayName"]).rpartition("/")[2]
    raise LookupError(f"{file} is in no manifest")
