"""Which website may open a session: compared to the letter, our own page included, and a program's request refused."""

from typing import Any, cast

import pytest

from aisdr.errors import Forbidden
from aisdr.reception import Reception
from tests.material import ORIGIN, a_company
from tests.origins import FOREIGN_ORIGINS

OURS = "https://sdr.example"


@pytest.fixture
def reception() -> Reception:
    nobody = cast("Any", None)
    return Reception(nobody, nobody, nobody, nobody, nobody, nobody, public_url=OURS, websocket_url="wss://sdr.example")


@pytest.mark.parametrize("origin", [ORIGIN, OURS])
def test_a_listed_website_and_our_own_may(reception: Reception, origin: str) -> None:
    assert reception._check_origin(a_company(), origin) == origin


@pytest.mark.parametrize("origin", [None, *FOREIGN_ORIGINS, f"{OURS}.evil.example", "http://sdr.example"])
def test_nobody_else_may(reception: Reception, origin: str | None) -> None:
    with pytest.raises(Forbidden) as refused:
        reception._check_origin(a_company(), origin)

    assert refused.value.code == "origin_not_allowed"


def test_without_a_list_only_our_own_page_may(reception: Reception) -> None:
    nobody = a_company(allowed_origins=())

    assert reception._check_origin(nobody, OURS) == OURS
    with pytest.raises(Forbidden):
        reception._check_origin(nobody, ORIGIN)
    assert not nobody.allows("")
