"""The stack Observability: what somebody is woken for, and one page to look at.

Each alarm leads to its lines in docs/operations.md. What has to do with our own metrics is named once, in
`aisdr.metrics`.
"""

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from aisdr.metrics import ANSWER_LATENCY, DEGRADED_SEARCHES, STEP_DOWNS, TOOL_ERRORS, TRESPASSES, namespace
from functions import FUNCTIONS, Function
from infra.api import ApiStack
from infra.audit import AuditStream
from infra.dashboard import UNREAD, rows
from infra.environment import Environment
from infra.figures import OLDEST_MESSAGE, TABLES, WAITING_MESSAGES, Figures
from infra.knowledge import dead_letters
from infra.log import log_name

RUNBOOK = "docs/operations.md#alarm-"
PERCENT, LEAST = 20, 10
"""From which share on somebody is woken, and of how many at least: one of two says nothing."""
SLOW_ANSWER_MS = 10_000
LATE_SECONDS = 3600


class ObservabilityStack(Stack):
    def __init__(self, scope: Construct, environment: Environment, api: ApiStack, **more: object) -> None:
        super().__init__(scope, "Observability", **more)  # type: ignore[arg-type]
        self._environment = environment
        self._figures = Figures(environment, api.http.api.api_id, api.sockets.api.api_id)
        self._topic = (
            sns.Topic.from_topic_arn(self, "Topic", environment.alarm_topic) if environment.alarm_topic else None
        )
        AuditStream(self, environment)
        self._watch_functions()
        self._watch_doors_and_stores()
        self._watch_conversations()
        cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=environment.named("overview"), widgets=rows(self._figures)
        )

    def _watch_functions(self) -> None:
        for function in FUNCTIONS:
            name, seconds = function.name, self._environment.scale(function.name).seconds
            runs = 3 if function.schedule_minutes else 1  # one run may meet a vendor's bad minute
            self._alarm("errors", self._figures.of_function(name, "Errors"), runs, of=name)
            self._alarm("throttled", self._figures.of_function(name, "Throttles"), 1, of=name)
            if function.bucket:
                self._watch_queue(function)
                continue  # it works for as long as it may, and goes on the next time
            slow = self._figures.of_function(name, "Duration", "p99")
            self._alarm("slow", slow, round(seconds * 1000 * 0.8), of=name)
        self._alarm("runs failed", self._figures.failed_runs(), 1)

    def _watch_queue(self, function: Function) -> None:
        self._alarm("file not taken", self._figures.of_queue(dead_letters(function), WAITING_MESSAGES), 1)
        self._alarm("files late", self._figures.of_queue(function.name, OLDEST_MESSAGE), LATE_SECONDS)
        for message in UNREAD:
            self._logged(message)  # for the page: what is wrong with a file wakes nobody

    def _watch_doors_and_stores(self) -> None:
        self._alarm("http failed", self._figures.of_http("5xx"), 5)
        self._alarm("sockets failed", self._figures.of_sockets("IntegrationError"), 5)
        self._alarm("socket not closed", self._logged("frame not posted"), 50)
        for table in TABLES:
            self._alarm("turned away", self._figures.throttled(table), 1, of=table)

    def _watch_conversations(self) -> None:
        self._alarm("answers slow", self._figures.counted(ANSWER_LATENCY, "text", "p95"), SLOW_ANSWER_MS)
        self._alarm("searches degraded", self._figures.share(DEGRADED_SEARCHES, LEAST), PERCENT)
        self._alarm("tools failed", self._figures.share(TOOL_ERRORS, LEAST), PERCENT)
        self._alarm("stepped down", self._figures.total(STEP_DOWNS), 5)
        self._alarm("trespass", self._figures.total(TRESPASSES), 1)
        for message in ("message dead", "vendor left alone", "vendor refuses key", "vendor account empty"):
            self._alarm(message, self._logged(message), 1)

    def _logged(self, message: str) -> cloudwatch.Metric:
        """How often an event was written (docs/operations.md, *Events in the log*).

        Every function's log is watched: which of them can come to write an event changes with the package, and a list
        of them would be believed long after. A filter costs nothing, and all of them count into one metric.
        """
        for function in FUNCTIONS:
            logs.CfnMetricFilter(
                self,
                f"{message} in {function.name}",
                log_group_name=log_name(self._environment, function.name),
                filter_pattern=f'{{ $.message = "{message}" }}',
                metric_transformations=[
                    logs.CfnMetricFilter.MetricTransformationProperty(
                        metric_namespace=namespace(self._environment.name),
                        metric_name=message,
                        metric_value="1",
                        default_value=0,
                    )
                ],
            )
        return self._figures.written(message)

    def _alarm(self, what: str, metric: cloudwatch.IMetric, threshold: float, of: str = "") -> None:
        """`what` names the lines of the runbook; `of` says which of several."""
        name = f"{of} {what}".strip()
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=self._environment.named(name.replace(" ", "-")),
            alarm_description=f"{name}: {RUNBOOK}{what.replace(' ', '-')}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
