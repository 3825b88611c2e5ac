"""The stack Search: the engine that companies' chunks are kept in, where there is one.

Apart from the others, because a domain takes long to make and must never hold up a deployment of the functions.
"""

from aws_cdk import Stack
from constructs import Construct

from functions import FUNCTIONS
from infra.domain import Domain
from infra.environment import Environment
from infra.roles import role_arn
from infra.serverless import Collection
from infra.shipped_index import READERS


class SearchStack(Stack):
    """`engine` says where it is and what a function that searches, or ingests, may do."""

    def __init__(self, scope: Construct, environment: Environment, **more: object) -> None:
        super().__init__(scope, "Search", termination_protection=environment.keep, **more)  # type: ignore[arg-type]
        readers = [role_arn(environment, name) for name in READERS]
        writers = [role_arn(environment, function.name) for function in FUNCTIONS if function.ingests]
        make = Domain if environment.search.engine == "domain" else Collection
        self.engine: Domain | Collection = make(self, environment, readers, writers)

    @property
    def settings(self) -> dict[str, str]:
        """The functions' variables for this engine."""
        return {
            "AISDR_SEARCH_ENGINE": "opensearch",
            "AISDR_OPENSEARCH_URL": self.engine.url,
            "AISDR_OPENSEARCH_SERVICE": self.engine.service,
        }
