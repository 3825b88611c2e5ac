"""T-TOK-02 in its small form."""

from typing import Any

import jwt
import pytest

from benchmarks.scoreboard.input.mutated_tokens import GOOD, MUTANTS, MUTATIONS, measure


def test_of_all_texts_that_are_nearly_a_token_none_is_taken() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["mutants"] == MUTANTS["small"]
    assert figure.facts["by_mutation"].keys() == MUTATIONS.keys()
    assert figure.facts["good_taken"] == 2 * GOOD


def test_a_verifier_that_reads_no_signature_misses_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    read = jwt.decode

    def believe(token: str, key: str, **more: Any) -> Any:
        return read(token, key, **more | {"options": more["options"] | {"verify_signature": False}})

    monkeypatch.setattr(jwt, "decode", believe)
    monkeypatch.setitem(MUTANTS, "small", 1_000)

    figure = measure("small")

    assert not figure.met
    assert figure.facts["accepted"] > 0
