"""The stack Observability: what somebody is woken for, and one page to look at. It knows the others by name only."""

from collections.abc import Iterator

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions import FUNCTIONS
from infra.environment import FAILED_RUNS, Environment
from infra.log import log_name

NAMESPACE = "AISDR"
MINUTES = Duration.minutes(5)


class ObservabilityStack(Stack):
    def __init__(self, scope: Construct, environment: Environment, **more: object) -> None:
        super().__init__(scope, "Observability", **more)  # type: ignore[arg-type]
        self._environment = environment
        self._topic = (
            sns.Topic.from_topic_arn(self, "Topic", environment.alarm_topic) if environment.alarm_topic else None
        )
        for function in FUNCTIONS:
            name, seconds = function.name, environment.scale(function.name).seconds
            runs = 3 if function.schedule_minutes else 1  # one run may meet a vendor's bad minute
            self._alarm(f"{name} errors", self._of(name, "Errors"), runs)
            self._alarm(f"{name} throttled", self._of(name, "Throttles"), 1)
            self._alarm(f"{name} slow", self._of(name, "Duration", "p99"), round(seconds * 1000 * 0.8))
        self._alarm("runs failed", self._failed_runs(), 1)
        self._alarm("message dead", self._logged("message dead", "reconciler"), 1)
        self._alarm("socket not closed", self._logged("frame not posted", "ws-relay"), 50)
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=environment.named("overview"),
            widgets=[list(self._graphs())],
        )

    def _graphs(self) -> Iterator[cloudwatch.IWidget]:
        for title, metric, statistic in (
            ("Invocations", "Invocations", "sum"),
            ("Errors", "Errors", "sum"),
            ("Slowest in a hundred, ms", "Duration", "p99"),
            ("At the same time", "ConcurrentExecutions", "max"),
        ):
            lines = [self._of(function.name, metric, statistic) for function in FUNCTIONS]
            yield cloudwatch.GraphWidget(title=title, left=lines, width=6, height=6)

    def _of(self, function: str, metric: str, statistic: str = "sum") -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions_map={"FunctionName": self._environment.named(function)},
            statistic=statistic,
            period=MINUTES,
            label=function,
        )

    def _failed_runs(self) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions_map={"QueueName": self._environment.named(FAILED_RUNS)},
            statistic="max",
            period=MINUTES,
        )

    def _logged(self, message: str, function: str) -> cloudwatch.Metric:
        """How often a function wrote an event (docs/operations.md, *Events in the log*)."""
        name = f"{self._environment.name}/{message}"
        logs.CfnMetricFilter(
            self,
            f"{message} in {function}",
            log_group_name=log_name(self._environment, function),
            filter_pattern=f'{{ $.message = "{message}" }}',
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=NAMESPACE, metric_name=name, metric_value="1", default_value=0
                )
            ],
        )
        return cloudwatch.Metric(namespace=NAMESPACE, metric_name=name, statistic="sum", period=MINUTES)

    def _alarm(self, what: str, metric: cloudwatch.Metric, threshold: float) -> None:
        alarm = cloudwatch.Alarm(
            self,
            what,
            alarm_name=self._environment.named(what.replace(" ", "-")),
            alarm_description=f"{what}: docs/operations.md, Alarms",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
