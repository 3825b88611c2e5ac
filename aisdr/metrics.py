"""What is counted, for each company and mode: names, units, dimensions, and the line that CloudWatch reads.

A metric is a line of the log in CloudWatch's Embedded Metric Format: no call, no library, and nothing to wait for.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
from dataclasses import dataclass
from typing import Literal

from aisdr.observability import told

DIMENSIONS = (("company_id", "mode"), ("mode",))
"""Few on purpose: every combination that occurs is a metric of its own, and CloudWatch bills each."""


@dataclass(frozen=True)
class Metric:
    """One figure. What is 0 or 1 is a share as well: its average."""

    name: str
    unit: Literal["Count", "Milliseconds", "None"]
    title: str


SESSIONS = Metric("Sessions", "Count", "Conversations begun, and calls")
MINUTES = Metric("Minutes", "None", "Minutes of calls")
MONEY = Metric("Money", "None", "Money, in the currency of moneyPerDay")
ANSWER_LATENCY = Metric("AnswerLatency", "Milliseconds", "Until an answer was whole, ms")
DEGRADED_SEARCHES = Metric("DegradedSearches", "Count", "Searches without all they should have asked")
TOOL_ERRORS = Metric("ToolErrors", "Count", "Tools that failed")
STEP_DOWNS = Metric("StepDowns", "Count", "Something simpler took over")
TRESPASSES = Metric("Trespasses", "Count", "Answers stopped for what was another company's")
METRICS = (SESSIONS, MINUTES, MONEY, ANSWER_LATENCY, DEGRADED_SEARCHES, TOOL_ERRORS, STEP_DOWNS, TRESPASSES)

_environment = "local"


def namespace(environment: str) -> str:
    """Where one environment's metrics are found."""
    return f"AISDR/{environment}"


def belong_to(environment: str) -> None:
    """Says once for this process whose metrics these are."""
    global _environment
    _environment = environment


def count(metric: Metric, value: float, *, company_id: str, mode: str | None = None) -> None:
    """Writes one value. Without `mode` it is that of the invocation, or `text`.

    Outside of an invocation nothing is written: an operator's question is no visitor's.
    """
    fields = told()
    if "request_id" not in fields:
        return
    directive = {
        "Namespace": namespace(_environment),
        "Dimensions": DIMENSIONS,
        "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
    }
    line = {
        **fields,
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "company_id": company_id,
        "mode": mode or fields.get("mode") or "text",
        metric.name: value,
    }
    print(json.dumps(line), flush=True)
