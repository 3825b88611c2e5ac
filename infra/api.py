"""The stack Api: the functions, their doors and their clock. Deployed daily; nothing is lost with it."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from functions import FUNCTIONS
from infra.acknowledge import acknowledge
from infra.clock import Clock
from infra.code import Code
from infra.data import DataStack
from infra.environment import Environment
from infra.function import LambdaFunction
from infra.grants import SOCKET_VERBS, Neighbours, secrets_of, statements
from infra.http_api import HttpApi
from infra.knowledge import hang
from infra.layers import Layers
from infra.media import SPEECH
from infra.search import SearchStack
from infra.shipped_index import FOLDER
from infra.websocket_api import WebSocketApi

SHIPPED_INDEX = {"AISDR_SEARCH_ENGINE": "embedded", "AISDR_INDEX_DIR": f"/var/task/{FOLDER}"}
"""Without an engine the index files come with the code, which nobody can write to (docs/decisions/0012-on-aws.md)."""


class ApiStack(Stack):
    """`http` and `sockets` are what the distribution stands before."""

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        data: DataStack,
        search: SearchStack | None,
        code: Code,
        **more: object,
    ) -> None:
        super().__init__(scope, "Api", **more)  # type: ignore[arg-type]
        self.sockets = WebSocketApi(self, environment)
        near = Neighbours(
            data.key.key_arn,
            data.secrets.arns,
            self.sockets.sockets_arn,
            tuple(search.engine.reading()) if search else (),
            (search.engine.writing(),) if search else (),
        )
        common = self._settings(environment) | (search.settings if search else _index(environment))
        layers = Layers(self, environment, code)
        functions = {}
        for function in FUNCTIONS:
            kept = secrets_of(function.name, environment, data.secrets.arns)
            settings = common | {f"{name}_ARN": data.secrets.arns[name] for name in kept}
            made = LambdaFunction(
                self, function, environment, code, layers, settings, statements(function.name, environment, near)
            )
            functions[function.name] = made.live
            if function.bucket:
                hang(made.live, environment, function)
        self.http = HttpApi(self, environment, functions)
        self.sockets.serve(functions)
        Clock(self, environment, functions)
        code.guard(self)
        CfnOutput(self, "HttpEndpoint", value=f"https://{self.http.host}")
        CfnOutput(self, "SocketEndpoint", value=self.sockets.endpoint)
        self._acknowledge(environment, search.engine.stars if search else ())

    def _settings(self, environment: Environment) -> dict[str, str]:
        """What every function is told. No secret is among it."""
        vendors, bounds, site = environment.vendors, environment.bounds, environment.site
        return {
            "AISDR_ENVIRONMENT": environment.name,
            "AISDR_PUBLIC_URL": site,
            "AISDR_WEBSOCKET_URL": f"{site.replace('http', 'ws', 1)}/ws",
            "WS_ENDPOINT": self.sockets.endpoint,
            "AISDR_COMPANIES_TABLE": environment.named("companies"),
            "AISDR_CONVERSATIONS_TABLE": environment.named("conversations"),
            "AISDR_MEDIA_BUCKET": environment.bucket("media"),
            "AISDR_KNOWLEDGE_BUCKET": environment.bucket("knowledge"),
            "AISDR_EMBEDDER": vendors.embedder,
            "AISDR_PICTURE_EMBEDDER": vendors.picture_embedder,
            "AISDR_TAVUS_MINUTE_PRICE": str(vendors.tavus_minute_price),
            "AISDR_VOICE_MINUTE_PRICE": str(vendors.voice_minute_price),
            "AISDR_ROOM_HOSTS": ",".join(vendors.room_hosts),
            "AISDR_MOST_SOCKETS": str(bounds.most_sockets),
            "AISDR_NETWORK_SOCKETS": str(bounds.network_sockets),
            "AISDR_STORE_SECONDS": str(bounds.store_seconds),
            "TAVUS_API_URL": vendors.tavus_api_url,
            "OPENAI_BASE_URL": vendors.openai_base_url,
        }

    def _acknowledge(self, environment: Environment, indexes: Sequence[str]) -> None:
        acknowledge(
            self,
            "Who may come in is decided by the function: a session token, a webhook's capability or an HMAC; $connect "
            "redeems the single-use ticket itself. And nothing is served that did not come through the distribution",
            "AwsSolutions-APIG4",
        )
        acknowledge(
            self,
            "A socket's id is made when it is opened: the star stands for the sockets of our own API, for two verbs",
            *(f"AwsSolutions-IAM5[Resource::{self.sockets.told(verb)}]" for verb in SOCKET_VERBS),
        )
        acknowledge(
            self,
            "Speech and reranking are no data: these two verbs know no resource that could be named",
            "AwsSolutions-IAM5[Resource::*]",
        )
        acknowledge(
            self,
            "A recording is named by a digest of what was said, a company's files by their paths: the star stands for "
            "them, each in one bucket",
            f"AwsSolutions-IAM5[Resource::arn:aws:s3:::{environment.bucket('media')}/{SPEECH}*]",
            f"AwsSolutions-IAM5[Resource::arn:aws:s3:::{environment.bucket('media')}/*]",
            f"AwsSolutions-IAM5[Resource::arn:aws:s3:::{environment.bucket('knowledge')}/*]",
        )
        acknowledge(
            self,
            "Every company's index is made when it is first ingested: the star stands for indexes",
            *(f"AwsSolutions-IAM5[Resource::{each}]" for each in indexes),
        )
        acknowledge(
            self,
            "Python 3.13 is supported until 2029 and starts a quarter faster than 3.14, and people wait for it",
            "AwsSolutions-L1",
            "Serverless-LambdaLatestVersion",
        )
        acknowledge(
            self,
            "Functions with doors are called synchronously and have nothing to keep; the reconciler has a destination "
            "for failed runs, which says more than a dead letter; what ingests hangs on a queue, whose dead letters no "
            "mapping can name",
            "Serverless-LambdaDLQ",
            "Serverless-LambdaEventSourceMappingDestination",
        )
        acknowledge(
            self,
            "X-Ray's library adds 400 ms to a cold start; requests are followed by their ids in the log",
            "Serverless-LambdaTracing",
        )


def _index(environment: Environment) -> dict[str, str]:
    """Where functions search when no engine is ours."""
    if environment.search.url is None:
        return SHIPPED_INDEX
    return {"AISDR_SEARCH_ENGINE": "opensearch", "AISDR_OPENSEARCH_URL": environment.search.url}
