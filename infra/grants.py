"""What each function may do on AWS: the verbs that it uses, on the things that it uses them on, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from aisdr.table.schema import OPEN_INDEX
from infra.environment import FAILED_RUNS, Environment
from infra.media import SPEECH
from infra.shipped_index import READERS


@dataclass(frozen=True)
class Needs:
    """Beyond the two tables, which every function reads, and its own log."""

    secrets: tuple[str, ...]
    """By the variables that they stand for."""
    models: bool = False
    """Asks the language models of companies."""
    posts: bool = True
    """Puts something before a visitor through the socket, or closes it."""
    reads_aloud: bool = False
    """Buys speech and keeps it in the media bucket."""
    clock: bool = False
    """Looks for what is overdue; what is known of a run that failed goes to a queue."""
    ingests: bool = False
    """Reads the knowledge bucket, by what its queue says, and writes chunks and media."""


SIGNED = ("AISDR_SIGNING_KEYS", "AISDR_EDGE_KEYS", "AISDR_MEDIA_KEYS")
"""What a function with a door verifies with, and signs what it hands out with."""
NEEDS = {
    # Buys and ends calls; a call begins with a summary of what was said.
    "session": Needs((*SIGNED, "TAVUS_API_KEY", "OPENAI_API_KEY"), models=True),
    # Runs tools; their answer in a call goes back through the socket, so no vendor is asked.
    "tool": Needs((*SIGNED, "TAVUS_TOOL_SECRET")),
    # Answers whoever asked, and nobody else.
    "search": Needs((*SIGNED, "OPENAI_API_KEY"), models=True, posts=False, reads_aloud=True),
    # Ends a call whose end the browser reports, at the vendor whose call it is, and answers with models.
    "ws-relay": Needs((*SIGNED, "TAVUS_API_KEY", "OPENAI_API_KEY"), models=True),
    # Has no door, and verifies nobody.
    "reconciler": Needs(("TAVUS_API_KEY", "OPENAI_API_KEY"), models=True, clock=True),
    # Has no door either; registers what is meant for Tavus there.
    "ingest": Needs(("TAVUS_API_KEY", "AISDR_MEDIA_KEYS"), posts=False, ingests=True),
}

FROM_QUEUE = ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes")
"""What Lambda does with a queue on behalf of the function that hangs on it."""
OF_A_HOME = ("pk", "sk", "home", "generation", "next_home", "mover", "left_homes")
"""Attributes of the one record of a company that ingestion writes: where its chunks are (`aisdr.home`)."""
WRITES = ("PutItem", "UpdateItem", "DeleteItem")
"""A transaction needs the permission of each write in it, and none of its own."""
SOCKET_VERBS = ("POST", "DELETE")
"""To speak to a socket and to close it; not to ask who sits there."""
THROUGH_DYNAMODB = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")


@dataclass(frozen=True)
class Neighbours:
    """What has no name that could be known beforehand."""

    key_arn: str
    secret_arns: Mapping[str, str]
    sockets_arn: str
    """Of the WebSocket API's stage."""
    search: tuple[iam.PolicyStatement, ...] = ()
    """What a function that searches may do."""
    chunks: tuple[iam.PolicyStatement, ...] = ()
    """What one that writes chunks may do."""


def secrets_of(function: str, environment: Environment, arns: Mapping[str, str]) -> list[str]:
    """Variables of the secrets that a function reads."""
    wanted = list(NEEDS[function].secrets)
    if _embeds(function) and environment.vendors.embedder.startswith("openai:"):
        wanted.append("OPENAI_API_KEY")
    return [name for name in dict.fromkeys(wanted) if name in arns]


def statements(function: str, environment: Environment, near: Neighbours) -> Iterator[iam.PolicyStatement]:
    """Everything that the role of a function says, but for its log."""
    needs = NEEDS[function]
    place = f"{environment.region}:{environment.account}"
    table = f"arn:aws:dynamodb:{place}:table/{environment.named('')}"
    yield _may("dynamodb", ["GetItem"], f"{table}companies")
    yield _may("dynamodb", ["GetItem", "Query", *WRITES], f"{table}conversations")
    if needs.clock:
        yield _may("dynamodb", ["Query"], f"{table}conversations/index/{OPEN_INDEX}")
        yield _may("sqs", ["SendMessage"], f"arn:aws:sqs:{place}:{environment.named(FAILED_RUNS)}")
    yield _through("dynamodb", THROUGH_DYNAMODB, environment, near)
    secrets = [near.secret_arns[name] for name in secrets_of(function, environment, near.secret_arns)]
    if secrets:
        yield _may("secretsmanager", ["GetSecretValue"], *secrets)
    if needs.posts:
        sockets = [f"{near.sockets_arn}/{verb}/@connections/*" for verb in SOCKET_VERBS]
        yield _may("execute-api", ["ManageConnections"], *sockets)
    if function in READERS:
        yield from near.search
    if needs.ingests:
        yield from near.chunks
        yield from _ingesting(function, environment)
    if models := _models(function, environment):
        yield _may("bedrock", ["InvokeModel", "InvokeModelWithResponseStream"], *models)
    if function in READERS and environment.vendors.bedrock_rerank:
        yield _may("bedrock", ["Rerank"], "*")
    if needs.reads_aloud:
        media = f"arn:aws:s3:::{environment.bucket('media')}"
        yield _may("polly", ["SynthesizeSpeech"], "*")
        yield _may("s3", ["GetObject", "PutObject"], f"{media}/{SPEECH}*")
        # Without it a recording that is not there would be answered as one that is forbidden.
        yield _may("s3", ["ListBucket"], media)
    if needs.reads_aloud or needs.ingests:
        yield _through("s3", ("Decrypt", "GenerateDataKey"), environment, near)


def _ingesting(function: str, environment: Environment) -> Iterator[iam.PolicyStatement]:
    place = f"{environment.region}:{environment.account}"
    media, knowledge = (f"arn:aws:s3:::{environment.bucket(each)}" for each in ("media", "knowledge"))
    yield iam.PolicyStatement(
        actions=["dynamodb:PutItem"],
        resources=[f"arn:aws:dynamodb:{place}:table/{environment.named('companies')}"],
        conditions={"ForAllValues:StringEquals": {"dynamodb:Attributes": list(OF_A_HOME)}},
    )
    yield _may("sqs", list(FROM_QUEUE), f"arn:aws:sqs:{place}:{environment.named(function)}")
    yield _may("s3", ["ListBucket"], media, knowledge)
    yield _may("s3", ["GetObject"], f"{knowledge}/*")
    yield _may("s3", ["GetObject", "PutObject", "DeleteObject"], f"{media}/*")


def _models(function: str, environment: Environment) -> list[str]:
    vendors = environment.vendors
    names = list(vendors.bedrock_models) if NEEDS[function].models else []
    if _embeds(function):
        names += [
            each.partition(":")[2]
            for each in (vendors.embedder, vendors.picture_embedder)
            if each.startswith("bedrock:")
        ]
    if function in READERS:
        names += vendors.bedrock_rerank
    return [f"arn:aws:bedrock:{environment.region}::foundation-model/{name}" for name in dict.fromkeys(names)]


def _embeds(function: str) -> bool:
    """Questions, or what is ingested."""
    return function in READERS or NEEDS[function].ingests


def _may(service: str, verbs: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"{service}:{verb}" for verb in verbs], resources=list(resources))


def _through(service: str, verbs: tuple[str, ...], environment: Environment, near: Neighbours) -> iam.PolicyStatement:
    """The key is used by a service on behalf of the function, never by the function itself."""
    return iam.PolicyStatement(
        actions=[f"kms:{verb}" for verb in verbs],
        resources=[near.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"{service}.{environment.region}.amazonaws.com"}},
    )
