"""S-10 in its small form."""

import pytest

from benchmarks.scoreboard.relay.ticket_race import RACES, measure


@pytest.mark.slow
def test_of_all_who_race_for_a_ticket_one_gets_in() -> None:
    figure = measure("small")

    sockets, tickets = RACES["small"]
    assert figure.met, figure
    assert figure.facts["connects"] == sockets * tickets > 0
    assert figure.facts["stored_sockets"] == tickets
