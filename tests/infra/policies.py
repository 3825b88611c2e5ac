"""What a role allows, in words that a test can ask about: resources with their names filled in."""

from fnmatch import fnmatchcase
from typing import Any

from tests.infra.templates import Json, Synthesis, listed


class Policies:
    """The roles of one environment's functions."""

    def __init__(self, synthesis: Synthesis) -> None:
        self._synthesis = synthesis
        self._statements = synthesis.statements()

    def __iter__(self) -> Any:
        return iter(self._statements)

    def granted(self, function: str) -> list[tuple[str, str]]:
        """Every action with every resource that it is allowed on."""
        return [
            (action, self.named(resource))
            for statement in self._statements[function]
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        ]

    def allows(self, function: str, action: str, resource: str) -> bool:
        return any(granted == action and fnmatchcase(resource, where) for granted, where in self.granted(function))

    def services(self, function: str) -> set[str]:
        return {action.partition(":")[0] for action, _ in self.granted(function)}

    def secrets(self, function: str) -> set[str]:
        """The last part of the names of the secrets that it may read."""
        return {
            name.rpartition("/")[2] for action, name in self.granted(function) if action.startswith("secretsmanager:")
        }

    def named(self, value: Any) -> str:
        """A resource as text; what only a deployment knows as `{Name}`, and a secret by its name."""
        match value:
            case str():
                return value
            case {"Fn::Join": [separator, parts]}:
                return str(separator).join(self.named(part) for part in parts)
            case {"Fn::GetStackOutput": {"StackName": stack, "OutputName": output}}:
                return self._output(str(stack), str(output))
            case {"Ref": name} | {"Fn::GetAtt": [name, *_]}:
                return f"{{{name}}}"
        raise LookupError(f"cannot read {value}")

    def _output(self, stack: str, output: str) -> str:
        template = self._synthesis[stack.rpartition("-")[2]]
        value = template.body["Outputs"][output]["Value"]
        target = template.body["Resources"][template.target(value)]
        if target["Type"] == "AWS::SecretsManager::Secret":
            return str(target["Properties"]["Name"])
        if target["Type"] == "AWS::KMS::Key":
            return "{key}"
        return f"{{{template.target(value)}}}"


def conditions(statement: Json) -> dict[str, str]:
    """`key: value` of a statement's only operator."""
    (operator,) = statement.get("Condition", {"": {}}).values()
    return dict(operator)
