"""What Secrets Manager keeps: the keys that we make ourselves, and places for those that vendors give us."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.environment import EDGE_REGION, Environment


class Secrets(Construct):
    """`arns` has the ARN of each by the variable that it stands for (`aisdr.settings.SECRETS`)."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, "Secrets")
        self._environment = environment
        self.arns = {
            "AISDR_SIGNING_KEYS": self._made("SigningKeys", "signing-keys"),
            # CloudFront's own stack reads it where it stands itself.
            "AISDR_EDGE_KEYS": self._made("EdgeKeys", "edge-keys", replica=EDGE_REGION),
        }
        if environment.media.public_keys:
            self.arns["AISDR_MEDIA_KEYS"] = self._given("MediaKeys", "media-keys")
        if environment.vendors.tavus:
            self.arns["TAVUS_API_KEY"] = self._given("TavusApiKey", "tavus-api-key")
            self.arns["TAVUS_TOOL_SECRET"] = self._made("TavusToolSecret", "tavus-tool-secret", named=False)
        if environment.vendors.openai:
            self.arns["OPENAI_API_KEY"] = self._given("OpenAiApiKey", "openai-api-key")
        acknowledge(
            self,
            "Vendors have no interface to change a key; ours are changed by adding a second one beside the first, so "
            "that what was signed before stays valid (docs/operations.md): a rotation on a schedule would break that",
            "AwsSolutions-SMG4",
        )

    def _made(self, name: str, path: str, *, named: bool = True, replica: str | None = None) -> str:
        """One that AWS draws; `named` in a JSON object of key id and secret, where a second may stand beside it."""
        drawn = secretsmanager.SecretStringGenerator(
            password_length=64,
            exclude_punctuation=True,
            secret_string_template="{}" if named else None,
            generate_string_key="1" if named else None,
        )
        elsewhere = replica if replica != self._environment.region else None
        secret = secretsmanager.Secret(
            self,
            name,
            secret_name=secret_name(self._environment, path),
            generate_secret_string=drawn,
            replica_regions=[secretsmanager.ReplicaRegion(region=elsewhere)] if elsewhere else None,
            removal_policy=self._removal,
        )
        return secret.secret_arn

    def _given(self, name: str, path: str) -> str:
        """An empty place: the operator puts the vendor's key there, and no template ever holds it."""
        secret = secretsmanager.CfnSecret(self, name, name=secret_name(self._environment, path))
        secret.apply_removal_policy(self._removal)
        return secret.ref

    @property
    def _removal(self) -> RemovalPolicy:
        return RemovalPolicy.RETAIN if self._environment.keep else RemovalPolicy.DESTROY


def secret_name(environment: Environment, path: str) -> str:
    return f"aisdr/{environment.name}/{path}"
