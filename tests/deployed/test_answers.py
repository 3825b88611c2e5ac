"""The walks of `tests/walks` against what was deployed: distribution, APIs, functions, roles, tables, search node."""

import pytest

from tests.walks.test_question import (
    test_a_question_whose_answer_is_in_a_clip_plays_it_at_that_second,
    test_a_question_whose_answer_is_in_a_picture_shows_that_picture,
    test_an_answer_streams_and_its_citation_contains_the_fact,
    test_without_a_socket_the_same_question_is_answered_over_http,
)
from tests.walks.test_video_call import test_a_video_call_is_seen_answers_with_a_tool_and_is_settled_once

pytestmark = pytest.mark.deployed
__all__ = [
    "test_a_question_whose_answer_is_in_a_clip_plays_it_at_that_second",
    "test_a_question_whose_answer_is_in_a_picture_shows_that_picture",
    "test_a_video_call_is_seen_answers_with_a_tool_and_is_settled_once",
    "test_an_answer_streams_and_its_citation_contains_the_fact",
    "test_without_a_socket_the_same_question_is_answered_over_http",
]
