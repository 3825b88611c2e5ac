"""What stands: the outputs of an environment's stacks, and what its functions were told."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError

from functions import FUNCTIONS
from infra.environment import EDGE_REGION, Environment


@dataclass(frozen=True)
class Edge:
    """Outputs of the stack Edge."""

    address: str
    """The distribution's own name."""
    distribution: str
    """Its id."""
    bucket: str
    """Of the site's files."""


def edge_of(environment: Environment) -> Edge | None:
    """None while there is no such stack, or none that is whole."""
    outputs = _outputs(f"aisdr-{environment.name}-Edge", EDGE_REGION)
    if not outputs:
        return None
    return Edge(outputs["Address"], outputs["DistributionId"], outputs["SiteBucket"])


def variables_of(environment: Environment) -> dict[str, str]:
    """Settings for the operator's command: those of all functions, which say where secrets are and never what.

    Index files that were shipped are not among them: an operator makes them on their own machine.
    """
    functions = boto3.client("lambda", region_name=environment.region)
    told = {"AWS_REGION": environment.region}
    for function in FUNCTIONS:
        found = functions.get_function_configuration(FunctionName=environment.named(function.name))
        told |= found.get("Environment", {}).get("Variables", {})
    return {name: value for name, value in told.items() if name != "AISDR_INDEX_DIR"}


def _outputs(stack: str, region: str) -> dict[str, str]:
    try:
        (found,) = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
