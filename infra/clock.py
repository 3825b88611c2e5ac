"""The clock: calls each scheduled function, and keeps what is known of a run that failed."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from constructs import Construct

from functions import FUNCTIONS
from infra.environment import FAILED_RUNS, Environment
from infra.queue import last_stop


class Clock(Construct):
    """A run that fails is not repeated: the next one comes within the minute and finds the same work.

    The queue holds what was not run or failed, for whoever looks into it; nobody reads it by itself.
    """

    def __init__(self, scope: Construct, environment: Environment, functions: Mapping[str, lambda_.Alias]) -> None:
        super().__init__(scope, "Clock")
        self.failed = last_stop(self, "FailedRuns", environment, FAILED_RUNS)
        for function in FUNCTIONS:
            if function.schedule_minutes is None:
                continue
            live = functions[function.name]
            live.configure_async_invoke(
                retry_attempts=0,
                max_event_age=Duration.minutes(max(1, function.schedule_minutes)),
                on_failure=destinations.SqsDestination(self.failed),
            )
            events.Rule(
                self,
                function.name,
                rule_name=environment.named(function.name),
                schedule=events.Schedule.rate(Duration.minutes(function.schedule_minutes)),
                targets=[targets.LambdaFunction(live, dead_letter_queue=self.failed, retry_attempts=0)],
            )
