"""The questions that the widget offers to press are questions it can answer."""

import httpx
import pytest

from tests.product import Stack

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("slug", ["hypersonix", "aisdr"])
def test_every_starter_has_a_grounded_answer(stack: Stack, slug: str) -> None:
    token = stack.open_session(slug)["token"]

    for starter in stack.companies.by_slug(slug).starters:
        answer = httpx.post(
            f"{stack.url}/api/answer", json={"question": starter}, headers={"Authorization": f"Bearer {token}"}
        ).json()

        assert answer["grounded"], starter
        assert answer["citations"], starter
