"""What stands: the outputs of an environment's stacks, and what its functions were told."""

from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from functions import FUNCTIONS
from infra.environment import AUDIT_LOG, EDGE_REGION, Environment


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


def variables_of(environment: Environment, index: Path) -> dict[str, str]:
    """Settings for the operator's command: those of all functions, which say where secrets are and never what.

    Args:
        index: where the operator makes the files that are shipped where no search engine stands.
    """
    functions = boto3.client("lambda", region_name=environment.region)
    told = {"AWS_REGION": environment.region}
    for function in FUNCTIONS:
        found = functions.get_function_configuration(FunctionName=environment.named(function.name))
        told |= found.get("Environment", {}).get("Variables", {})
    if environment.emulator is None:
        told["AISDR_AUDIT_LOG"] = f"/aisdr/{environment.name}/{AUDIT_LOG}"
    if "AISDR_INDEX_DIR" in told:
        told["AISDR_INDEX_DIR"] = str(index)
    return told


def _outputs(stack: str, region: str) -> dict[str, str]:
    try:
        (found,) = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
