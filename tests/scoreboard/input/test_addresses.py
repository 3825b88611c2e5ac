"""S-18 in its short form: no spelling of an address leads inside, and no spelling of an origin comes near enough."""

import socket

import pytest

from benchmarks.scoreboard.input.addresses import measure
from benchmarks.scoreboard.scene.outside import the_outside

pytestmark = pytest.mark.slow


def test_every_spelling_is_judged_as_it_must_be() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["rows"]["hosts"] > 150
    assert figure.facts["rows"]["origins"] > 40


def test_a_connection_to_the_outside_would_be_seen() -> None:
    with the_outside() as found, socket.socket() as line:
        line.setblocking(False)
        line.connect_ex(("192.0.2.1", 9))
        line.connect_ex(("127.0.0.1", 9))

    assert found == ["192.0.2.1"]
