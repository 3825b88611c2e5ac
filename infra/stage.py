"""One deployment: stacks that each have a life of their own, in the order in which they need each other."""

import aws_cdk as cdk
from constructs import Construct

from infra.api import ApiStack
from infra.code import Code
from infra.data import DataStack
from infra.edge import EdgeStack
from infra.environment import EDGE_REGION, Environment
from infra.observability import ObservabilityStack
from infra.search import SearchStack


class AisdrStage(cdk.Stage):
    """Stacks speak of each other by physical names; what has none is read from the other's outputs at deployment."""

    def __init__(self, scope: Construct, environment: Environment, code: Code) -> None:
        super().__init__(scope, f"aisdr-{environment.name}")
        home = cdk.Environment(account=environment.account, region=environment.region)
        east = cdk.Environment(account=environment.account, region=EDGE_REGION)
        data = DataStack(self, environment, env=home)
        search = None
        if environment.search.engine in ("domain", "serverless"):
            search = SearchStack(self, environment, env=home)
            search.add_stack_dependency(data, reason="the roles that search is open to must exist")
        api = ApiStack(self, environment, data, search, code, env=home)
        api.add_stack_dependency(data, reason="it speaks of the tables and roles by name")
        edge = EdgeStack(self, environment, api, env=east)
        edge.add_stack_dependency(data, reason="the secret of the edge is made there")
        if environment.emulator is None:
            observability = ObservabilityStack(self, environment, api, env=home)
            observability.add_stack_dependency(api, reason="it reads the functions' logs by name")
        cdk.Tags.of(self).add("project", "aisdr")
        cdk.Tags.of(self).add("environment", environment.name)
