"""What stands: the outputs of an environment's stacks."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError

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


def _outputs(stack: str, region: str) -> dict[str, str]:
    try:
        (found,) = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
