"""The HTTP API: every `METHOD /path` of the functions, throttled, each request with one line in the log.

Its own CORS stays off: it would answer preflights for all companies alike, and the functions answer them already
(docs/decisions/0005-cors-answers-everybody.md).
"""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from functions import FUNCTIONS
from infra.access_log import write_access_log
from infra.environment import Environment

SECONDS = 29
"""API Gateway waits no longer, and the local gateway does not either."""


class HttpApi(Construct):
    def __init__(self, scope: Construct, environment: Environment, functions: Mapping[str, lambda_.IFunction]) -> None:
        super().__init__(scope, "Http")
        self.api = gateway.HttpApi(self, "Api", api_name=environment.named("http"), create_default_stage=False)
        self.host = f"{self.api.api_id}.execute-api.{environment.region}.amazonaws.com"
        for function in FUNCTIONS:
            integration = HttpLambdaIntegration(
                function.name, functions[function.name], timeout=Duration.seconds(SECONDS)
            )
            for route in function.routes:
                method, _, path = route.partition(" ")
                if path:
                    gateway.HttpRoute(
                        self,
                        route,
                        http_api=self.api,
                        route_key=gateway.HttpRouteKey.with_(path, gateway.HttpMethod[method]),
                        integration=integration,
                    )
        stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(
                rate_limit=environment.http.per_second, burst_limit=environment.http.burst
            ),
            detailed_metrics_enabled=True,
        )
        write_access_log(stage, environment, "http")
