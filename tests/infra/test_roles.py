"""Least privilege: each function's role names the verbs that it uses and the things that it uses them on."""

from collections.abc import Mapping

import pytest

from aisdr.home import FIRST, Homes
from aisdr.table import Table
from aisdr.tenant import TenantScope
from functions import FUNCTIONS
from tests.infra.policies import Policies, conditions
from tests.infra.templates import Synthesis, listed

pytestmark = pytest.mark.slow
NOT_DATA = {"polly:SynthesizeSpeech", "bedrock:Rerank"}
"""Verbs that AWS lets nobody tie to a resource; what they work on comes with the request."""
OF_ONE_OWNER = ("@connections/*", "speech/*", "/aisdr-*", "/_msearch", "/_search", "/_count", "111111111111/*")
"""Where a star may stand: sockets of our API, recordings or files in our bucket, indexes of our domain."""
INGESTS = "ingest"


def test_every_function_has_a_role_of_its_own(synthesis: Synthesis) -> None:
    roles = [role["RoleName"] for role in synthesis["Data"].of_type("IAM::Role").values()]

    assert sorted(synthesis.statements()) == sorted(function.name for function in FUNCTIONS)
    assert len(set(roles)) == len(FUNCTIONS)
    for name, function in synthesis.functions().items():
        assert str(function["Role"]).endswith(f"-{name}'}}" if isinstance(function["Role"], dict) else f"-{name}")


def test_a_role_is_taken_by_lambda_alone_and_has_nothing_from_elsewhere(synthesis: Synthesis) -> None:
    for role in synthesis["Data"].of_type("IAM::Role").values():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in role
        assert "Policies" not in role
    policies = [role for each in synthesis["Api"].of_type("IAM::Policy").values() for role in each["Roles"]]
    assert len(policies) == len(set(policies)) == len(FUNCTIONS)


def test_no_role_says_everything(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)
    for function in policies:
        for action, resource in policies.granted(function):
            assert "*" not in action
            assert resource != "*" or action in NOT_DATA
            assert "*" not in resource.removesuffix("*") or resource.endswith(OF_ONE_OWNER) or resource == "*"
            assert not resource.endswith("*") or resource == "*" or resource.endswith(OF_ONE_OWNER), resource


def test_only_operators_write_companies(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)
    for function in policies:
        on_companies = {action for action, resource in policies.granted(function) if resource.endswith("-companies")}
        assert on_companies - ({"dynamodb:PutItem"} if function == INGESTS else set()) == {"dynamodb:GetItem"}


def test_what_ingests_writes_of_a_company_where_its_chunks_are_and_nothing_else(
    synthesis: Synthesis, companies_table: Table
) -> None:
    (statement,) = [each for each in synthesis.statements()[INGESTS] if each["Action"] == "dynamodb:PutItem"]
    Homes(companies_table, FIRST).pin(TenantScope.for_operator("acme"))

    written = companies_table.get("acme", "home")

    assert written is not None
    assert set(written) == set(conditions(statement)["dynamodb:Attributes"])
    assert "version" not in written  # the configuration's, which so cannot be written


def test_only_what_ingests_touches_files_and_it_hangs_on_its_own_queue_alone(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)
    for function in policies:
        granted = policies.granted(function)
        buckets = {place.partition(":::")[2] for action, place in granted if action.startswith("s3:")}
        queues = {place.rpartition(":")[2] for action, place in granted if action == "sqs:ReceiveMessage"}
        assert any("-knowledge-" in bucket for bucket in buckets) == (function == INGESTS)
        assert {queue.partition("-")[2].partition("-")[2] for queue in queues} == (
            {INGESTS} if function == INGESTS else set()
        )
    on_files = {action for action, place in policies.granted(INGESTS) if "-knowledge-" in place}
    assert on_files == {"s3:ListBucket", "s3:GetObject"}


def test_nobody_reads_a_whole_table(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)

    assert not [function for function in policies if "dynamodb:Scan" in dict(policies.granted(function))]


def test_only_the_clock_looks_for_what_is_overdue(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)
    looking = {function for function in policies for _, resource in policies.granted(function) if "/index/" in resource}

    assert looking == {"reconciler"}


@pytest.mark.parametrize(
    ("function", "secrets"),
    [
        ("session", {"signing-keys", "edge-keys", "tavus-api-key", "openai-api-key"}),
        ("tool", {"signing-keys", "edge-keys", "tavus-tool-secret"}),
        ("search", {"signing-keys", "edge-keys", "openai-api-key"}),
        # It hangs up at the vendor when a browser reports the end, and answers with models.
        ("ws-relay", {"signing-keys", "edge-keys", "tavus-api-key", "openai-api-key"}),
        ("reconciler", {"tavus-api-key", "openai-api-key"}),
        ("ingest", {"tavus-api-key"}),
    ],
)
def test_a_function_reads_the_secrets_that_it_uses_and_no_others(
    syntheses: Mapping[str, Synthesis], function: str, secrets: set[str]
) -> None:
    for environment in ("dev", "prod"):
        assert Policies(syntheses[environment]).secrets(function) == secrets


def test_a_function_is_told_of_the_secrets_that_it_may_read_and_no_others(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)
    for name, function in synthesis.functions().items():
        variables = function["Environment"]["Variables"]
        told = {policies.named(value) for variable, value in variables.items() if variable.endswith("_ARN")}
        assert {each.rpartition("/")[2] for each in told} == policies.secrets(name)


def test_a_vendor_that_is_off_has_no_secret(syntheses: Mapping[str, Synthesis]) -> None:
    synthesis = syntheses["bedrock"]

    assert not [name for name in synthesis["Data"].of_type("SecretsManager::Secret") if "Tavus" in name]
    assert all("tavus" not in str(Policies(synthesis).secrets(function)) for function in Policies(synthesis))


def test_no_secret_of_a_vendor_stands_in_a_template(synthesis: Synthesis) -> None:
    for secret in synthesis["Data"].of_type("SecretsManager::Secret").values():
        assert "SecretString" not in secret


def test_sockets_are_spoken_to_and_closed_and_only_those_of_our_own_api(synthesis: Synthesis) -> None:
    policies = Policies(synthesis)
    for function in policies:
        places = [place for action, place in policies.granted(function) if action.startswith("execute-api:")]
        if function in ("search", INGESTS):
            assert places == []  # one answers whoever asked, the other nobody
            continue
        assert sorted(place.partition("/ws/")[2] for place in places) == [
            "DELETE/@connections/*",
            "POST/@connections/*",
        ]
        assert all("{WebSocket" in place for place in places)


def test_the_key_is_used_by_services_on_behalf_of_a_function(synthesis: Synthesis) -> None:
    for function, statements in synthesis.statements().items():
        for statement in statements:
            if any(action.startswith("kms:") for action in listed(statement["Action"])):
                assert conditions(statement)["kms:ViaService"].split(".")[0] in ("dynamodb", "s3"), function


def test_searching_functions_may_search_and_cannot_write(syntheses: Mapping[str, Synthesis]) -> None:
    policies = Policies(syntheses["prod"])
    every_verb = {f"es:ESHttp{verb}" for verb in ("Get", "Head", "Post", "Put", "Delete")}
    searching = {"es:ESHttpGet", "es:ESHttpPost"}
    wanted = {"tool": searching, "search": searching, "ws-relay": searching, INGESTS: every_verb}
    for function in policies:
        verbs = {action for action, _ in policies.granted(function) if action.startswith("es:")}
        assert verbs == wanted.get(function, set())
    domain = "arn:aws:es:eu-central-1:111111111111:domain/aisdr-prod-search"
    assert policies.allows("search", "es:ESHttpPost", f"{domain}/aisdr-0123/_msearch")
    assert not policies.allows("search", "es:ESHttpPost", f"{domain}/aisdr-0123/_bulk")
    assert policies.allows(INGESTS, "es:ESHttpPost", f"{domain}/aisdr-0123/_bulk")
    assert not policies.allows("search", "es:ESHttpPost", f"{domain}/aisdr-0123/_delete_by_query")


def test_the_domain_answers_named_roles_only(syntheses: Mapping[str, Synthesis]) -> None:
    domain = syntheses["prod"]["Search"].only("OpenSearchService::Domain")
    principals = {name for each in domain["AccessPolicies"]["Statement"] for name in listed(each["Principal"]["AWS"])}

    role = "arn:aws:iam::111111111111:role/aisdr"
    named = (*(f"prod-{function}" for function in ("tool", "search", "ws-relay", INGESTS)), "operator")
    assert principals == {f"{role}-{name}" for name in named}
    assert domain["DomainEndpointOptions"]["EnforceHTTPS"]


def test_models_of_aws_are_named_one_by_one(syntheses: Mapping[str, Synthesis]) -> None:
    policies = Policies(syntheses["bedrock"])
    models = {
        function: {place.rpartition("/")[2] for action, place in policies.granted(function) if "InvokeModel" in action}
        for function in policies
    }

    assert models["session"] == models["reconciler"] == {"amazon.nova-lite-v1:0"}
    assert models["tool"] == {"amazon.titan-embed-text-v2:0", "amazon.rerank-v1:0"}
    assert models["search"] == models["ws-relay"] == {*models["session"], *models["tool"]}
    assert models[INGESTS] == {"amazon.titan-embed-text-v2:0"}
    assert all("bedrock" not in Policies(syntheses["dev"]).services(function) for function in policies)
