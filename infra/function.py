"""The one builder of functions: each is made from its row in `functions.FUNCTIONS`."""

from collections.abc import Iterable, Mapping

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions import Function
from infra.code import Code
from infra.environment import Environment
from infra.layers import ARCHITECTURES, Layers
from infra.log import log_group
from infra.roles import role_name


class LambdaFunction(Construct):
    """A function behind its alias `live`, which everything that calls it goes through.

    A deployment publishes a version and moves the alias; moving it back is the way back.

    Args:
        settings: environment variables, each a field of `aisdr.settings.Settings`.
        may: what its role allows, beside writing its own log.
    """

    def __init__(
        self,
        scope: Construct,
        function: Function,
        environment: Environment,
        code: Code,
        layers: Layers,
        settings: Mapping[str, str],
        may: Iterable[iam.PolicyStatement],
    ) -> None:
        super().__init__(scope, function.name)
        scale = environment.scale(function.name)
        log = log_group(self, "Log", environment, function.name)
        # Immutable, so that no construct adds a grant of its own: what stands in `grants.py` is all.
        role = iam.Role.from_role_name(self, "Role", role_name(environment, function.name), mutable=False)
        logs = iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log.log_group_arn])
        policy = iam.Policy(self, "Grants", statements=[logs, *may], roles=[role])
        made = lambda_.Function(
            self,
            "Function",
            function_name=environment.named(function.name),
            description=f"AI SDR: {_purpose(function)}"[:256],
            # Not 3.14, which starts a quarter slower (shared reference, lambda-performance.md).
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[environment.architecture],
            handler=function.handler,
            code=code.of(function.name),
            layers=layers.of(function),
            role=role,
            memory_size=scale.memory,
            ephemeral_storage_size=Size.mebibytes(scale.disk),
            timeout=Duration.seconds(scale.seconds),
            reserved_concurrent_executions=scale.reserved,
            environment=dict(sorted(settings.items())),
            log_group=log,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        # Its first call would come before its grants otherwise.
        made.node.add_dependency(policy)
        self.live = made.add_alias("live")


def _purpose(function: Function) -> str:
    if function.bucket:
        return f"takes what is dropped into the bucket {function.bucket}"
    return ", ".join(function.routes) or "runs by the clock"
