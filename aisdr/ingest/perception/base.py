"""What a reader leaves for whoever has the vendors' keys, and what those vendors give back.

Readers run in a process that holds no secret and reaches no network. They put sound and pictures aside, and
`complete` has them heard and described where the keys are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from aisdr.index.base import Media

DESCRIBED_SIDE = 1568
"""Pixels. Vision models make larger pictures smaller themselves, and Bedrock takes no more than 3.75 MB."""

Hearing = Literal["here", "later", "off"]
"""Speech is written down while reading, by a vendor afterwards, or not at all."""


@dataclass(frozen=True)
class Senses:
    """What a reader does itself and what it leaves for later. Chunks depend on it, as they do on labels."""

    hearing: Hearing = "here"
    sound_seconds: float = 600
    """How long a piece of sound may be that is left for later."""
    describing: bool = False
    """Whether somebody will say what pictures show that no one has described."""


@dataclass(frozen=True)
class Said:
    """Some words of a recording. Seconds from its beginning."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Chapter:
    start: float
    title: str


@dataclass(frozen=True)
class Sound:
    """A piece of a recording: Ogg with Opus, mono. `start` is where it stands in the recording."""

    content: Path | bytes
    start: float
    seconds: float

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


@dataclass(frozen=True)
class Unheard:
    """Speech of a clip that is still to be written down, and what its pieces need besides."""

    sounds: tuple[Sound, ...]
    media: Media
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True)
class Undescribed:
    """A piece of a document whose picture nobody has described: its place among the pieces, and the picture.

    WebP, at most `DESCRIBED_SIDE` pixels a side: whoever describes it need not open what strangers made.
    """

    piece: int
    picture: Path | bytes

    @property
    def data(self) -> bytes:
        return self.picture if isinstance(self.picture, bytes) else self.picture.read_bytes()


@dataclass(frozen=True)
class Heard:
    """What was said, and what it cost in dollars to know it."""

    said: tuple[Said, ...]
    money: float = 0.0


@dataclass(frozen=True)
class Description:
    """What a picture shows in a few sentences, and what it cost in dollars."""

    text: str
    money: float = 0.0


class Transcriber(Protocol):
    """Writes down speech.

    Raises:
        VendorError: the vendor failed.
        NotConfigured: its key, credentials or region is missing.
    """

    sound_seconds: float
    """The longest piece that is told apart well enough: one without times of its own is cited as a whole."""

    def transcribe(self, sounds: Sequence[Sound], language: str) -> Heard:
        """`language` is that of the source, such as `en` or `pt-BR`. The times are those of the whole recording."""
        ...


class Describer(Protocol):
    """Says what a picture shows.

    Raises:
        VendorError: the vendor failed.
        NotConfigured: its key, credentials or region is missing.
    """

    def describe(self, picture: bytes, language: str) -> Description:
        """`picture` is a WebP file, `language` that of the answer."""
        ...


@dataclass(frozen=True)
class Perception:
    """Whom an ingestion asks. `hearing` is `later` exactly when there is a transcriber."""

    transcriber: Transcriber | None = None
    describer: Describer | None = None
    hearing: Hearing = "here"

    @property
    def senses(self) -> Senses:
        """What readers are told."""
        seconds = self.transcriber.sound_seconds if self.transcriber else Senses.sound_seconds
        return Senses(self.hearing, seconds, self.describer is not None)
