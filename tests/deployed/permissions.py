"""Takes a permission from a deployed function's role, as a reviewer's change would, and gives it back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dev.deployment.local import LocalDeployment


@contextmanager
def without(deployment: LocalDeployment, function: str, action: str) -> Iterator[None]:
    """The function's role does not allow `action`, such as `dynamodb:Query`, as long as the block lasts."""
    iam, role = deployment.client("iam"), deployment.named(function)
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less = whole | {"Statement": list(_less(whole["Statement"], action))}
    assert less != whole, f"{role} does not allow {action} at all"
    _put(iam, role, name, less)
    try:
        yield
    finally:
        _put(iam, role, name, whole)


def _less(statements: list[dict[str, Any]], action: str) -> Iterator[dict[str, Any]]:
    for statement in statements:
        allowed = statement["Action"]
        kept = [each for each in ([allowed] if isinstance(allowed, str) else allowed) if each != action]
        if kept:
            yield statement | {"Action": kept}


def _put(iam: Any, role: str, name: str, document: dict[str, Any]) -> None:
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
