"""The front before an emulated distribution: the one thing that it decides itself."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from aisdr.media_links import SECONDS, STEP, MediaLinks
from aisdr.secret import Keys
from dev.deployment.front import Distribution, Distributions, NothingDeployed, create_front
from dev.gateway.signed import Gate
from dev.serve import serving
from tests.chunks import ACME
from tests.material import Clock
from tests.media_keys import KEY_ID, media_keys, private_pem

HERE = "https://sdr.example"
DECK = "/media/_private/acme/deck.pdf"


class Nothing(Distributions):
    """What passes the gate is answered with 503: nothing is deployed behind it."""

    def current(self) -> Distribution:
        raise NothingDeployed


def statuses(keys: Mapping[str, str], clock: Clock, *paths: str) -> list[int]:
    app: Any = create_front("http://127.0.0.1:9", Nothing("none"), Gate(HERE, keys, clock))
    with serving(app) as url:
        return [httpx.get(f"{url}{path}").status_code for path in paths]


@pytest.fixture
def signed(clock: Clock) -> str:
    return MediaLinks(HERE, Keys(media_keys()), clock).address(ACME, DECK)


def test_media_for_visitors_pass_with_their_signature_and_public_ones_without(signed: str, clock: Clock) -> None:
    keys = {KEY_ID: private_pem()}

    assert statuses(keys, clock, "/media/acme/deck.pdf", signed) == [503, 503]
    assert statuses(keys, clock, DECK, signed.replace("deck", "prices"), DECK.replace("_", "%5F")) == [403, 403, 403]
    clock.advance(SECONDS + STEP)
    assert statuses(keys, clock, signed) == [403]


def test_without_a_key_nothing_for_visitors_passes(signed: str, clock: Clock) -> None:
    assert statuses({}, clock, signed, DECK) == [403, 403]
