"""The stack Data: what must not be lost, who may touch it, and the key that seals it. Changes rarely."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.environment import Environment
from infra.knowledge import Knowledge
from infra.media import Media
from infra.roles import Roles
from infra.secrets import Secrets
from infra.tables import Tables


class DataStack(Stack):
    """`key` seals what visitors said; `secrets.arns` names each secret by its variable."""

    def __init__(self, scope: Construct, environment: Environment, **more: object) -> None:
        super().__init__(scope, "Data", termination_protection=environment.keep, **more)  # type: ignore[arg-type]
        self.key = kms.Key(
            self,
            "Key",
            alias=environment.named("data"),
            enable_key_rotation=True,
            description=f"Seals the tables, the media and the files of AI SDR {environment.name}",
            removal_policy=RemovalPolicy.RETAIN if environment.keep else RemovalPolicy.DESTROY,
        )
        Tables(self, environment, self.key)
        Media(self, environment, self.key)
        Knowledge(self, environment, self.key)
        Roles(self, environment)
        self.secrets = Secrets(self, environment)
