"""Addresses of media for visitors only: signed for one path and a while, whenever they leave."""

import json

import pytest
from cryptography.exceptions import InvalidSignature

from aisdr.answer import Answer, Citation, ClipCard, ImageCard
from aisdr.errors import NotConfigured
from aisdr.frames import DoneFrame
from aisdr.kept_frames import Frames
from aisdr.media_links import SECONDS, STEP, TAVUS_SECONDS, MediaLinks, base_url
from aisdr.observability import begin
from aisdr.secret import Keys
from aisdr.session import Session
from aisdr.table import Table
from tests.chunks import ACME
from tests.material import ORIGIN, Clock
from tests.media_keys import KEY_ID, check, media_keys, private_pem
from tests.observed import observed

HERE = "https://sdr.example"
DECK = "/media/_private/acme/decks/why%20acme.pdf"


@pytest.fixture
def links(clock: Clock) -> MediaLinks:
    return MediaLinks(HERE, Keys(media_keys()), clock)


def test_an_address_for_visitors_is_signed_as_cloudfront_verifies_it(links: MediaLinks, clock: Clock) -> None:
    signed = links.address(ACME, DECK)

    ends = check(HERE + signed)
    assert signed.startswith(f"{DECK}?Expires=")
    assert signed.endswith(f"&Key-Pair-Id={KEY_ID}")
    assert SECONDS <= ends - clock() <= SECONDS + STEP


def reading(company_id: str, ends_at: float = float("inf")) -> Session:
    """A visitor of a company."""
    return Session("s1", company_id, ORIGIN, 0.0, ends_at=ends_at)


@pytest.fixture
def session() -> Session:
    return reading("acme")


@pytest.mark.parametrize("fragment", ["#page=2", "#t=12.4,19", "#terms-of-payment"])
def test_the_place_in_a_source_stays_behind_the_signature(links: MediaLinks, fragment: str) -> None:
    signed = links.address(ACME, f"{DECK}{fragment}")

    assert signed.endswith(f"&Key-Pair-Id={KEY_ID}{fragment}")
    check(HERE + signed.removesuffix(fragment))


@pytest.mark.parametrize(
    "url",
    [
        "/media/acme/deck.pdf",
        "/media/_private/globex/deck.pdf",
        "/media/_private/acme-too/deck.pdf",
        f"https://elsewhere.example{DECK}",
        "https://acme.example/pricing",
        "",
    ],
)
def test_nothing_else_is_signed(links: MediaLinks, url: str) -> None:
    assert links.address(ACME, url) == url


def test_a_signature_opens_one_path_only(links: MediaLinks) -> None:
    other = links.address(ACME, DECK).replace("why%20acme.pdf", "prices.pdf")

    with pytest.raises(InvalidSignature):
        check(HERE + other)


def test_a_later_end_is_another_signature(links: MediaLinks) -> None:
    signed = links.address(ACME, DECK)
    ends = check(HERE + signed)

    with pytest.raises(InvalidSignature):
        check(HERE + signed.replace(str(ends), str(ends + 1)))


def test_an_address_stays_the_same_for_a_while_and_renews_when_it_is_told_again(
    links: MediaLinks, clock: Clock
) -> None:
    clock.now = 2_000_000 * STEP + 1
    first = links.address(ACME, DECK)
    clock.advance(STEP - 2)
    assert links.address(ACME, DECK) == first

    clock.advance(2 * SECONDS)
    renewed = links.address(ACME, first)

    assert check(HERE + renewed) > clock() + SECONDS - 1
    assert renewed.count("Expires") == 1


def test_tavus_has_a_day_to_fetch_a_document(links: MediaLinks, clock: Clock) -> None:
    assert check(HERE + links.address(ACME, DECK, TAVUS_SECONDS)) - clock() >= 24 * 3600


def test_every_address_of_an_answer_is_signed_and_no_word_of_it(links: MediaLinks) -> None:
    answer = Answer(
        text=DECK,
        citations=(Citation(number=1, title=DECK, url=f"{DECK}#page=2", snippet=DECK, chunk_id="1"),),
        shown=(
            ImageCard(title="Chart", url=DECK, alt=DECK, source_url=f"{DECK}#page=3", chunk_id="2"),
            ClipCard(title="Tour", url=DECK, poster=DECK, captions_url=DECK, chunk_id="3"),
        ),
    )

    told = links.whole(reading("acme"), answer)

    image, clip = told.shown
    assert isinstance(image, ImageCard)
    assert isinstance(clip, ClipCard)
    for url in (told.citations[0].url, image.url, image.source_url, clip.url, clip.poster, clip.captions_url):
        assert url
        check(HERE + url.partition("#")[0])
    words = (told.text, told.citations[0].title, told.citations[0].snippet, image.alt)
    assert set(words) == {DECK}
    assert links.whole(reading("globex"), answer) == answer


@pytest.mark.parametrize("way", ["../globex/a.pdf", "./../globex/a.pdf", "%2e%2e/globex/a.pdf", "..%2Fglobex/a.pdf"])
@pytest.mark.parametrize("above", ["", "decks/../"])
def test_an_address_that_leads_up_is_not_signed(links: MediaLinks, way: str, above: str) -> None:
    url = f"/media/_private/acme/{above}{way}"

    assert links.address(ACME, url) == url
    assert links.address(ACME, url.replace("/globex", "\\globex")) == url.replace("/globex", "\\globex")
    assert links.address(ACME, "/media/_private/acme//a.pdf") == "/media/_private/acme//a.pdf"
    assert links.address(ACME, "/media/_private/acme/..a/a..pdf") != "/media/_private/acme/..a/a..pdf"


def test_no_address_of_an_answer_outlives_the_conversation(links: MediaLinks, clock: Clock) -> None:
    answer = Answer(text="Yes.", citations=(Citation(number=1, title="Deck", url=DECK, chunk_id="1"),))

    told = links.whole(reading("acme", ends_at=clock.now + 100.9), answer)

    assert check(HERE + told.citations[0].url) == clock.now + 100


def test_without_a_key_an_answer_still_comes_and_its_media_open_nothing(clock: Clock) -> None:
    links = MediaLinks(HERE, Keys(), clock)
    answer = Answer(text="Yes.", citations=(Citation(number=1, title="Deck", url=DECK, chunk_id="1"),))

    assert links.whole(reading("acme"), answer) == answer
    with pytest.raises(NotConfigured, match="AISDR_MEDIA_KEYS"):
        links.check()


def test_an_address_that_cannot_be_signed_leaves_a_record_of_the_refusal(clock: Clock) -> None:
    with observed() as written:
        begin({"requestContext": {"requestId": "r"}}, None)
        with pytest.raises(NotConfigured):
            MediaLinks(HERE, Keys(), clock).address(ACME, DECK)

    (record,) = [each for each in written.lines if "audit" in each]
    told = [record[name] for name in ("audit", "decision", "company_id", "who")]
    assert told == ["media.sign", "deny", "acme", "clock"]


def test_public_media_and_those_for_visitors_stand_below_addresses_of_their_own() -> None:
    assert base_url(ACME) == "/media/acme"
    assert base_url(ACME, private=True) == "/media/_private/acme"


def test_what_is_no_key_is_told_and_not_shown(clock: Clock) -> None:
    links = MediaLinks(HERE, Keys(json.dumps({"1": f"{private_pem()[:300]} cut off"})), clock)

    with pytest.raises(NotConfigured) as refusal:
        links.check()

    assert "MII" not in refusal.value.message


def test_frames_are_kept_without_a_signature_and_signed_when_they_are_sent_again(
    links: MediaLinks, clock: Clock, conversations_table: Table, session: Session
) -> None:
    frames = Frames(conversations_table, clock, links=links)
    answer = Answer(text="", citations=(Citation(number=1, title="Deck", url=DECK, chunk_id="1"),))

    (sent,) = frames.keep(session, [DoneFrame(id="1", answer=answer)], once="1").frames
    clock.advance(SECONDS + STEP)
    (again,) = frames.after(session, 0, None)
    (under,) = frames.under(session, "1") or [{}]

    def ends(frame: dict[str, object]) -> int:
        return check(HERE + DoneFrame.model_validate(frame).answer.citations[0].url)

    assert ends(again) == ends(under) > ends(sent)
    (stored,) = conversations_table.query(session.key, prefix="frame#")
    assert "Signature" not in stored["frame"]
