"""Becomes ministack, with faults mended that a deployment meets; run by its own Python, which knows nothing of ours.

They are in its private code, hence the pinned version. Each is what AWS documents:

- `Ref` of a secret is its ARN
  (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html);
- a table's time to live and point-in-time recovery are what its template says;
- a socket speaks the protocol that `$connect` chose;
- a run of an alias that fails goes where the alias's own configuration says;
- a policy that asks for TLS is satisfied: there is none on loopback, and nobody in between;
- a distribution passes requests on to an HTTP API by the API's own name, which leads to nobody on this machine.
"""

import sys
from contextvars import ContextVar
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


def mend_sockets(apigateway: Any) -> None:
    invoke, handle = apigateway._invoke_ws_lambda, apigateway.handle_websocket
    chosen: ContextVar[str | None] = ContextVar("chosen", default=None)

    async def mended_invoke(*told: Any, **named: Any) -> Any:
        answer = await invoke(*told, **named)
        if "CONNECT" in told:
            headers = {name.lower(): value for name, value in ((answer or {}).get("headers") or {}).items()}
            chosen.set(headers.get("sec-websocket-protocol"))
        return answer

    async def mended_handle(scope: Json, receive: Any, send: Any, *more: Any, **named: Any) -> None:
        async def told(message: Json) -> None:
            protocol = chosen.get()
            if message["type"] == "websocket.accept" and protocol:
                message = message | {"subprotocol": protocol}
            await send(message)

        await handle(scope, receive, told, *more, **named)

    apigateway._invoke_ws_lambda = mended_invoke
    apigateway.handle_websocket = mended_handle


def mend_failed_runs(functions: Any) -> None:
    invoke = functions.invoke_async_with_retry

    def mended(function: Json, event: Json) -> None:
        name = (function.get("config") or function).get("FunctionName")
        kept = (functions._functions.get(name) or {}).get("event_invoke_configs") or {}
        if len(kept) == 1:  # who was called, this place does not know; our functions have one alias
            function = function | {"event_invoke_config": next(iter(kept.values()))}
        invoke(function, event)

    functions.invoke_async_with_retry = mended


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
    mend_sockets(import_module("ministack.services.apigateway"))
    mend_failed_runs(import_module("ministack.services.lambda_svc"))
    mend_transport(import_module("ministack.core.iam_evaluator"))
    mend_distributions(import_module("ministack.services.cloudfront"), app)
    return int(app.main() or 0)


if __name__ == "__main__":
    sys.exit(main())
