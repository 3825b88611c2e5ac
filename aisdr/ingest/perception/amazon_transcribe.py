"""Transcripts by Amazon Transcribe: sound goes to the media bucket, a job listens, its result comes to the bucket.

https://docs.aws.amazon.com/transcribe/latest/APIReference/API_StartTranscriptionJob.html
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from aisdr.errors import NotConfigured, VendorError
from aisdr.ingest.perception.base import Heard, Said, Sound
from aisdr.ingest.perception.prices import AMAZON_LEAST_SECONDS, AMAZON_MINUTE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = ".transcribing/"
"""In the media bucket, beside the companies. What lies there is gone when the run is over."""
POLL_SECONDS = 5.0
LONGEST_WAIT = 3600.0
"""Ten minutes of speech are written down in one or two; jobs above the account's quota wait for their turn."""

_USUAL = {"en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "pt": "pt-BR", "nl": "nl-NL"}
_USUAL |= {"ja": "ja-JP", "ko": "ko-KR", "zh": "zh-CN", "hi": "hi-IN", "sv": "sv-SE", "da": "da-DK", "pl": "pl-PL"}
"""Transcribe knows no language without a country; of any other it finds out itself which it is."""
_WHOLE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_RETRYABLE = frozenset({"LimitExceededException", "InternalFailureException", "ThrottlingException"})
_PAUSE_SECONDS = 1.5
_SENTENCE_ENDS = (".", "!", "?", "。")


class AmazonTranscriber:
    """Jobs are named by what they hear, so a run that was stopped finds them again.

    Args:
        transcribe: boto3's `transcribe`.
        sleep: waits between two looks at the jobs.
    """

    sound_seconds = 1800.0
    """A job takes four hours, but several go on at once; its words have times of their own."""

    def __init__(
        self,
        transcribe: Any,
        s3: "S3Client",
        bucket: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transcribe = transcribe
        self._s3 = s3
        self._bucket = bucket
        self._sleep = sleep

    def transcribe(self, sounds: Sequence[Sound], language: str) -> Heard:
        with _refusals():
            jobs = [(self._start(sound, language), sound) for sound in sounds]
            said = [each for job, sound in jobs for each in self._result(job, sound)]
            for job, _ in jobs:
                self._clear(job)
        seconds = sum(max(AMAZON_LEAST_SECONDS, sound.seconds) for sound in sounds)
        return Heard(tuple(said), seconds / 60 * AMAZON_MINUTE)

    def _start(self, sound: Sound, language: str) -> str:
        data = sound.data
        name = f"aisdr-{hashlib.sha256(data).hexdigest()[:40]}-{re.sub(r'[^A-Za-z0-9]', '', language)}"
        key = f"{PREFIX}{name}.ogg"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType="audio/ogg")
        code = language if _WHOLE.fullmatch(language) else _USUAL.get(language.partition("-")[0].lower())
        spoken: dict[str, Any] = {"LanguageCode": code} if code else {"IdentifyLanguage": True}
        try:
            self._transcribe.start_transcription_job(
                TranscriptionJobName=name,
                Media={"MediaFileUri": f"s3://{self._bucket}/{key}"},
                MediaFormat="ogg",
                OutputBucketName=self._bucket,
                OutputKey=f"{PREFIX}{name}.json",
                **spoken,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":  # it listens already
                raise
        return name

    def _result(self, job: str, sound: Sound) -> list[Said]:
        waited = 0.0
        while True:
            told = self._transcribe.get_transcription_job(TranscriptionJobName=job)["TranscriptionJob"]
            match told["TranscriptionJobStatus"]:
                case "COMPLETED":
                    break
                case "FAILED":
                    self._clear(job)
                    raise VendorError(f"Amazon Transcribe failed: {told.get('FailureReason', '')}", vendor="transcribe")
            if waited >= LONGEST_WAIT:
                raise VendorError(
                    f"Amazon Transcribe is not done after {waited:.0f} s", vendor="transcribe", retryable=True
                )
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        written = self._s3.get_object(Bucket=self._bucket, Key=f"{PREFIX}{job}.json")["Body"].read()
        try:
            return list(_sentences(json.loads(written)["results"]["items"], sound.start))
        except (ValueError, LookupError, TypeError) as error:
            raise VendorError("Amazon Transcribe answered nonsense", vendor="transcribe") from error

    def _clear(self, job: str) -> None:
        """A job that stays would be found again without its result."""
        self._transcribe.delete_transcription_job(TranscriptionJobName=job)
        for ending in (".ogg", ".json"):
            self._s3.delete_object(Bucket=self._bucket, Key=f"{PREFIX}{job}{ending}")


def _sentences(items: Sequence[dict[str, Any]], offset: float) -> Iterator[Said]:
    """Words become sentences: at a full stop, or where nobody speaks for a while."""
    text, start, end = "", 0.0, 0.0
    for item in items:
        word = item["alternatives"][0]["content"]
        if item["type"] == "punctuation":
            text += word if text else ""
            continue
        begins = float(item["start_time"])
        if text and (text.endswith(_SENTENCE_ENDS) or begins - end > _PAUSE_SECONDS):
            yield Said(round(offset + start, 2), round(offset + end, 2), text)
            text = ""
        start = begins if not text else start
        text, end = f"{text} {word}".strip(), float(item["end_time"])
    if text:
        yield Said(round(offset + start, 2), round(offset + end, 2), text)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (NoCredentialsError, NoRegionError) as error:
        raise NotConfigured("AWS credentials or region not configured: Transcribe cannot be asked") from error
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        message = f"Amazon Transcribe or the media bucket refused ({code}): check the role's rights and the region"
        raise VendorError(message, vendor="transcribe", retryable=code in _RETRYABLE) from error
    except BotoCoreError as error:
        raise VendorError("Amazon Transcribe cannot be reached", vendor="transcribe", retryable=True) from error
