"""What is drawn and woken for is what is written, and every alarm leads to somebody's next step."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from aisdr.configuration import Mode
from aisdr.metrics import DIMENSIONS, METRICS, namespace
from functions import FUNCTIONS
from tests.infra.conftest import ROOT
from tests.infra.templates import Synthesis

pytestmark = pytest.mark.slow
OURS = {metric.name for metric in METRICS}
PAGE = Path("docs/operations.md")


def alarms(synthesis: Synthesis) -> list[dict[str, Any]]:
    return list(synthesis["Observability"].of_type("CloudWatch::Alarm").values())


def alarmed(synthesis: Synthesis) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Namespace, name and dimensions of every metric of an alarm."""
    for alarm in alarms(synthesis):
        for metric in [
            alarm,
            *(each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each),
        ]:
            if "MetricName" in metric:
                named = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
                yield metric["Namespace"], metric["MetricName"], named


def drawn(synthesis: Synthesis) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The same of the dashboard, whose lines are `[namespace, name, key, value, …, {options}]`."""
    body = synthesis["Observability"].only("CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    page = json.loads("".join(part if isinstance(part, str) else "deployed" for part in parts))
    for widget in page["widgets"]:
        for line in widget["properties"]["metrics"]:
            words = [word for word in line if isinstance(word, str)]
            if words:
                yield words[0], words[1], dict(zip(words[2::2], words[3::2], strict=True))


def used(synthesis: Synthesis) -> list[tuple[str, str, dict[str, Any]]]:
    return [*alarmed(synthesis), *drawn(synthesis)]


def logged() -> set[str]:
    """Every message that the package writes into the log."""
    return {
        str(node.args[0].value)
        for file in (ROOT / "aisdr").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "logger"
        if isinstance(node.args[0], ast.Constant)
    }


def filters(synthesis: Synthesis) -> dict[str, str]:
    """Metric -> the message that it counts."""
    found = {}
    for each in synthesis["Observability"].of_type("Logs::MetricFilter").values():
        (made,) = each["MetricTransformations"]
        message = re.fullmatch(r'\{ \$\.message = "(.+)" \}', each["FilterPattern"])
        assert message
        found[made["MetricName"]] = message[1]
        assert made["MetricNamespace"].startswith("AISDR/")
    return found


def test_every_metric_of_ours_is_written_by_the_functions(synthesis: Synthesis) -> None:
    ours = [each for each in used(synthesis) if each[0].startswith("AISDR")]
    counted = [each for each in ours if each[1] in OURS]
    named = {metric for _, metric, _ in ours} - OURS

    assert counted
    assert named == filters(synthesis).keys()
    assert set(filters(synthesis).values()) <= logged()
    for _, _, dimensions in counted:
        assert tuple(dimensions) in DIMENSIONS
        assert dimensions["mode"] in get_args(Mode)


def test_what_wakes_somebody_is_heard_from_every_function_that_may_write_it(synthesis: Synthesis) -> None:
    heard: dict[str, list[str]] = {}
    for each in synthesis["Observability"].of_type("Logs::MetricFilter").values():
        (made,) = each["MetricTransformations"]
        heard.setdefault(made["MetricName"], []).append(each["LogGroupName"])
    api = synthesis["Api"]
    logs = {
        api.of_type("Logs::LogGroup")[api.target(function["LoggingConfig"]["LogGroup"])]["LogGroupName"]
        for function in synthesis.functions().values()
    }
    waking = {metric for space, metric, _ in alarmed(synthesis) if space.startswith("AISDR") and metric not in OURS}

    assert len(logs) == len(FUNCTIONS)
    assert waking >= {"vendor left alone", "vendor refuses key", "vendor account empty", "message dead"}
    assert {metric: sorted(heard[metric]) for metric in waking} == dict.fromkeys(waking, sorted(logs))


def test_metrics_are_looked_for_where_the_functions_put_them(synthesis: Synthesis) -> None:
    (environment,) = {
        function["Environment"]["Variables"]["AISDR_ENVIRONMENT"] for function in synthesis.functions().values()
    }

    assert {space for space, _, _ in used(synthesis) if space.startswith("AISDR")} == {namespace(environment)}


def test_the_page_shows_every_metric_in_every_mode(syntheses: Mapping[str, Synthesis]) -> None:
    shown = {(name, dimensions["mode"]) for _, name, dimensions in drawn(syntheses["dev"]) if name in OURS}

    assert shown == {(name, mode) for name in OURS for mode in get_args(Mode)}


def test_the_page_shows_doors_functions_stores_and_the_queue(syntheses: Mapping[str, Synthesis]) -> None:
    spaces = {space for space, _, _ in drawn(syntheses["dev"])}

    assert {"AWS/ApiGateway", "AWS/Lambda", "AWS/DynamoDB", "AWS/SQS"} <= spaces


def test_a_share_is_of_all_that_were_counted(syntheses: Mapping[str, Synthesis]) -> None:
    (degraded,) = [each for each in alarms(syntheses["dev"]) if each["AlarmName"].endswith("searches-degraded")]

    statistics = {each["Id"]: each["MetricStat"]["Stat"] for each in degraded["Metrics"] if "MetricStat" in each}

    assert statistics == {
        **{f"some_{mode}": "Sum" for mode in get_args(Mode)},
        **{f"every_{mode}": "SampleCount" for mode in get_args(Mode)},
    }


def test_every_alarm_leads_to_its_lines_of_the_page_and_no_lines_are_left_over(synthesis: Synthesis) -> None:
    headings = re.findall(r"^### (Alarm: .+)$", (ROOT / PAGE).read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    led_to = {alarm["AlarmDescription"].partition(f"{PAGE}#")[2] for alarm in alarms(synthesis)}

    assert led_to == anchors


def test_an_alarm_goes_to_the_operators_topic(syntheses: Mapping[str, Synthesis]) -> None:
    assert all(each["AlarmActions"] for each in alarms(syntheses["prod"]))
