"""What was read aloud before, by its content: greetings and common answers are bought once.

Objects are named by a keyed digest, because the bucket's objects can be fetched by whoever knows their names.
"""

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.observability import logger
from aisdr.speech.base import Audio
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEPT_SECONDS = 7 * 24 * 3600
"""An answer may name the visitor, so it is not kept for long; the bucket's own rule deletes what is older."""


class Recordings:
    """Audio in the media bucket under `speech/{company}/`. A bucket that fails is an empty one."""

    def __init__(self, s3: "S3Client", bucket: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._secret = secret.encode()[:64]
        self._clock = clock

    def get(self, scope: TenantScope, sound: str, text: str) -> Audio | None:
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=self._key(scope, sound, text))
            if found["LastModified"].timestamp() < self._clock() - KEPT_SECONDS:
                return None
            return Audio(found["Body"].read(), found["ContentType"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                logger.warning("recording not read", error=error.response["Error"]["Code"])
        except BotoCoreError as error:
            logger.warning("recording not read", error=type(error).__name__)
        return None

    def put(self, scope: TenantScope, sound: str, text: str, audio: Audio) -> None:
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key(scope, sound, text),
                Body=audio.data,
                ContentType=audio.media_type,
                CacheControl="private, no-store",
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("recording not kept", error=type(error).__name__)

    def _key(self, scope: TenantScope, sound: str, text: str) -> str:
        digest = hashlib.blake2b(f"{sound}\n{text}".encode(), key=self._secret, digest_size=32).hexdigest()
        return f"speech/{scope.company_id}/{digest}.mp3"
