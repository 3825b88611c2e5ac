"""Text to speech on the server, by Amazon Polly: for browsers without a voice of their own."""

from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import InvalidInput, VendorError

if TYPE_CHECKING:
    from mypy_boto3_polly import PollyClient
    from mypy_boto3_polly.literals import LanguageCodeType, VoiceIdType

MAX_CHARACTERS = 3000
"""Polly's own limit of billed characters a call."""


class Speech:
    """Speaks one text as MP3. `voice` is a Polly voice that has a neural engine."""

    def __init__(self, polly: "PollyClient", voice: str) -> None:
        self._polly = polly
        self._voice = cast("VoiceIdType", voice)

    def speak(self, text: str, language: str) -> bytes:
        """Returns MP3 audio; `language` is a tag such as `en-US`.

        Raises:
            InvalidInput: the text is too long, or Polly does not speak the language.
            VendorError: Polly failed.
        """
        try:
            answer = self._polly.synthesize_speech(
                Text=text,
                VoiceId=self._voice,
                Engine="neural",
                LanguageCode=cast("LanguageCodeType", language),
                OutputFormat="mp3",
            )
            return answer["AudioStream"].read()
        except ClientError as error:
            match error.response["Error"]["Code"]:
                case "TextLengthExceededException":
                    too_long = f"'text' is too long to be spoken; send at most {MAX_CHARACTERS} characters"
                    raise InvalidInput(too_long) from None
                case "LanguageNotSupportedException" | "ValidationException":
                    raise InvalidInput(f"'language' {language} is not spoken by the voice {self._voice}") from None
                case _:
                    raise VendorError("Speech is not available; the text stays readable", vendor="polly") from error
        except BotoCoreError as error:
            raise VendorError("Speech is not available; the text stays readable", vendor="polly") from error
