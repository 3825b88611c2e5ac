"""One page to look at: what visitors do, what it costs, and how the machines under it feel."""

from collections.abc import Iterator, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

from aisdr.metrics import METRICS, Metric
from functions import FUNCTIONS
from infra.figures import MODES, OLDEST_MESSAGE, TABLES, WAITING_MESSAGES, Figures
from infra.knowledge import dead_letters

STATISTIC = {"Milliseconds": "p95"}
"""By unit; everything else is summed up."""
UNREAD = ("file failed", "file waits")
"""What the log says of a file that was dropped and is not found by visitors."""


def rows(figures: Figures) -> list[list[cloudwatch.IWidget]]:
    """The widgets of the page, row by row."""
    rows = (_business(figures), _functions(figures), _doors(figures), _stores(figures), _files(figures))
    return [list(row) for row in rows]


def _business(figures: Figures) -> Iterator[cloudwatch.IWidget]:
    for metric in METRICS:
        yield _graph(metric.title, _by_mode(figures, metric))


def _by_mode(figures: Figures, metric: Metric) -> list[cloudwatch.IMetric]:
    return [figures.counted(metric, mode, STATISTIC.get(metric.unit, "sum")) for mode in MODES]


def _functions(figures: Figures) -> Iterator[cloudwatch.IWidget]:
    for title, metric, statistic in (
        ("Invocations", "Invocations", "sum"),
        ("Errors", "Errors", "sum"),
        ("Slowest in a hundred, ms", "Duration", "p99"),
        ("At the same time", "ConcurrentExecutions", "max"),
    ):
        yield _graph(title, [figures.of_function(function.name, metric, statistic) for function in FUNCTIONS])


def _doors(figures: Figures) -> Iterator[cloudwatch.IWidget]:
    yield _graph("HTTP", [figures.of_http(name) for name in ("Count", "4xx", "5xx")])
    yield _graph("HTTP, ms", [figures.of_http("Latency", statistic) for statistic in ("p50", "p99")])
    yield _graph("Sockets opened, frames", [figures.of_sockets(name) for name in ("ConnectCount", "MessageCount")])
    yield _graph(
        "Sockets refused and failed",
        [figures.of_sockets(name) for name in ("ClientError", "IntegrationError", "ExecutionError")],
    )


def _stores(figures: Figures) -> Iterator[cloudwatch.IWidget]:
    for title, metric in (
        ("Read units", "ConsumedReadCapacityUnits"),
        ("Write units", "ConsumedWriteCapacityUnits"),
    ):
        yield _graph(title, [figures.of_table(table, metric) for table in TABLES])
    yield _graph("Turned away by a table", [figures.throttled(table) for table in TABLES])
    yield _graph("Runs that failed", [figures.failed_runs()])


def _files(figures: Figures) -> Iterator[cloudwatch.IWidget]:
    queues = [(each.name, dead_letters(each)) for each in FUNCTIONS if each.bucket]
    yield _graph("Files told of", [figures.of_queue(name, WAITING_MESSAGES) for queue in queues for name in queue])
    yield _graph("Oldest of them, s", [figures.of_queue(name, OLDEST_MESSAGE) for name, _ in queues])
    yield _graph("Files not read", [figures.written(message) for message in UNREAD])


def _graph(title: str, lines: Sequence[cloudwatch.IMetric]) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(lines), width=6, height=6)
