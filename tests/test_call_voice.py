"""Voice calls: the same wish-to-bill as video, with a vendor that tells nothing about a call once it is made."""

import pytest

from aisdr.errors import VendorError
from aisdr.ledger import Operation
from aisdr.table import Table
from tests.calls import IDEMPOTENCY_KEY, NOTHING, CallScene
from tests.material import Clock, a_company
from tests.tavus import Tavus
from tests.voice import OFFER, OpenAi

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(tavus: Tavus, openai: OpenAi, conversations_table: Table, companies_table: Table, clock: Clock) -> CallScene:
    scene = CallScene(tavus, conversations_table, companies_table, clock)
    scene.company = a_company(modes=("text", "voice", "video"))
    scene.calls = scene.with_vendor(openai.voice(), tavus.video())
    return scene


def speak(scene: CallScene, key: str = IDEMPOTENCY_KEY) -> Operation:
    return scene.start(key, mode="voice", offer=OFFER)


def test_a_voice_call_is_reserved_at_the_price_of_voice(scene: CallScene) -> None:
    operation = speak(scene)

    assert (operation.mode, operation.vendor, operation.state) == ("voice", "openai", "created")
    assert operation.sdp_answer
    assert scene.today() == {"calls": 1, "seconds": 600, "cents": 120, "active": 1}


def test_a_voice_call_is_billed_by_our_clock(scene: CallScene, openai: OpenAi) -> None:
    speak(scene)
    scene.advance(90)

    scene.calls.end("acme", scene.session.session_id, "visitor")

    assert openai.running() == 0
    assert scene.today() == {"calls": 1, "seconds": 90, "cents": 18, "active": 0}


def test_a_voice_call_is_hung_up_from_our_side_when_its_time_is_up(scene: CallScene, openai: OpenAi) -> None:
    """The browser may be gone, or may not want to hear that the budget is spent."""
    speak(scene)
    scene.clock.advance(599)
    assert scene.calls.reconcile() == 0
    assert openai.running() == 1

    scene.clock.advance(1)
    assert scene.calls.reconcile() == 1

    assert openai.running() == 0
    assert (scene.state(), scene.today()["active"]) == ("settled", 0)


def test_a_voice_call_that_was_not_created_costs_nothing_and_is_not_looked_for(
    scene: CallScene, openai: OpenAi
) -> None:
    openai.fault("server_error")

    with pytest.raises(VendorError, match=r"^The voice call could not be created") as caught:
        speak(scene)

    assert caught.value.code == "openai_session_failed"
    assert (scene.state(), scene.today()) == ("failed", NOTHING)


def test_a_function_that_died_while_it_made_a_voice_call_gives_everything_back(scene: CallScene) -> None:
    scene.calls.reserve(scene.company, scene.session, "voice", IDEMPOTENCY_KEY, OFFER)

    for _ in range(2):
        scene.advance(31)
        scene.calls.reconcile()

    assert (scene.state(), scene.today()) == ("failed", NOTHING)


def test_what_is_over_keeps_no_way_back_into_it(scene: CallScene) -> None:
    speak(scene)

    scene.calls.end("acme", scene.session.session_id, "visitor")

    kept = scene.calls.known(scene.company, IDEMPOTENCY_KEY)
    assert kept is not None
    assert kept.sdp_answer is None


def test_each_call_is_ended_at_its_own_vendor(scene: CallScene, openai: OpenAi) -> None:
    speak(scene)

    scene.start("the wish for video")

    assert (openai.running(), scene.tavus.running()) == (0, 1)
    scene.calls.end("acme", scene.session.session_id, "visitor")
    assert scene.tavus.running() == 0


def test_a_voice_that_must_be_asked_to_greet_gets_the_same_words(scene: CallScene) -> None:
    assert scene.calls.greeting(scene.company, scene.session) == scene.company.greeting

    scene.transcripts.append(scene.session, "visitor", "Do you ship to Norway?", channel="text")

    assert scene.calls.greeting(scene.company, scene.session) == "I'm here. Let's go on where we were."


def test_what_a_call_used_is_added_up_and_changes_no_bill(scene: CallScene) -> None:
    operation = speak(scene)
    assert operation.conversation_id is not None

    first, second = {"total_tokens": 30, "output_audio_tokens": 6}, {"total_tokens": 12}
    for key, units in (("r1", first), ("r2", second), ("r1", first)):  # a reconnected socket tells the first again
        scene.calls.reported(operation.conversation_id, units, key)
    scene.calls.reported("a call of nobody", {"total_tokens": 1}, "r1")

    kept = scene.calls.known(scene.company, IDEMPOTENCY_KEY)
    assert kept is not None
    assert kept.reported == {"total_tokens": 42, "output_audio_tokens": 6}
    assert scene.today()["cents"] == 120
