"""The exemptions from cdk-nag's rules, read from the source: what stands there is what an auditor reads."""

import ast

from tests.infra.conftest import ROOT


def acknowledged() -> list[tuple[str, list[str]]]:
    """Each exemption in `infra/`: its reason, and the rules as far as they are written out."""
    found = []
    for file in (ROOT / "infra").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "acknowledge":
                reason, *rules = [text for each in node.args[1:] for text in _texts(each)]
                found.append((reason, [rule.partition("[")[0] for rule in rules]))
    return found


def _texts(node: ast.AST) -> list[str]:
    """The one text of an argument; of a text with holes, the part that names the rule."""
    texts = [str(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return [text for text in texts if text.startswith(("AwsSolutions-", "Serverless-"))] or texts[:1]
