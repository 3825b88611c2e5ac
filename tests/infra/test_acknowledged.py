"""Every rule that is broken on purpose leaves something that must hold instead, and a test that says so."""

import ast

import pytest

from tests.infra.acknowledged import acknowledged
from tests.infra.conftest import ROOT

PROVEN_BY = {
    "Vendors have no interface to change a key": "tests/test_secret.py::"
    "test_two_signing_keys_live_at_once_and_a_third_comes_while_functions_run",
    "In a VPC every function would have to stand there": "tests/infra/test_roles.py::"
    "test_the_domain_answers_named_roles_only",
    "Masters of their own pay off": "tests/infra/test_environment.py::test_the_deployment_page_names_every_key",
    "Who may come in is decided by the function": "tests/test_web.py::"
    "test_a_door_behind_a_session_opens_to_no_other_header",
    "A socket's id is made when it is opened": "tests/infra/test_roles.py::"
    "test_sockets_are_spoken_to_and_closed_and_only_those_of_our_own_api",
    "Speech and reranking are no data": "tests/infra/test_roles.py::test_no_role_says_everything",
    "A recording is named by a digest": "tests/infra/test_roles.py::"
    "test_only_what_ingests_touches_files_and_it_hangs_on_its_own_queue_alone",
    "Every company's index is made": "tests/infra/test_roles.py::test_searching_functions_may_search_and_cannot_write",
    "Python 3.13 is supported until 2029": "tests/infra/test_bundle.py::"
    "test_the_bytecode_is_of_lambdas_python_and_is_not_held_against_its_source",
    "Functions with doors are called synchronously": "tests/infra/test_knowledge.py::"
    "test_what_failed_too_often_lies_with_the_dead_letters_and_somebody_is_told",
    "X-Ray's library adds 400 ms": "tests/test_trace.py",
    "It is the last stop itself": "tests/infra/test_knowledge.py::"
    "test_what_failed_too_often_lies_with_the_dead_letters_and_somebody_is_told",
    "Companies' visitors come from everywhere": "tests/infra/test_edge.py::"
    "test_the_firewall_stands_before_the_one_distribution",
    "Requests are logged by standard logging v2": "tests/infra/test_edge.py::test_logs_hold_no_path_and_no_address",
    "Without a domain of one's own": "tests/infra/test_edge.py::"
    "test_an_environment_with_visitors_has_a_domain_and_modern_tls",
}
"""By how the reason begins: the test of what holds although the rule does not, or the file of such tests."""


def test_every_exemption_has_its_test_and_no_test_is_left_over() -> None:
    reasons = [reason for reason, _ in acknowledged()]

    found = {begin for begin in PROVEN_BY for reason in reasons if reason.startswith(begin)}
    assert found == PROVEN_BY.keys()
    assert len(reasons) == len(PROVEN_BY)


@pytest.mark.parametrize("proof", sorted(set(PROVEN_BY.values())))
def test_the_test_of_an_exemption_is_there(proof: str) -> None:
    file, _, name = proof.partition("::")

    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = {each.name for each in module.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}
    assert tests
    assert not name or name in tests
