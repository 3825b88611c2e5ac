"""S-16 in its small form, without a fuzzer; and that a broken promise would be found."""

import pytest

from benchmarks.scoreboard.input.fuzzing import EXECUTIONS, measure
from tests.fuzz import targets
from tests.fuzz.corpus import changed, seeds
from tests.fuzz.targets import TARGETS


@pytest.mark.slow
def test_nothing_that_is_kept_or_changed_at_random_breaks_a_promise() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert sum(figure.facts["executions"].values()) >= EXECUTIONS["small"]
    assert min(figure.facts["kept"].values()) >= 4


def test_a_policy_that_changes_its_mind_at_a_second_look_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "without_foreign_links", lambda text, hosts: text[1:])

    with pytest.raises(AssertionError, match="second look"):
        TARGETS["url_policy"](b"https://evil.example/")


def test_changes_are_the_same_for_the_same_seed() -> None:
    kept = seeds("frame")

    assert list(changed(kept, 50, 1)) == list(changed(kept, 50, 1))
    assert list(changed(kept, 50, 1)) != list(changed(kept, 50, 2))
