"""S-14 in its small form."""

import pytest
from botocore.exceptions import ClientError

from aisdr.table import Table
from benchmarks.scoreboard.input.malformed import measure
from benchmarks.scoreboard.input.well_formed import BODIES, WITHOUT_BODY
from benchmarks.scoreboard.scene.serial_dynamodb import CONVERSATIONS, serial_dynamodb


@pytest.mark.slow
def test_malformed_input_costs_no_failure_at_any_door_and_no_socket() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["good_ones_taken"] == 2 * len(BODIES) + 2 * len(WITHOUT_BODY)
    assert figure.facts["requests"] > 500
    assert figure.facts["frames"] > 300
    assert figure.facts["refused"] > 200
    assert {400, 404, 415, 422} <= set(figure.facts["statuses"])


@pytest.mark.parametrize("key", [("", "a"), ("a", ""), ("k" * 2049, "a"), ("€" * 683, "a"), ("a", "k" * 1025)])
def test_the_store_of_that_stage_takes_no_key_that_aws_would_not(key: tuple[str, str]) -> None:
    with serial_dynamodb() as dynamodb:
        table = Table(dynamodb, CONVERSATIONS)  # type: ignore[arg-type]  # speaks like a client
        for ask in (table.get, table.delete, lambda pk, sk: table.put({"pk": pk, "sk": sk})):
            with pytest.raises(ClientError, match="ValidationException"):
                ask(*key)
        if key[0] != "a":
            with pytest.raises(ClientError, match="ValidationException"):
                table.query(key[0])
