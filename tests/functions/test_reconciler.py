"""The reconciler: one tick of the clock closes what is over and sends what waits."""

import time
from importlib import import_module
from typing import Any

import pytest

from aisdr.configuration import Webhook
from aisdr.lead import Lead
from aisdr.services import Services
from aisdr.session import SESSION_SECONDS, Sessions
from tests.material import KEYS, ORIGIN, Clock, a_company
from tests.webhook_receiver import SECRET, Receiver


@pytest.mark.cell("F-LM-02")
def test_one_tick_closes_a_conversation_and_tells_its_company(services: Services, receiver: Receiver) -> None:
    company = a_company(webhook=Webhook(url=receiver.url, secrets=(SECRET,)))
    services.companies.put(company, expected_version=0)
    long_ago = Clock(time.time() - 2 * SESSION_SECONDS)
    session = Sessions(services.conversations, KEYS, long_ago).open(company, ORIGIN, "1")
    services.transcripts.append(session, "visitor", "What does it cost?", channel="text")
    services.leads.add(company, session, Lead(email="jane@example.com"))
    tick = import_module("functions.reconciler.handler").handler

    nothing = dict.fromkeys(("calls", "confirmations", "conversations", "erasures", "messages", "documents", "ends"), 0)
    assert tick({}, None) == nothing | {"conversations": 1, "messages": 2}
    for _ in range(2):  # as often as Lambda itself tries an invocation again
        assert tick({}, None) == nothing

    assert sorted(receiver.kinds()) == ["conversation.ended", "lead.created"]
    assert receiver.forged == 0


class _Broken:
    """A step that has a bug."""

    def follow(self) -> int:
        raise RuntimeError("a bug")

    def reconcile(self) -> int:
        raise RuntimeError("another bug")

    def end_on_time(self, seconds: float) -> int:
        assert 0 < seconds <= 55
        return 0


def test_a_step_that_fails_keeps_no_other_from_its_turn(services: Services, receiver: Receiver) -> None:
    company = a_company(webhook=Webhook(url=receiver.url, secrets=(SECRET,)))
    services.companies.put(company, expected_version=0)
    session = services.sessions.open(company, ORIGIN, "1")
    services.leads.add(company, session, Lead(email="jane@example.com"))
    broken: Any = _Broken()
    services.calls, services.documents = broken, broken
    tick = import_module("functions.reconciler.handler").handler

    with pytest.raises(ExceptionGroup, match="reconciler"):
        tick({}, None)

    assert receiver.kinds() == ["lead.created"]
