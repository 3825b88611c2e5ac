"""One visitor's session, and the store that signs for it."""

import pytest

from aisdr.session import Session, Sessions
from aisdr.table import Table
from tests.material import KEYS, ORIGIN, Clock, a_company


@pytest.fixture
def sessions(conversations_table: Table, clock: Clock) -> Sessions:
    return Sessions(conversations_table, KEYS, clock)


@pytest.fixture
def session(sessions: Sessions) -> Session:
    return sessions.open(a_company(), ORIGIN, "1")
