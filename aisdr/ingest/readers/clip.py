"""What clips with pictures and clips of sound have in common: what is said in them, second by second."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aisdr.configuration import primary
from aisdr.index.base import Locator, Media
from aisdr.ingest.perception import moonshine, sound
from aisdr.ingest.perception.base import Chapter, Said, Sound, Unheard
from aisdr.ingest.perception.captions import WEBVTT_TYPE, BrokenCaptions, chapter_at, merge, read_captions, webvtt
from aisdr.ingest.perception.recording import LONGEST_SECONDS, BrokenRecording, Facts, facts, subtitles
from aisdr.ingest.readers.base import Piece, Publication, SourceFile, Unreadable

CAPTION_ENDINGS = (".vtt", ".srt")


@dataclass(frozen=True)
class Speech:
    """What is said in a recording, or the sound in which it is said; and the captions that browsers show."""

    said: tuple[Said, ...] = ()
    captions: Publication | None = None
    sounds: tuple[Sound, ...] = ()
    remarks: tuple[str, ...] = ()

    def unheard(self, media: Media, chapters: tuple[Chapter, ...]) -> Unheard | None:
        return Unheard(self.sounds, media, chapters) if self.sounds else None


def facts_of(file: SourceFile) -> Facts:
    """Raises: Unreadable."""
    try:
        return facts(file.path)
    except BrokenRecording as error:
        raise Unreadable(str(error)) from error


def speech_of(file: SourceFile, known: Facts) -> Speech:
    """Captions beside the file, else those inside of it, else what the recogniser hears.

    Raises:
        Unreadable: captions that are none.
    """
    beside = next((path for ending in CAPTION_ENDINGS if (path := file.beside(ending))), None)
    if beside is not None:
        return _beside(file, beside)
    try:
        inside = tuple(subtitles(file.path))
    except BrokenRecording:
        inside = ()
    if inside:
        return Speech(inside, _made(file, inside))
    if not known.has_sound or file.senses.hearing == "off":
        return Speech()
    return _put_aside(file, known) if file.senses.hearing == "later" else _heard(file, known)


def spoken_pieces(said: Sequence[Said], media: Media, chapters: Sequence[Chapter]) -> list[Piece]:
    """Pieces of a quarter to half a minute, each opening the clip at its second."""
    return [
        Piece(
            each.text,
            f"{media.url}#t={each.start:g}",
            "video",
            Locator(heading=chapter_at(chapters, each.start), start=each.start, end=each.end),
            media,
        )
        for each in merge(said, chapters)
    ]


def _beside(file: SourceFile, path: Path) -> Speech:
    try:
        said = tuple(read_captions(path))
    except BrokenCaptions as error:
        raise Unreadable(str(error)) from error
    if path.suffix.lower() == ".vtt":
        return Speech(said, file.publication(path, WEBVTT_TYPE))
    return Speech(said, _made(file, said))  # browsers read no SubRip


def _heard(file: SourceFile, known: Facts) -> Speech:
    if primary(file.labels.language) not in moonshine.LANGUAGES:
        remark = (
            f"what is said in '{file.labels.language}' was not written down: put captions beside it (.vtt), or set "
            "AISDR_TRANSCRIBER to a vendor who knows the language"
        )
        return Speech(remarks=(remark,))
    said: list[Said] = []
    broken: tuple[str, ...] = ()
    try:
        for start, samples in sound.pieces(file.path, moonshine.PIECE_SECONDS):
            file.tell(round(start), max(round(start), round(known.seconds)))
            said += moonshine.written_down([(start, samples)])
    except BrokenRecording as error:
        broken = (f"heard only as far as it is whole: {error}",)
    long = (_too_long(),) if known.seconds > LONGEST_SECONDS else ()
    return Speech(tuple(said), _made(file, said) if said else None, remarks=(*broken, *long))


def _put_aside(file: SourceFile, known: Facts) -> Speech:
    sounds: list[Sound] = []
    broken: tuple[str, ...] = ()
    try:
        for start, samples in sound.pieces(file.path, file.senses.sound_seconds):
            file.tell(round(start), max(round(start), round(known.seconds)))
            kept = file.made(sound.opus(samples), "audio/ogg", ".ogg").content
            sounds.append(Sound(kept, start, len(samples) / sound.RATE))
    except BrokenRecording as error:
        broken = (f"heard only as far as it is whole: {error}",)
    return Speech(sounds=tuple(sounds), remarks=broken)


def _too_long() -> str:
    return f"only the first {LONGEST_SECONDS // 3600} hours were listened to: cut it into parts"


def _made(file: SourceFile, said: Sequence[Said]) -> Publication:
    return file.made(webvtt(said), WEBVTT_TYPE, ".vtt")
