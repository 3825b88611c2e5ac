"""What readers put aside is heard and described where the keys are: by OpenAI, Amazon, or nobody."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws
from pydantic import TypeAdapter

from aisdr.errors import NotConfigured, VendorError
from aisdr.ingest.labels import Labels
from aisdr.ingest.perception.amazon_transcribe import PREFIX, AmazonTranscriber
from aisdr.ingest.perception.base import Description, Heard, Perception, Said, Senses, Sound
from aisdr.ingest.perception.bedrock import BedrockDescriber
from aisdr.ingest.perception.complete import complete
from aisdr.ingest.perception.openai import OpenAiDescriber, OpenAiTranscriber
from aisdr.ingest.perception.sound import RATE, opus
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile
from aisdr.secret import Secret
from aisdr.services import Services
from aisdr.settings import Settings
from dev.openai import Reply, create_app
from dev.serve import serving
from tests.ingest.material import draw, print_pdf, write
from tests.ingest.readers.conftest import Read
from tests.ingest.recordings import drawn, record, spoken
from tests.voice import KEY

SENTENCES = ("Welcome to the tour of the price editor.", "Every change can be taken back within thirty days.")


class Ears:
    """Hears what it is told to hear."""

    sound_seconds = 600.0

    def __init__(self, *said: Said, money: float = 0.02) -> None:
        self.said, self.money = said, money
        self.asked: list[tuple[tuple[Sound, ...], str]] = []

    def transcribe(self, sounds: Any, language: str) -> Heard:
        self.asked.append((tuple(sounds), language))
        return Heard(self.said, self.money)


class Eyes:
    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def describe(self, picture: bytes, language: str) -> Description:
        self.asked.append(picture)
        return Description(f"A photograph of a hall ({language}).", 0.001)


def file(tmp_path: Path, name: str) -> SourceFile:
    return SourceFile(tmp_path, tmp_path / name, "/media/acme", Labels())


# Completing documents


@pytest.mark.slow
def test_what_was_put_aside_becomes_pieces_captions_and_money(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "tour.toml", 'caption = "A tour"')
    path = record(tmp_path / "tour.webm", [(drawn("Price editor", "Open the board"), 6.0)], spoken(*SENTENCES))
    ears, eyes = Ears(Said(0.5, 3, "Welcome."), Said(30, 33, "That is all.")), Eyes()
    perception = Perception(ears, eyes, "later")
    waiting = read(path, senses=perception.senses)

    done = complete(file(tmp_path, "tour.webm"), waiting, perception)

    document = done.document
    assert [(piece.modality, piece.text, piece.locator.start) for piece in document.pieces] == [
        ("video", "A tour", 0),
        ("video", "Welcome.", 0.5),
        ("video", "That is all.", 30),
        ("image", "A photograph of a hall (en).\nPrice editor\nOpen the board", 0),
    ]
    assert done.money == pytest.approx(0.021)
    captions = document.publications[-1]
    assert captions.content == (
        b"WEBVTT\n\n00:00:00.500 --> 00:00:03.000\nWelcome.\n\n00:00:30.000 --> 00:00:33.000\nThat is all.\n"
    )
    clips = [piece.media for piece in document.pieces if piece.media and piece.media.kind == "clip"]
    assert {media.captions_url for media in clips} == {f"/media/acme/{captions.path}"}
    assert (document.unheard, document.undescribed) == (None, ())
    assert [language for _, language in ears.asked] == ["en"]


def test_a_document_of_which_nothing_was_put_aside_is_as_it_was(tmp_path: Path, read: Read) -> None:
    document = read(print_pdf(tmp_path / "a.pdf", "Notice is 30 days."))

    done = complete(file(tmp_path, "a.pdf"), document, Perception(Ears(), Eyes(), "later"))

    assert (done.document, done.money) == (document, 0)


def test_a_recording_in_which_nobody_hears_anything_holds_nothing(tmp_path: Path, read: Read) -> None:
    perception = Perception(Ears(), None, "later")
    waiting = read(record(tmp_path / "talk.mp3", sound=spoken(*SENTENCES)), senses=perception.senses)

    with pytest.raises(NothingToRead, match=r"talk\.vtt"):
        complete(file(tmp_path, "talk.mp3"), waiting, perception)


def test_a_picture_that_only_had_its_name_is_found_by_what_it_shows(tmp_path: Path, read: Read) -> None:
    eyes = Eyes()
    perception = Perception(describer=eyes)
    waiting = read(draw(tmp_path / "hall.png"), senses=perception.senses)

    (piece,) = complete(file(tmp_path, "hall.png"), waiting, perception).document.pieces

    assert piece.text == "A photograph of a hall (en)."
    assert piece.media
    assert piece.media.alt == "A photograph of a hall (en)."
    assert eyes.asked[0].startswith(b"RIFF")


@pytest.mark.slow
def test_a_document_goes_from_process_to_process_as_json(tmp_path: Path, read: Read) -> None:
    (tmp_path / "spool").mkdir()
    path = record(tmp_path / "tour.webm", [(drawn("Price editor", "Open the board"), 6.0)], spoken(SENTENCES[0]))
    document = read(path, senses=Senses("later", 600, describing=True), spool=tmp_path / "spool")
    adapter = TypeAdapter(Document)

    assert adapter.validate_json(adapter.dump_json(document)) == document


# OpenAI


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, Any]]:
    app = create_app(key=KEY)
    with serving(app) as url:
        yield f"{url}/v1", app.state.lookalike


def sounds(*starts: float) -> list[Sound]:
    samples = spoken(SENTENCES[1])
    return [Sound(opus(samples), start, len(samples) / RATE) for start in starts]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "price"),
    [("whisper-1", 0.006), ("gpt-4o-mini-transcribe", 0.003), ("gpt-4o-transcribe-diarize", 0.006)],
)
def test_openai_writes_down_what_is_said_at_its_second_and_tells_the_price(
    address: tuple[str, Any], model: str, price: float
) -> None:
    transcriber = OpenAiTranscriber(address[0], Secret(KEY), model)

    heard = transcriber.transcribe(sounds(0, 600), "en-US")

    # What the recogniser takes for one sentence is its own affair.
    pieces = [[said for said in heard.said if start <= said.start < start + 600] for start in (0, 600)]
    assert [piece[0].start for piece in pieces] == pytest.approx([0, 600], abs=0.5)
    assert all("thirty days" in " ".join(said.text for said in piece) for piece in pieces)
    seconds = 2 * len(spoken(SENTENCES[1])) / RATE
    assert heard.said[-1].end == pytest.approx(600 + seconds / 2, abs=1.2)
    assert heard.money == pytest.approx(seconds / 60 * price)


def test_a_model_without_times_gets_pieces_of_half_a_minute(address: tuple[str, Any]) -> None:
    told = {
        model: OpenAiTranscriber(address[0], None, model).sound_seconds for model in ("whisper-1", "gpt-4o-transcribe")
    }

    assert told == {"whisper-1": 600, "gpt-4o-transcribe": 30}
    assert (
        Perception(OpenAiTranscriber(address[0], None, "gpt-4o-transcribe"), None, "later").senses.sound_seconds == 30
    )


def test_openai_describes_a_picture_and_tells_the_price(address: tuple[str, Any], tmp_path: Path) -> None:
    url, lookalike = address
    lookalike.script.append(Reply(text="A board with prices."))
    lookalike.requests.clear()

    described = OpenAiDescriber(url, Secret(KEY), "gpt-local-mini").describe(b"RIFF....WEBP", "de")

    assert described.text == "A board with prices."
    (asked,) = lookalike.requests
    text, picture = asked["messages"][0]["content"]
    assert "code 'de'" in text["text"]
    assert picture["image_url"]["url"].startswith("data:image/webp;base64,")


class Scripted:
    """A server that answers in turn."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers, self.pauses = list(answers), list[float]()
        self.client = httpx.Client(transport=httpx.MockTransport(lambda _: self.answers.pop(0)))

    def transcriber(self, model: str = "whisper-1") -> OpenAiTranscriber:
        return OpenAiTranscriber("http://localhost/v1", None, model, client=self.client, sleep=self.pauses.append)


def test_a_vendor_that_is_busy_is_asked_again_and_one_that_refuses_is_not() -> None:
    busy = [httpx.Response(429, json={"error": {"code": "rate_limit_exceeded"}}), httpx.Response(503)]
    patient = Scripted(*busy, httpx.Response(200, json={"text": "Hello.", "segments": None}))
    refusing = Scripted(httpx.Response(401, json={"error": {"code": "invalid_api_key", "message": "sk-secret"}}))
    empty = Scripted(httpx.Response(429, json={"error": {"code": "insufficient_quota"}}))

    assert [said.text for said in patient.transcriber().transcribe(sounds(0), "en").said] == ["Hello."]
    assert patient.pauses == [1, 4]
    for server, message in ((refusing, "check OPENAI_API_KEY"), (empty, "insufficient_quota")):
        with pytest.raises(VendorError, match=message) as failed:
            server.transcriber().transcribe(sounds(0), "en")
        assert not failed.value.retryable
        assert "secret" not in failed.value.message
        assert server.pauses == []


def test_what_whisper_makes_up_in_silence_is_left_out() -> None:
    made_up = {"start": 0, "end": 2, "text": "Thanks for watching!", "no_speech_prob": 0.95, "avg_logprob": -1.4}
    real = {"start": 2, "end": 1, "text": " Notice is 30 days. ", "no_speech_prob": 0.1, "avg_logprob": -0.2}
    server = Scripted(httpx.Response(200, json={"text": "", "segments": [made_up, real]}))

    (said,) = server.transcriber().transcribe(sounds(10), "en").said

    assert (said.start, said.end, said.text) == (12, 12, "Notice is 30 days.")


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"text": 3}', b'{"segments": [{}]}'])
def test_an_answer_of_another_shape_is_the_vendors_failure(content: bytes) -> None:
    with pytest.raises(VendorError, match="unknown shape"):
        Scripted(httpx.Response(200, content=content)).transcriber().transcribe(sounds(0), "en")


def test_without_a_key_the_vendor_is_not_asked() -> None:
    with pytest.raises(NotConfigured, match="OPENAI_API_KEY"):
        OpenAiTranscriber("https://api.openai.com/v1", None, "whisper-1").transcribe(sounds(0), "en")


# Amazon

BUCKET = "media"


def amazon(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def result(*words: tuple[str, float, float]) -> bytes:
    items: list[dict[str, Any]] = []
    for word, start, end in words:
        if start < 0:
            items.append({"type": "punctuation", "alternatives": [{"content": word}]})
        else:
            timed = {"start_time": str(start), "end_time": str(end)}
            items.append({"type": "pronunciation", "alternatives": [{"content": word, "confidence": "0.99"}], **timed})
    return json.dumps({"results": {"transcripts": [], "items": items}}).encode()


@pytest.mark.parametrize("already_running", [False, True])
def test_amazon_hears_a_piece_by_a_job_that_is_named_after_it_and_leaves_nothing(already_running: bool) -> None:
    (sound,) = sounds(100)
    name = f"aisdr-{hashlib.sha256(sound.data).hexdigest()[:40]}-enUS"
    with mock_aws():
        s3, transcribe = amazon("s3"), amazon("transcribe")
        s3.create_bucket(Bucket=BUCKET)
        stubber = Stubber(transcribe)
        wanted = {
            "TranscriptionJobName": name,
            "Media": {"MediaFileUri": f"s3://{BUCKET}/{PREFIX}{name}.ogg"},
            "MediaFormat": "ogg",
            "OutputBucketName": BUCKET,
            "OutputKey": f"{PREFIX}{name}.json",
            "LanguageCode": "en-US",
        }
        if already_running:
            stubber.add_client_error("start_transcription_job", "ConflictException", expected_params=wanted)
        else:
            stubber.add_response("start_transcription_job", {"TranscriptionJob": {}}, wanted)
        for status in ("IN_PROGRESS", "COMPLETED"):
            told = {"TranscriptionJob": {"TranscriptionJobStatus": status}}
            stubber.add_response("get_transcription_job", told, {"TranscriptionJobName": name})
        stubber.add_response("delete_transcription_job", {}, {"TranscriptionJobName": name})
        words = [
            ("Notice", 0.5, 0.9),
            ("is", 1.0, 1.1),
            ("30", 1.2, 1.5),
            (".", -1, 0),
            ("Yes", 2.0, 2.2),
            ("so", 9.0, 9.3),
        ]
        pauses: list[float] = []

        def write(seconds: float) -> None:
            pauses.append(seconds)
            assert s3.get_object(Bucket=BUCKET, Key=f"{PREFIX}{name}.ogg")["Body"].read() == sound.data
            s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}{name}.json", Body=result(*words))

        with stubber:
            heard = AmazonTranscriber(transcribe, s3, BUCKET, sleep=write).transcribe([sound], "en-US")

        assert heard.said == (Said(100.5, 101.5, "Notice is 30."), Said(102, 102.2, "Yes"), Said(109, 109.3, "so"))
        assert heard.money == pytest.approx(15 / 60 * 0.024)  # a piece of four seconds costs as much as one of fifteen
        assert pauses == [5]
        assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(("language", "wanted"), [("de", "de-DE"), ("pt-PT", "pt-PT"), ("ja", "ja-JP"), ("eo", None)])
def test_amazon_is_told_the_language_with_its_country_or_finds_out_itself(language: str, wanted: str | None) -> None:
    with mock_aws():
        s3, transcribe = amazon("s3"), amazon("transcribe")
        s3.create_bucket(Bucket=BUCKET)
        with Stubber(transcribe) as stubber:
            spoken_in = {"LanguageCode": wanted} if wanted else {"IdentifyLanguage": True}
            named = dict.fromkeys(
                ("TranscriptionJobName", "Media", "MediaFormat", "OutputBucketName", "OutputKey"), ANY
            )
            stubber.add_response("start_transcription_job", {"TranscriptionJob": {}}, named | spoken_in)
            failed = {"TranscriptionJobStatus": "FAILED", "FailureReason": "The media is silent."}
            stubber.add_response("get_transcription_job", {"TranscriptionJob": failed})
            stubber.add_response("delete_transcription_job", {})

            with pytest.raises(VendorError, match="The media is silent"):
                AmazonTranscriber(transcribe, s3, BUCKET).transcribe(sounds(0), language)

        assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


def test_amazon_that_refuses_names_the_remedy() -> None:
    with mock_aws():
        s3, transcribe = amazon("s3"), amazon("transcribe")
        s3.create_bucket(Bucket=BUCKET)
        with Stubber(transcribe) as stubber:
            stubber.add_client_error("start_transcription_job", "AccessDeniedException")

            with pytest.raises(VendorError, match=r"AccessDeniedException.*role's rights"):
                AmazonTranscriber(transcribe, s3, BUCKET).transcribe(sounds(0), "en")


def test_a_vision_model_on_bedrock_describes_a_picture_and_tells_the_price() -> None:
    bedrock = amazon("bedrock-runtime")
    told = {
        "output": {"message": {"role": "assistant", "content": [{"text": " A board\nwith prices. "}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100},
        "metrics": {"latencyMs": 300},
    }
    with Stubber(bedrock) as stubber:
        stubber.add_response(
            "converse", told, {"modelId": "eu.amazon.nova-lite-v1:0", "messages": ANY, "inferenceConfig": ANY}
        )

        described = BedrockDescriber(bedrock, "eu.amazon.nova-lite-v1:0").describe(b"RIFF", "en")

    assert described.text == "A board with prices."
    assert described.money == pytest.approx((1000 * 0.06 + 100 * 0.24) / 1e6)


def test_bedrock_that_refuses_names_the_remedy() -> None:
    bedrock = amazon("bedrock-runtime")
    with Stubber(bedrock) as stubber:
        stubber.add_client_error("converse", "ValidationException", "secret material")

        with pytest.raises(VendorError, match="AISDR_DESCRIBER sees pictures") as refused:
            BedrockDescriber(bedrock, "amazon.nova-lite-v1:0").describe(b"RIFF", "en")
    assert "secret" not in refused.value.message


# Settings


@pytest.mark.parametrize(
    ("transcriber", "describer", "senses"),
    [
        ("moonshine", "", Senses("here", 600, False)),
        ("off", "", Senses("off", 600, False)),
        ("openai:whisper-1", "openai:gpt-4o-mini", Senses("later", 600, True)),
        ("openai:gpt-4o-transcribe", "", Senses("later", 30, False)),
        ("transcribe", "bedrock:eu.amazon.nova-lite-v1:0", Senses("later", 1800, True)),
    ],
)
def test_settings_say_who_hears_and_sees(
    transcriber: str, describer: str, senses: Senses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    given = {"AISDR_TRANSCRIBER": transcriber, "AISDR_DESCRIBER": describer}

    assert Services(Settings.from_environment(given)).perception.senses == senses


@pytest.mark.parametrize("given", [{"AISDR_TRANSCRIBER": "google"}, {"AISDR_DESCRIBER": "moonshine"}])
def test_a_vendor_that_nobody_knows_is_refused_by_name(given: dict[str, str]) -> None:
    with pytest.raises(NotConfigured, match=next(iter(given))):
        Settings.from_environment(given)
