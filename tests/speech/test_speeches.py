"""Reading aloud: only where a company offers it, bought once, from whoever can, and no more than one listens to."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.configuration import Speech
from aisdr.errors import Forbidden, InvalidInput, LimitReached, NotConfigured, VendorError
from aisdr.session import Session
from aisdr.speech.allowance import CHARACTERS_A_MINUTE, Allowance
from aisdr.speech.base import Audio, unavailable
from aisdr.speech.recordings import KEPT_SECONDS, Recordings
from aisdr.speech.speeches import Speeches
from aisdr.table import Table
from aisdr.usage import Usages
from tests.conftest import MEDIA
from tests.material import Clock, a_company

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

SENTENCE = "The Growth plan costs $149."
READING = a_company(modes=("text", "tts"))


class Narrating:
    """A narrator that says which one it is, and speaks the languages that it was given."""

    def __init__(self, name: str, languages: tuple[str, ...] = ("en-US",), failure: Exception | None = None) -> None:
        self.name = name
        self.said: list[str] = []
        self._languages = languages
        self._failure = failure

    def sound(self, chosen: Speech, language: str) -> str | None:
        return f"{self.name}|{chosen.engine}" if language in self._languages else None

    def speak(self, chosen: Speech, text: str, language: str) -> Audio:
        self.said.append(text)
        if self._failure:
            raise self._failure
        return Audio(f"{self.name} says {text}".encode())


@pytest.fixture
def s3(aws: "DynamoDBClient", clients: "tuple[DynamoDBClient, S3Client]") -> "S3Client":
    return clients[1]


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", "https://acme.example", clock.now)


@pytest.fixture
def speeches_of(s3: "S3Client", conversations_table: Table, clock: Clock) -> Any:
    def made(*narrators: Narrating, bucket: str = MEDIA, salt: str = "a secret of ours") -> Speeches:
        recordings = Recordings(s3, bucket, salt)
        allowance, usages = Allowance(conversations_table, clock), Usages(conversations_table, clock)
        return Speeches({each.name: each for each in narrators}, recordings, allowance, usages)

    return made


def objects(s3: "S3Client") -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=MEDIA).get("Contents", [])]


def test_a_sentence_is_bought_once_for_everybody(speeches_of: Any, session: Session, s3: "S3Client") -> None:
    polly = Narrating("polly")

    for _ in range(3):
        audio = speeches_of(polly).speak(READING, session, SENTENCE, "en-US")

    assert audio == Audio(f"polly says {SENTENCE}".encode())
    assert polly.said == [SENTENCE]
    (key,) = objects(s3)
    assert key.startswith("speech/acme/")
    assert key.endswith(".mp3")


def test_nobody_who_knows_the_words_knows_where_their_sound_is_kept(
    speeches_of: Any, session: Session, s3: "S3Client"
) -> None:
    for salt in ("one secret", "another secret"):
        speeches_of(Narrating("polly"), salt=salt).speak(READING, session, SENTENCE, "en-US")

    assert len(objects(s3)) == 2


def test_another_company_another_sound_and_another_text_are_bought_anew(speeches_of: Any, session: Session) -> None:
    polly = Narrating("polly")
    speeches = speeches_of(polly)

    speeches.speak(READING, session, SENTENCE, "en-US")
    speeches.speak(a_company("globex", modes=("tts",)), replace(session, company_id="globex"), SENTENCE, "en-US")
    speeches.speak(a_company(modes=("tts",), speech={"engine": "standard"}), session, SENTENCE, "en-US")
    speeches.speak(READING, session, "Another text.", "en-US")

    assert len(polly.said) == 4


def test_an_old_recording_is_not_played(s3: "S3Client", clock: Clock) -> None:
    """It may name a visitor; the bucket's own rule that deletes it may be late."""
    Recordings(s3, MEDIA, "secret").put(READING.operator_scope, "sound", SENTENCE, Audio(b"sound"))
    written = s3.head_object(Bucket=MEDIA, Key=objects(s3)[0])["LastModified"].timestamp()
    clock.now = written + KEPT_SECONDS - 1
    recordings = Recordings(s3, MEDIA, "secret", clock)
    assert recordings.get(READING.operator_scope, "sound", SENTENCE) == Audio(b"sound")

    clock.advance(2)

    assert recordings.get(READING.operator_scope, "sound", SENTENCE) is None


def test_a_bucket_that_fails_is_an_empty_one(speeches_of: Any, session: Session) -> None:
    polly = Narrating("polly")

    audio = speeches_of(polly, bucket="nobodys-bucket").speak(READING, session, SENTENCE, "en-US")

    assert audio.data == f"polly says {SENTENCE}".encode()


def test_marks_of_citations_are_not_read_out(speeches_of: Any, session: Session) -> None:
    polly = Narrating("polly")

    speeches_of(polly).speak(READING, session, "It costs $149 [1].", "en-US")

    assert "[1]" not in polly.said[0]


@pytest.mark.parametrize("text", ["   ", "[1]"])
def test_what_holds_no_words_is_refused(speeches_of: Any, session: Session, text: str) -> None:
    with pytest.raises(InvalidInput, match="'text'"):
        speeches_of(Narrating("polly")).speak(READING, session, text, "en-US")


def test_a_company_that_does_not_read_aloud_is_refused(speeches_of: Any, session: Session) -> None:
    polly = Narrating("polly")

    with pytest.raises(Forbidden) as caught:
        speeches_of(polly).speak(a_company(modes=("text", "video")), session, SENTENCE, "en-US")

    assert caught.value.code == "mode_not_enabled"
    assert polly.said == []


@pytest.mark.parametrize("provider", ["polly", "openai"])
def test_the_company_chooses_who_speaks(speeches_of: Any, session: Session, provider: str) -> None:
    company = a_company(modes=("tts",), speech={"provider": provider})

    audio = speeches_of(Narrating("polly"), Narrating("openai")).speak(company, session, SENTENCE, "en-US")

    assert audio.data.startswith(provider.encode())


@pytest.mark.parametrize("failure", [unavailable("polly"), NotConfigured("no key")])
def test_when_one_fails_the_other_speaks(speeches_of: Any, session: Session, failure: Exception) -> None:
    speeches = speeches_of(Narrating("polly", failure=failure), Narrating("openai"))

    assert speeches.speak(READING, session, SENTENCE, "en-US").data.startswith(b"openai")


def test_what_the_company_wants_is_tried_first_the_next_time(speeches_of: Any, session: Session) -> None:
    openai = Narrating("openai")
    speeches_of(Narrating("polly", failure=unavailable("polly")), openai).speak(READING, session, SENTENCE, "en-US")

    audio = speeches_of(Narrating("polly"), openai).speak(READING, session, SENTENCE, "en-US")

    assert audio.data.startswith(b"polly")


def test_when_everybody_fails_the_browser_is_told_so(speeches_of: Any, session: Session, s3: "S3Client") -> None:
    speeches = speeches_of(
        Narrating("polly", failure=unavailable("polly")), Narrating("openai", failure=unavailable("openai"))
    )

    with pytest.raises(VendorError, match="the text stays readable") as caught:
        speeches.speak(READING, session, SENTENCE, "en-US")

    assert caught.value.code == "speech_unavailable"
    assert objects(s3) == []


def test_a_language_goes_to_whoever_speaks_it(speeches_of: Any, session: Session) -> None:
    speeches = speeches_of(Narrating("polly"), Narrating("openai", ("en-US", "th-TH")))

    assert speeches.speak(READING, session, "สวัสดี", "th-TH").data.startswith(b"openai")


def test_a_language_that_nobody_speaks_is_named(speeches_of: Any, session: Session) -> None:
    with pytest.raises(InvalidInput, match="'language' th-TH"):
        speeches_of(Narrating("polly")).speak(READING, session, "สวัสดี", "th-TH")


def test_a_conversation_buys_no_more_than_can_be_listened_to(speeches_of: Any, session: Session, clock: Clock) -> None:
    speeches = speeches_of(Narrating("polly"))
    for number in range(3):
        speeches.speak(READING, session, f"{number}" * (CHARACTERS_A_MINUTE // 3), "en-US")

    with pytest.raises(LimitReached) as caught:
        speeches.speak(READING, session, SENTENCE, "en-US")

    assert caught.value.code == "speech_limit"
    other = Session("s2", "acme", "https://acme.example", clock.now)
    assert speeches.speak(READING, other, SENTENCE, "en-US")
    clock.advance(60)
    assert speeches.speak(READING, session, "A minute later.", "en-US")


def test_what_is_known_costs_nothing_of_the_allowance(speeches_of: Any, session: Session) -> None:
    speeches = speeches_of(Narrating("polly"))
    long_text = "x" * (CHARACTERS_A_MINUTE - 10)

    for _ in range(3):
        speeches.speak(READING, session, long_text, "en-US")


def test_what_was_bought_is_counted_by_conversation(
    speeches_of: Any, session: Session, conversations_table: Table
) -> None:
    speeches_of(Narrating("polly")).speak(READING, session, SENTENCE, "en-US")

    (row,) = conversations_table.query(session.key, prefix="speech#")
    assert (row["provider"], row["characters"], row["company_id"]) == ("polly", len(SENTENCE), "acme")


def test_what_is_read_aloud_costs_money_once_and_ends_with_the_days(
    speeches_of: Any, session: Session, conversations_table: Table, clock: Clock
) -> None:
    company = READING.model_copy(
        update={"speech": Speech(price=1000.0), "limits": READING.limits.model_copy(update={"money_per_day": 0.05})}
    )
    speeches, usages = speeches_of(Narrating("polly")), Usages(conversations_table, clock)
    fifty = "x" * 50

    for _ in range(3):
        speeches.speak(company, session, fifty, "en-US")
    with pytest.raises(LimitReached, match="money"):
        speeches.speak(company, session, "y" * 50, "en-US")

    ((session_id, used),) = usages.spoken(company.operator_scope)
    assert (session_id, used.provider, used.calls, used.characters) == ("s1", "polly", 1, 50)
    assert used.money_micros == 50_000
    assert speeches.speak(company, session, fifty, "en-US"), "what was bought before may still be heard"
