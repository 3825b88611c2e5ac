"""Becomes ministack, with faults mended that a deployment meets; run by its own Python, which knows nothing of ours.

They are in its private code, hence the pinned version. Each is what AWS documents:

- `Ref` of a secret is its ARN
  (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html);
- a table's time to live and point-in-time recovery are what its template says;
- a policy that asks for TLS is satisfied: there is none on loopback, and nobody in between;
- a distribution passes requests on to an HTTP API by the API's own name, which leads to nobody on this machine.
"""

import sys
from http.client import responses
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, unquote

HANDLERS = "_RESOURCE_HANDLERS"
Json = dict[str, Any]


def mend_secrets(provisioners: Any) -> None:
    """The name stays the key under which it is kept; the ARN is what templates are told."""
    secrets = provisioners._sm._secrets
    made = dict(getattr(provisioners, HANDLERS)["AWS::SecretsManager::Secret"])
    create, update, delete = made["create"], made["update"], made["delete"]

    def name_of(told: Any) -> Any:
        return str(told).split(":secret:", 1)[1].rsplit("-", 1)[0] if ":secret:" in str(told) else told

    def mended_create(logical: str, properties: Json, stack: str) -> tuple[str, Json]:
        _, attributes = create(logical, properties, stack)
        return attributes["Arn"], attributes

    def mended_update(told: Any, old: Json, new: Json, stack: str, *more: Any, **named: Any) -> tuple[str, Json]:
        name, attributes = update(name_of(told), old, new, stack, *more, **named)
        return secrets[name]["ARN"] if name in secrets else name, attributes

    made |= {
        "create": mended_create,
        "update": mended_update,
        "delete": lambda told, *more, **named: delete(name_of(told), *more, **named),
    }
    getattr(provisioners, HANDLERS)["AWS::SecretsManager::Secret"] = made


def mend_tables(provisioners: Any, dynamodb: Any) -> None:
    made = dict(getattr(provisioners, HANDLERS)["AWS::DynamoDB::GlobalTable"])
    create, update = made["create"], made["update"]

    def apply(table: str, properties: Json) -> None:
        if wanted := properties.get("TimeToLiveSpecification"):
            dynamodb._update_ttl(
                {
                    "TableName": table,
                    "TimeToLiveSpecification": {
                        "AttributeName": wanted["AttributeName"],
                        "Enabled": str(wanted["Enabled"]).lower() == "true",
                    },
                }
            )
        for replica in properties.get("Replicas", ()):
            if recovery := replica.get("PointInTimeRecoverySpecification"):
                dynamodb._update_continuous_backups({"TableName": table, "PointInTimeRecoverySpecification": recovery})

    def mended_create(logical: str, properties: Json, stack: str) -> tuple[str, Json]:
        table, attributes = create(logical, properties, stack)
        apply(table, properties)
        return table, attributes

    def mended_update(told: Any, old: Json, new: Json, stack: str, *more: Any, **named: Any) -> tuple[str, Json]:
        table, attributes = update(told, old, new, stack, *more, **named)
        apply(table, new)
        return table, attributes

    made |= {"create": mended_create, "update": mended_update}
    getattr(provisioners, HANDLERS)["AWS::DynamoDB::GlobalTable"] = made


def mend_transport(evaluator: Any) -> None:
    resolve = evaluator._resolve_condition_key

    def mended(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    evaluator._resolve_condition_key = mended


def mend_distributions(cloudfront: Any, app: Any) -> None:
    fetch = cloudfront._fetch_from_origin

    async def mended(origin: Json, method: str, uri: str, query: str, headers: Json, body: bytes, *more: Any) -> Any:
        api, is_api, _ = str(origin["domain_name"]).partition(".execute-api.")
        if not is_api:
            return await fetch(origin, method, uri, query, headers, body, *more)
        _, client, forwarded, _ = more
        sent = cloudfront._origin_request_headers(origin, headers, client, forwarded)
        named = {name.lower(): value for name, value in sent.items()} | {"host": f"{api}.execute-api.localhost"}
        status, answered, data = await app._handle_execute_api_request(
            named["host"],
            unquote(uri),
            method,
            named,
            body,
            parse_qs(query, keep_blank_values=True),
            raw_path=uri,
            raw_query_string=query,
        )
        pairs = [
            (name, each) for name, value in answered.items() for each in (value if isinstance(value, list) else [value])
        ]
        return status, responses.get(status, ""), cloudfront._multidict_from_pairs(pairs), data

    cloudfront._fetch_from_origin = mended


def main() -> int:
    app = import_module("ministack.app")
    provisioners = import_module("ministack.services.cloudformation.provisioners")
    mend_secrets(provisioners)
    mend_tables(provisioners, import_module("ministack.services.dynamodb"))
    mend_transport(import_module("ministack.core.iam_evaluator"))
    mend_distributions(import_module("ministack.services.cloudfront"), app)
    return int(app.main() or 0)


if __name__ == "__main__":
    sys.exit(main())
