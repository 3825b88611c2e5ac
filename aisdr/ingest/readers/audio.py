"""Reads a recording of sound, such as a podcast: what is said in it, each piece opening it at its second."""

from aisdr.index.base import Locator, Media
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, SourceFile
from aisdr.ingest.readers.clip import CAPTION_ENDINGS, facts_of, speech_of, spoken_pieces

CONTENT_TYPES = {
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
}


class AudioReader:
    endings: tuple[str, ...] = tuple(CONTENT_TYPES)
    companion_endings: tuple[str, ...] = (*CAPTION_ENDINGS, ".toml")

    def read(self, file: SourceFile) -> Document:
        known, labels = facts_of(file), file.labels
        speech = speech_of(file, known)
        if not (speech.said or speech.sounds or labels.caption):
            reason = speech.remarks[0] if speech.remarks else "nobody says anything in it that can be made out"
            raise NothingToRead(f"{reason}; captions beside it ({file.path.stem}.vtt) or a caption label make it found")
        url, originals = file.opened_at(CONTENT_TYPES[file.path.suffix.lower()])
        publications = (*originals, *((speech.captions,) if speech.captions else ()))
        media = Media(
            kind="clip",
            url=url,
            alt=labels.alt or file.title,
            caption=labels.caption,
            captions_url=file.url(speech.captions.path) if speech.captions else None,
        )
        pieces = spoken_pieces(speech.said, media, known.chapters)
        if labels.caption:
            pieces.insert(0, Piece(labels.caption, url, "video", Locator(start=0), media))
        remarks = ("Tavus cannot hear recordings: only our own index knows this one",) if labels.tavus else ()
        return Document(
            file.title,
            labels,
            tuple(pieces),
            publications,
            remarks=(*speech.remarks, *remarks),
            unheard=speech.unheard(media, known.chapters),
        )
