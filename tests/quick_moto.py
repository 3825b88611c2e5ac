"""moto without its detours, which took half of the tests' time; what it answers is the same.

Its answers hold DynamoDB's values as they are: but for bytes they have the form of the wire already. Otherwise it asks
each value for each of its ten possible members, in each of five spellings: a company's record took 9 ms to read, and
every request reads one.

Of HTTP clients it watches botocore's alone. For `requests`, which nobody here asks AWS with, it otherwise writes down
some 1,300 addresses whenever a test begins.

Which verbs a service has it looks up once and not for each request; tables and buckets that every test begins with are
made as requests make them, without the request.
"""

from base64 import b64encode
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from moto.core import models, responses
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.serialize import ResponseSerializer
from moto.core.utils import method_names_from_class
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.s3.models import s3_backends

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "us-east-1"

_structure = ResponseSerializer._serialize_type_structure


def make_no_detours() -> None:
    """For the whole process; to say it twice changes nothing."""
    models.RESPONSES_METHODS.clear()
    responses.method_names_from_class = cache(method_names_from_class)  # type: ignore[attr-defined]
    ResponseSerializer._serialize_type_structure = _serialize  # type: ignore[method-assign, assignment]


def put_tables(client: "DynamoDBClient", *definitions: Any) -> None:
    """Empty tables in the account of this test: asked for the first time, and copied from then on."""
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    for definition in definitions:
        name = definition["TableName"]
        if name not in _made:
            client.create_table(**definition)
            _made[name] = deepcopy(tables[name])
        tables[name] = deepcopy(_made[name])


_made: dict[str, Table] = {}


def put_buckets(*names: str) -> None:
    for name in names:
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(name, REGION)


def _serialize(serializer: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if key and shape.name == "AttributeValue" and isinstance(value, dict):
        serializer._default_serialize(serialized, _on_the_wire(value), shape, key)
    else:
        _structure(serializer, serialized, value, shape, key)


def _on_the_wire(value: Any) -> Any:
    match value:
        case {"M": members}:
            return {"M": {name: _on_the_wire(member) for name, member in members.items()}}
        case {"L": members}:
            return {"L": [_on_the_wire(member) for member in members]}
        case {"B": some}:
            return {"B": b64encode(some).decode()}
        case {"BS": some}:
            return {"BS": [b64encode(each).decode() for each in some]}
    return value
