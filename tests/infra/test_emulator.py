"""An environment for an emulator is the same deployment, less what emulators cannot make."""

from collections import Counter
from collections.abc import Mapping

import pytest

from tests.infra.templates import Synthesis

pytestmark = pytest.mark.slow
AUDIT = {
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Logs::SubscriptionFilter",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::IAM::Role",
}
"""The audit stream: the emulator has no Firehose, and records stay in the log (`infra/audit.py`)."""
LEFT_OUT = {
    "AWS::Logs::Delivery",
    "AWS::Logs::DeliveryDestination",
    "AWS::Logs::DeliverySource",
    "AWS::Logs::MetricFilter",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
}


def resources(synthesis: Synthesis) -> Counter[str]:
    return Counter(
        each["Type"] for template in synthesis.stacks.values() for each in template.body["Resources"].values()
    )


def test_nothing_else_is_left_out(syntheses: Mapping[str, Synthesis]) -> None:
    on_aws, emulated = resources(syntheses["dev"]), resources(syntheses["local"])

    assert (on_aws - emulated).keys() == LEFT_OUT | AUDIT
    # The way to media for visitors only, where the front verifies in the key group's place; `dev` has no keys for them.
    assert emulated - on_aws == Counter({"AWS::CloudFront::Function": 1})


def test_its_functions_speak_to_sockets_where_the_emulator_has_them(syntheses: Mapping[str, Synthesis]) -> None:
    api = syntheses["local"]["Api"]

    for function in syntheses["local"].functions().values():
        told = function["Environment"]["Variables"]
        start, socket_api, end = told["WS_ENDPOINT"]["Fn::Join"][1]
        assert (start, end) == ("http://127.0.0.1:4566/_aws/execute-api/", "/ws")
        assert api.of_type("ApiGatewayV2::Api")[socket_api["Ref"]]["ProtocolType"] == "WEBSOCKET"
        assert (told["AISDR_PUBLIC_URL"], told["AISDR_WEBSOCKET_URL"]) == (
            "http://localhost:3000",
            "ws://localhost:3000/ws",
        )


def test_its_functions_ask_the_node_that_is_given(syntheses: Mapping[str, Synthesis]) -> None:
    assert "Search" not in syntheses["local"].stacks
    told = syntheses["local"].functions()["search"]["Environment"]["Variables"]

    assert (told["AISDR_SEARCH_ENGINE"], told["AISDR_OPENSEARCH_URL"]) == ("opensearch", "http://127.0.0.1:9200")
    assert "AISDR_OPENSEARCH_SERVICE" not in told  # no signature
    assert "AISDR_INDEX_DIR" not in told


def test_no_rule_is_broken_without_a_reason(syntheses: Mapping[str, Synthesis]) -> None:
    assert syntheses["local"].findings == set()
