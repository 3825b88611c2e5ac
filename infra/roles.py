"""One role for each function. They stand in the stack Data, so that search can name them before functions exist."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from functions import FUNCTIONS
from infra.environment import Environment


class Roles(Construct):
    """Empty: what a function may do is attached beside the function (`grants.py`)."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, "Roles")
        for function in FUNCTIONS:
            iam.Role(
                self,
                function.name,
                role_name=role_name(environment, function.name),
                assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
                description=f"The function {function.name} of AI SDR {environment.name}",
            )


def role_name(environment: Environment, function: str) -> str:
    return environment.named(function)


def role_arn(environment: Environment, function: str) -> str:
    return f"arn:aws:iam::{environment.account}:role/{role_name(environment, function)}"
