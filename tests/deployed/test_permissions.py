"""Roles are enforced, and hold no more than what is needed: what is taken from one is missed."""

import httpx
import pytest
from playwright.sync_api import Error, Page

from dev.deployment.local import LocalDeployment
from tests.deployed.permissions import without
from tests.product import Stack
from tests.walks import test_question, test_video_call

pytestmark = pytest.mark.deployed


def test_without_the_right_to_post_to_sockets_the_text_walk_fails(
    deployment: LocalDeployment, stack: Stack, page: Page
) -> None:
    with (
        without(deployment, "ws-relay", "execute-api:ManageConnections"),
        pytest.raises(AssertionError),
    ):
        test_question.test_an_answer_streams_and_its_citation_contains_the_fact(stack, page)


def test_without_the_right_to_read_the_video_walk_fails(deployment: LocalDeployment, stack: Stack, page: Page) -> None:
    page.set_default_timeout(5_000)

    with (
        without(deployment, "session", "dynamodb:GetItem"),
        pytest.raises((AssertionError, Error)),
    ):
        test_video_call.test_a_video_call_is_seen_answers_with_a_tool_and_is_settled_once(stack, page)


@pytest.mark.parametrize(
    ("function", "action", "method", "path", "body"),
    [
        ("session", "dynamodb:GetItem", "GET", "/api/widget/hypersonix", None),
        ("session", "dynamodb:PutItem", "POST", "/api/session", {"companyId": "hypersonix", "mode": "text"}),
        ("search", "dynamodb:Query", "POST", "/api/answer", {"question": "What does it cost?"}),
    ],
)
def test_a_verb_that_is_taken_away_is_missed_at_once_and_given_back_serves_again(
    deployment: LocalDeployment,
    stack: Stack,
    function: str,
    action: str,
    method: str,
    path: str,
    body: dict[str, str] | None,
) -> None:
    visitor = {"Authorization": f"Bearer {stack.open_session()['token']}", "Origin": stack.url}

    def ask() -> int:
        return httpx.request(method, f"{stack.url}{path}", json=body, headers=visitor, timeout=30).status_code

    with without(deployment, function, action):
        refused = ask()

    assert refused >= 500
    assert ask() == 200
