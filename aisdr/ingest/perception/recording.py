"""A clip or a sound file, opened without believing it: only as what its name says, and only from this very file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aisdr.ingest.perception.base import Chapter, Said

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

FORMATS = {
    ".webm": "matroska",
    ".mp4": "mov",
    ".m4v": "mov",
    ".mov": "mov",
    ".m4a": "mov",
    ".mp3": "mp3",
    ".wav": "wav",
    ".ogg": "ogg",
    ".opus": "ogg",
    ".flac": "flac",
}
"""FFmpeg would otherwise guess from the content, and follow a list of addresses that is called `tour.mp4`."""

LONGEST_SECONDS = 4 * 3600
"""Of a recording. A conference day is a fair file; what says more of itself is mistaken or means harm."""
MOST_PIXELS = 8192 * 4320
"""Of a frame: 8K. One that is larger takes more memory than a reader has."""
MOST_CHAPTERS = 500
_OPTIONS = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}


class BrokenRecording(Exception):
    """It cannot be opened or holds neither sound nor pictures."""


@dataclass(frozen=True)
class Facts:
    """What a recording says of itself."""

    seconds: float
    chapters: tuple[Chapter, ...]
    size: tuple[int, int] | None
    """Width and height of its pictures; None where there are none."""
    has_sound: bool
    codecs: frozenset[str]


@contextmanager
def opened(path: Path) -> "Iterator[InputContainer]":
    """Raises: BrokenRecording, also for what goes wrong inside of the block."""
    import av  # FFmpeg's libraries: a tenth of a second that other readers need not wait for

    try:
        with av.open(str(path), format=FORMATS[path.suffix.lower()], options=_OPTIONS, metadata_errors="replace") as it:
            yield it
    except (av.FFmpegError, ValueError) as error:
        reason = " ".join(str(error).split()).replace(str(path), path.name)
        raise BrokenRecording(f"{path.name} is not a whole {path.suffix} file ({reason})") from error


def facts(path: Path) -> Facts:
    """Raises: BrokenRecording."""
    with opened(path) as container:
        pictures, sound = picture_track(container), sound_track(container)
        if pictures is None and sound is None:
            raise BrokenRecording(f"{path.name} is not a whole {path.suffix} file (neither sound nor pictures)")
        seconds = container.duration / 1_000_000 if container.duration else 0.0
        size = (pictures.codec_context.width, pictures.codec_context.height) if pictures else None
        names = {each.codec_context.name for each in (pictures, sound) if each is not None}
        return Facts(seconds, _chapters(container), size, sound is not None, frozenset(names))


def picture_track(container: "InputContainer") -> "VideoStream | None":
    """The first one that can be decoded and is no cover."""
    tracks = (each for each in container.streams.video if not _is_cover(each))
    return next((each for each in tracks if getattr(each, "codec_context", None)), None)


def sound_track(container: "InputContainer") -> "AudioStream | None":
    """The first one that can be decoded."""
    tracks = (each for each in container.streams.audio if getattr(each, "codec_context", None))
    return next((each for each in tracks if each.codec_context.sample_rate), None)


def subtitles(path: Path) -> list[Said]:
    """What the first text track inside of a clip says; pictures of text are left alone. Raises: BrokenRecording."""
    with opened(path) as container:
        track = next((each for each in container.streams.subtitles if _is_text(each)), None)
        if track is None:
            return []
        said = []
        for packet in container.demux(track):
            if packet.pts is None or packet.time_base is None:
                continue
            start = float(packet.pts * packet.time_base)
            seconds = float((packet.duration or 0) * packet.time_base)
            text = " ".join(" ".join(_words(subtitle) for subtitle in packet.decode()).split())
            if text:
                said.append(Said(round(start, 3), round(start + seconds, 3), text))
        return said


def _words(subtitle: object) -> str:
    dialogue = getattr(subtitle, "dialogue", b"") or b""
    return dialogue.decode("utf-8", "replace").replace("\\N", " ") if isinstance(dialogue, bytes) else ""


def _is_text(track: object) -> bool:
    return getattr(getattr(track, "codec_context", None), "name", "") in {"subrip", "srt", "webvtt", "mov_text", "ass"}


def _is_cover(stream: object) -> bool:
    """The picture of an album or a podcast is kept as a video of one frame."""
    from av.stream import Disposition

    return bool(getattr(stream, "disposition", Disposition(0)) & Disposition.attached_pic)


def _chapters(container: "InputContainer") -> tuple[Chapter, ...]:
    found = []
    for each in container.chapters()[:MOST_CHAPTERS]:
        title = " ".join(str(each["metadata"].get("title", "")).split())[:200]
        if title and each["time_base"]:
            found.append(Chapter(round(float(each["start"] * each["time_base"]), 3), title))
    return tuple(sorted(found, key=lambda chapter: chapter.start))
