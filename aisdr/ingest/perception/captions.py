"""Captions: read from WebVTT and SubRip, joined into pieces that hold a thought, and written as WebVTT."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from aisdr.ingest.perception.base import Chapter, Said

SHORTEST_SECONDS = 15
LONGEST_SECONDS = 30
PAUSE_SECONDS = 5
"""Who says nothing for so long begins with something else."""
WEBVTT_TYPE = "text/vtt; charset=utf-8"
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？")


class BrokenCaptions(Exception):
    """The file is no captions; the message says what is wrong with it."""


def read_captions(path: Path) -> list[Said]:
    """What a `.vtt` or `.srt` file says, in its own order and without mark-up.

    Raises:
        BrokenCaptions: neither WebVTT nor SubRip, no UTF-8, or times that go backwards.
    """
    is_subrip = path.suffix.lower() == ".srt"
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\x00", "")
        captions = WebVTT.from_buffer(io.StringIO(text), "srt" if is_subrip else "vtt").captions
        said = [Said(_seconds(each.start_time), _seconds(each.end_time), _plain(each.text)) for each in captions]
    except (MalformedFileError, MalformedCaptionError, UnicodeDecodeError, ValueError) as error:
        form = "SubRip" if is_subrip else "WebVTT"
        raise BrokenCaptions(f"the captions {path.name} are not valid {form}: {error}") from error
    for each in said:
        if each.end < each.start:
            raise BrokenCaptions(f"the captions {path.name} have a caption that ends before it starts: '{each.text}'")
    if text.count("-->") > 0 and not said:
        raise BrokenCaptions(f"the captions {path.name} hold no time that can be read (00:01:02.500 --> 00:01:05.000)")
    return [each for each in said if each.text]


def merge(said: Iterable[Said], chapters: Sequence[Chapter] = ()) -> list[Said]:
    """Joins captions until a thought is likely to be complete: a sentence's end after 15 s, or 30 s at the latest.

    Never over a long pause or the beginning of a chapter.
    """
    merged: list[Said] = []
    current: Said | None = None
    for caption in said:
        if current is None:
            current = caption
        elif (
            caption.end - current.start > LONGEST_SECONDS
            or caption.start - current.end > PAUSE_SECONDS
            or chapter_at(chapters, caption.start) != chapter_at(chapters, current.start)
        ):
            merged.append(current)
            current = caption
        else:
            current = Said(current.start, max(current.end, caption.end), f"{current.text} {caption.text}")
        if current.end - current.start >= SHORTEST_SECONDS and current.text.endswith(_SENTENCE_ENDS):
            merged.append(current)
            current = None
    return [*merged, current] if current else merged


def chapter_at(chapters: Sequence[Chapter], second: float) -> str | None:
    """The title of the chapter in which a second lies."""
    begun = [chapter.title for chapter in chapters if chapter.start <= second + 0.05]
    return begun[-1] if begun else None


def webvtt(said: Iterable[Said]) -> bytes:
    """Captions that browsers can show under a clip."""
    cues = (f"{_time(each.start)} --> {_time(each.end)}\n{_escaped(each.text)}\n" for each in said)
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _seconds(time: object) -> float:
    return float(getattr(time, "in_milliseconds")()) / 1000  # noqa: B009


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "→").replace(">", "&gt;")
