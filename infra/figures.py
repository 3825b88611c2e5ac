"""The figures of one deployment: those that AWS takes by itself, and those that our functions write into their log."""

from collections.abc import Sequence
from typing import get_args

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from aisdr.configuration import Mode
from aisdr.metrics import Metric, namespace
from infra.environment import FAILED_RUNS, Environment
from infra.websocket_api import STAGE

MINUTES = Duration.minutes(5)
MODES: Sequence[str] = get_args(Mode)
TABLES = ("companies", "conversations")
WAITING_MESSAGES = "ApproximateNumberOfMessagesVisible"
OLDEST_MESSAGE = "ApproximateAgeOfOldestMessage"


class Figures:
    """Metrics by what they tell. Names and dimensions of our own come from `aisdr.metrics`, which writes them.

    Args:
        http, sockets: ids of the two APIs.
    """

    def __init__(self, environment: Environment, http: str, sockets: str) -> None:
        self._environment = environment
        self._http, self._sockets = http, sockets

    def of_function(self, name: str, metric: str, statistic: str = "sum") -> cloudwatch.Metric:
        return _metric("AWS/Lambda", metric, {"FunctionName": self._environment.named(name)}, statistic, name)

    def of_http(self, metric: str, statistic: str = "sum") -> cloudwatch.Metric:
        return _metric("AWS/ApiGateway", metric, {"ApiId": self._http}, statistic, metric)

    def of_sockets(self, metric: str, statistic: str = "sum") -> cloudwatch.Metric:
        return _metric("AWS/ApiGateway", metric, {"ApiId": self._sockets, "Stage": STAGE}, statistic, metric)

    def of_table(self, name: str, metric: str) -> cloudwatch.Metric:
        table = self._environment.named(name)
        return _metric("AWS/DynamoDB", metric, {"TableName": table}, "sum", f"{name} {metric}")

    def failed_runs(self) -> cloudwatch.Metric:
        return self.of_queue(FAILED_RUNS, WAITING_MESSAGES)

    def of_queue(self, name: str, metric: str) -> cloudwatch.Metric:
        return _metric("AWS/SQS", metric, {"QueueName": self._environment.named(name)}, "max", name)

    def counted(self, metric: Metric, mode: str, statistic: str = "sum") -> cloudwatch.Metric:
        """One of ours, of all companies together."""
        return _metric(namespace(self._environment.name), metric.name, {"mode": mode}, statistic, mode)

    def written(self, message: str) -> cloudwatch.Metric:
        """How often an event stood in the log; a metric filter counts it."""
        return _metric(namespace(self._environment.name), message, None, "sum", message)

    def total(self, metric: Metric) -> cloudwatch.MathExpression:
        """The sum over all modes."""
        each = {f"each_{mode}": self.counted(metric, mode) for mode in MODES}
        return cloudwatch.MathExpression(
            expression='SUM(METRICS("each"))', using_metrics=each, period=MINUTES, label=metric.title
        )

    def share(self, metric: Metric, least: int) -> cloudwatch.MathExpression:
        """Percent of those that were 1 and not 0, over all modes; 0 while there were fewer than `least` in all."""
        some = {f"some_{mode}": self.counted(metric, mode) for mode in MODES}
        every = {f"every_{mode}": self.counted(metric, mode, "n") for mode in MODES}
        return cloudwatch.MathExpression(
            expression=f'IF(SUM(METRICS("every")) >= {least}, 100 * SUM(METRICS("some")) / SUM(METRICS("every")), 0)',
            using_metrics={**some, **every},
            period=MINUTES,
            label=f"{metric.title}, %",
        )

    def throttled(self, table: str) -> cloudwatch.MathExpression:
        """Requests that a table turned away."""
        return cloudwatch.MathExpression(
            expression=f'SUM(METRICS("{table}"))',
            using_metrics={
                f"{table}_reads": self.of_table(table, "ReadThrottleEvents"),
                f"{table}_writes": self.of_table(table, "WriteThrottleEvents"),
            },
            period=MINUTES,
            label=table,
        )


def _metric(space: str, name: str, dimensions: dict[str, str] | None, statistic: str, label: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=space,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=MINUTES,
        label=label,
    )
