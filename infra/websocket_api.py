"""The WebSocket API: the visitor's relay. Its three routes lead to one function.

There is no authorizer: `$connect` itself is the authorisation. The ticket opens one socket, and an authorizer would use
it up before the function could (docs/decisions/0012-on-aws.md).
"""

from collections.abc import Mapping
from typing import cast

from aws_cdk import CfnElement, Stack
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration
from constructs import Construct

from functions import FUNCTIONS
from infra.access_log import write_access_log
from infra.environment import Environment

STAGE = "ws"
"""Also the path that browsers open: the distribution passes `/ws` on as it is, and there the stage stands."""


class WebSocketApi(Construct):
    """Made in two steps, because its functions must know its address: the API here, its routes by `serve`."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, "WebSocket")
        self.api = gateway.WebSocketApi(
            self, "Api", api_name=environment.named("websocket"), route_selection_expression="$request.body.action"
        )
        self._environment = environment
        self.host = f"{self.api.api_id}.execute-api.{environment.region}.amazonaws.com"
        self.endpoint = f"https://{self.host}/{STAGE}"
        if environment.emulator:  # where that name leads to nobody
            self.endpoint = f"{environment.emulator.endpoint}/_aws/execute-api/{self.api.api_id}/{STAGE}"
        """Where functions post to sockets."""
        self.sockets_arn = f"arn:aws:execute-api:{environment.region}:{environment.account}:{self.api.api_id}/{STAGE}"
        stage = gateway.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self.api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(
                rate_limit=environment.websocket.per_second, burst_limit=environment.websocket.burst
            ),
            detailed_metrics_enabled=True,
        )
        write_access_log(stage, environment, "websocket")

    def told(self, verb: str) -> str:
        """The sockets as cdk-nag writes them: with the logical name of what is only known at deployment."""
        name = Stack.of(self).get_logical_id(cast("CfnElement", self.api.node.default_child))
        place = f"{self._environment.region}:{self._environment.account}"
        return f"arn:aws:execute-api:{place}:<{name}>/{STAGE}/{verb}/@connections/*"

    def serve(self, functions: Mapping[str, lambda_.IFunction]) -> None:
        for function in FUNCTIONS:
            integration = WebSocketLambdaIntegration(function.name, functions[function.name])
            for route in function.routes:
                if route.startswith("$"):
                    self.api.add_route(route, integration=integration)
