"""Reads a clip: what is said in it, piece by piece, and the text on its scenes as pictures with their second."""

from pathlib import Path

from aisdr.index.base import Locator, Media
from aisdr.ingest.perception import moonshine, ocr
from aisdr.ingest.perception.base import Undescribed
from aisdr.ingest.perception.captions import chapter_at
from aisdr.ingest.perception.frames import Frame, scenes
from aisdr.ingest.perception.layout import TextBlock, blocks, packed
from aisdr.ingest.perception.recording import MOST_PIXELS, BrokenRecording, Facts
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile
from aisdr.ingest.readers.clip import CAPTION_ENDINGS, Speech, facts_of, speech_of, spoken_pieces
from aisdr.ingest.readers.picture import CONTENT_TYPES as PICTURE_TYPES
from aisdr.ingest.readers.picture import PIECE_WORDS, first_words, measure, webp

CONTENT_TYPES = {".webm": "video/webm", ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime"}
_POSTER_ENDINGS = tuple(f".poster{ending}" for ending in PICTURE_TYPES)
_PLAYED = frozenset({"h264", "vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9", "aac", "mp3", "mp3float", "opus"})
_PLAYED |= {"libopus", "vorbis", "libvorbis", "flac"}
"""Codecs that every browser of these years decodes, under the names of FFmpeg's decoders."""
_SAYS_SOMETHING = 3
"""Words. Fewer on a frame are a logo in its corner or the name of a button."""
_SAME_WORDS = 0.8
"""What repeats so much of a scene before, such as the frame of a window, adds nothing to be found by."""


class VideoReader:
    endings: tuple[str, ...] = tuple(CONTENT_TYPES)
    companion_endings: tuple[str, ...] = (*CAPTION_ENDINGS, ".toml", *_POSTER_ENDINGS)

    def read(self, file: SourceFile) -> Document:
        known, labels = facts_of(file), file.labels
        speech = speech_of(file, known)
        moonshine.forget()
        url, originals = file.opened_at(CONTENT_TYPES[file.path.suffix.lower()])
        shown = _Shown(file, known, url)
        poster = _poster(file) or shown.poster
        size = shown.poster_size(poster)
        media = Media(
            kind="clip",
            url=url,
            alt=labels.alt or file.title,
            caption=labels.caption,
            width=size[0] if size else None,
            height=size[1] if size else None,
            poster=file.url(poster.path) if poster else None,
            captions_url=file.url(speech.captions.path) if speech.captions else None,
        )
        pieces = spoken_pieces(speech.said, media, known.chapters)
        if labels.caption:
            pieces.insert(0, Piece(labels.caption, url, "video", Locator(start=0), media))
        if not (pieces or shown.pieces or speech.sounds):
            raise NothingToRead(_nothing(file, speech))
        beside = (*((speech.captions,) if speech.captions else ()), *((poster,) if poster else ()))
        return Document(
            file.title,
            labels,
            (*pieces, *shown.pieces),
            tuple({each.path: each for each in (*originals, *beside, *shown.publications)}.values()),
            remarks=(*speech.remarks, *shown.remarks, *_remarks(file, known)),
            unheard=speech.unheard(media, known.chapters),
            undescribed=tuple(
                Undescribed(len(pieces) + place, picture)
                for place, picture in enumerate(shown.pictures)
                if file.senses.describing
            ),
        )


class _Shown:
    """What the scenes of a clip show: a poster, and a piece for each that says something."""

    def __init__(self, file: SourceFile, known: Facts, url: str) -> None:
        self._file, self._known, self._url = file, known, url
        self.poster: Publication | None = None
        self.pieces: list[Piece] = []
        self.publications: list[Publication] = []
        self.pictures: list[Path | bytes] = []
        """For each piece."""
        self.remarks: tuple[str, ...] = ()
        self._wanted = file.pictures_seen or file.senses.describing
        self._size: tuple[int, int] | None = None
        self._said: list[set[str]] = []
        if known.size is None or known.size[0] * known.size[1] > MOST_PIXELS:
            return
        try:
            for frame in scenes(file.path, known.seconds, file.tell):
                self._see(frame)
        except BrokenRecording as error:
            self.remarks = (f"seen only as far as it is whole: {error}",)

    def poster_size(self, poster: Publication | None) -> tuple[int, int] | None:
        if poster is None or poster == self.poster:
            return self._size
        return measure(poster.content) if isinstance(poster.content, Path) else None

    def _see(self, frame: Frame) -> None:
        picture: Publication | None = None
        if self.poster is None:
            self.poster = picture = self._made(frame)
            self._size = frame.picture.size
        read = blocks(ocr.read(frame.picture))
        groups = packed(read, PIECE_WORDS) if sum(block.words for block in read) >= _SAYS_SOMETHING else []
        news = [group for group in groups if self._is_news(group)]
        if (groups and not news) or not (groups or self._wanted):
            return
        picture = picture or self._made(frame)
        self.publications.append(picture)
        for group in news or [[]]:
            self.pieces.append(self._piece(frame, picture, group))
            self.pictures.append(picture.content)

    def _piece(self, frame: Frame, picture: Publication, group: list[TextBlock]) -> Piece:
        at = f"{int(frame.second) // 60}:{int(frame.second) % 60:02d}"
        text = "\n".join(block.text for block in group)
        alt = f"{self._file.title} at {at}" + (f": {first_words(text)}" if text else "")
        url, (width, height) = self._file.url(picture.path), frame.picture.size
        media = Media(kind="image", url=url, alt=alt, width=width, height=height)
        locator = Locator(
            heading=chapter_at(self._known.chapters, frame.second),
            box=ocr.union([block.box for block in group]) if group else None,
            start=frame.second,
        )
        return Piece(text or alt, f"{self._url}#t={frame.second:g}", "image", locator, media)

    def _is_news(self, group: list[TextBlock]) -> bool:
        """Whether no scene before has said so. Another number is news, in however many words."""
        words = {word for block in group for word in block.text.lower().split()}
        for said in self._said:
            new = words - said
            if len(new) <= (1 - _SAME_WORDS) * len(words) and not any(map(_has_digit, new)):
                return False
        self._said.append(words)
        return True

    def _made(self, frame: Frame) -> Publication:
        return self._file.made(webp(frame.picture), "image/webp", ".webp")


def _has_digit(word: str) -> bool:
    return any(sign.isdigit() for sign in word)


def _poster(file: SourceFile) -> Publication | None:
    path = next((path for ending in _POSTER_ENDINGS if (path := file.beside(ending))), None)
    return file.publication(path, PICTURE_TYPES[path.suffix.lower()]) if path else None


def _nothing(file: SourceFile, speech: Speech) -> str:
    reason = speech.remarks[0] if speech.remarks else "nobody says anything in the clip, and no text is to be seen"
    return f"{reason}; captions beside it ({file.path.stem}.vtt) or a caption label make it found"


def _remarks(file: SourceFile, known: Facts) -> tuple[str, ...]:
    remarks = []
    if strange := sorted(known.codecs - _PLAYED):
        remarks.append(f"not every browser plays {', '.join(strange)}: save the clip as MP4 with H.264 and AAC")
    elif file.path.suffix.lower() == ".mov":
        remarks.append("not every browser plays .mov: save the clip as .mp4")
    if known.size and known.size[0] * known.size[1] > MOST_PIXELS:
        remarks.append("its frames are larger than 8K, so they were not looked at")
    if file.labels.tavus:
        remarks.append("Tavus cannot read clips: only our own index knows this one")
    return tuple(remarks)
