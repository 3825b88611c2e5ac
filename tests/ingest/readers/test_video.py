"""A clip is found by what is said in it and by the text on its scenes, each at its second."""

from pathlib import Path

import av
import pytest
from PIL import Image

from aisdr.ingest.perception import frames
from aisdr.ingest.perception.base import Senses
from aisdr.ingest.readers.base import NothingToRead, Unreadable
from dev.serve import serving
from tests.ingest.material import CAPTIONS, draw, film, write
from tests.ingest.readers.conftest import Read
from tests.ingest.recordings import drawn, record, spoken

SENTENCES = ("Welcome to the tour of the price editor.", "Every change can be taken back within thirty days.")
SCENES = [(drawn("Price editor", "Open the board"), 4.0), (drawn("Undo within 30 days", ground="lightblue"), 4.0)]


def test_captions_become_spans_that_open_the_clip_at_their_second(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "tour.vtt", CAPTIONS)
    write(tmp_path / "tour.toml", 'title = "The tour"')
    draw(tmp_path / "tour.poster.webp", (160, 90))

    document = read(film(tmp_path / "tour.webm"))

    found = [(piece.text, piece.locator.start, piece.locator.end, piece.url) for piece in document.pieces]
    assert found == [
        ("Welcome to the tour. First you open the editor and choose a price.", 0, 20.25, "/media/acme/tour.webm#t=0"),
        ("Undo takes the change back.", 42, 50, "/media/acme/tour.webm#t=42"),
    ]
    media = document.pieces[0].media
    assert media
    assert (media.poster, media.captions_url) == ("/media/acme/tour.poster.webp", "/media/acme/tour.vtt")
    assert (media.width, media.height) == (160, 90)
    assert document.title == "The tour"
    assert {each.path: each.content_type for each in document.publications} == {
        "tour.webm": "video/webm",
        "tour.vtt": "text/vtt; charset=utf-8",
        "tour.poster.webp": "image/webp",
    }


def test_subrip_captions_are_read_and_published_as_webvtt(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "tour.srt", "1\n00:00:01,500 --> 00:00:04,000\nUndo <i>takes</i> it back & more.\n")

    document = read(film(tmp_path / "tour.mp4"))

    (piece,) = document.pieces
    assert (piece.locator.start, piece.locator.end) == (1.5, 4)
    published = next(each for each in document.publications if each.content_type.startswith("text/vtt"))
    assert isinstance(published.content, bytes)
    assert published.content.startswith(b"WEBVTT\n\n00:00:01.500 --> 00:00:04.000\nUndo ")
    assert piece.media
    assert piece.media.captions_url == f"/media/acme/{published.path}"


def test_no_span_is_longer_than_half_a_minute(tmp_path: Path, read: Read) -> None:
    cues = "\n".join(f"00:00:{n:02d}.000 --> 00:00:{n + 7:02d}.000\nand so on\n" for n in range(0, 50, 7))
    write(tmp_path / "tour.vtt", f"WEBVTT\n\n{cues}")

    spans = [(piece.locator.start, piece.locator.end) for piece in read(film(tmp_path / "tour.mp4")).pieces]

    assert spans == [(0, 28), (28, 56)]


def test_a_clip_without_captions_is_known_by_its_description_or_not_at_all(tmp_path: Path, read: Read) -> None:
    clip = film(tmp_path / "tour.webm")
    with pytest.raises(NothingToRead, match=r"tour\.vtt"):
        read(clip)

    write(tmp_path / "tour.toml", 'caption = "A tour of the editor"\ntavus = true')

    document = read(clip)
    assert [(piece.text, piece.locator.start) for piece in document.pieces] == [("A tour of the editor", 0)]
    assert not document.is_for_tavus
    assert "Tavus cannot read clips" in document.remarks[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tour.vtt", "these are no captions"),
        ("tour.vtt", "WEBVTT\n\n00:00:09.000 --> 00:00:02.000\nbackwards\n"),
        ("tour.vtt", "WEBVTT\n\n99 o'clock --> later\nnonsense\n"),
        ("tour.srt", "1\nsoon --> later\nnonsense\n"),
    ],
)
def test_broken_captions_are_unreadable(tmp_path: Path, read: Read, name: str, text: str) -> None:
    write(tmp_path / name, text)

    with pytest.raises(Unreadable, match=rf"the captions {name}"):
        read(film(tmp_path / "tour.webm"))


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".webm", ".mp4", ".mov"])
def test_what_is_said_and_shown_is_found_at_its_second_and_under_its_chapter(
    tmp_path: Path, read: Read, ending: str
) -> None:
    chapters = [(0, 4, "The board"), (4, 9, "Undo")]
    path = record(tmp_path / f"tour{ending}", SCENES, spoken(*SENTENCES, pause=2.0), chapters)

    document = read(path)

    said = [piece for piece in document.pieces if piece.modality == "video"]
    shown = [piece for piece in document.pieces if piece.modality == "image"]
    assert [(piece.text, piece.locator.start, piece.locator.heading) for piece in shown] == [
        ("Price editor\nOpen the board", 0, "The board"),
        ("Undo within 30 days", 4, "Undo"),
    ]
    assert [piece.url for piece in shown] == [f"/media/acme/tour{ending}#t=0", f"/media/acme/tour{ending}#t=4"]
    assert shown[1].media
    assert shown[1].media.alt == "Tour at 0:04: Undo within 30 days"
    assert "price editor" in said[0].text
    assert "thirty days" in said[-1].text
    assert [piece.locator.heading for piece in said] == ["The board", "Undo"]
    assert said[-1].locator.start == pytest.approx(5, abs=0.9)
    media = said[0].media
    assert media
    assert (media.width, media.height, media.poster) == (640, 360, shown[0].media and shown[0].media.url)
    captions = next(each.content for each in document.publications if f"/media/acme/{each.path}" == media.captions_url)
    assert isinstance(captions, bytes)
    assert captions.startswith(b"WEBVTT")
    assert (".mov" in document.remarks[0] if document.remarks else False) == (ending == ".mov")


def test_captions_inside_of_a_clip_are_read_and_published_for_browsers(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "tour.webm"
    with_subtitles(path, [(1.0, 3.0, "Undo takes the change back."), (40.0, 44.0, "That was all.")])

    document = read(path)

    found = [(piece.text, piece.locator.start, piece.locator.end) for piece in document.pieces]
    assert found == [("Undo takes the change back.", 1, 3), ("That was all.", 40, 44)]
    assert document.pieces[0].media
    assert document.pieces[0].media.captions_url


def test_a_scene_that_says_nothing_new_is_no_piece(tmp_path: Path, read: Read) -> None:
    same = [(drawn("Three words here", ground=ground), 3.0) for ground in ("white", "lightgreen")]
    scenes = [*same, (Image.effect_noise((640, 360), 60).convert("RGB"), 3.0), (drawn("Logo"), 3.0)]

    pieces = read(record(tmp_path / "tour.mp4", scenes)).pieces

    assert [(piece.text, piece.locator.start) for piece in pieces] == [("Three words here", 0)]


def test_of_a_clip_with_many_scenes_so_many_are_looked_at(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    grounds = ("white", "lightblue", "lightgreen", "pink", "yellow", "orange")
    scenes = [(drawn(f"Step number {place} of six", ground=ground), 3.0) for place, ground in enumerate(grounds)]
    monkeypatch.setattr(frames, "MOST_FRAMES", 3)

    pieces = read(record(tmp_path / "tour.mp4", scenes)).pieces

    assert len(pieces) == 3
    assert [piece.locator.start for piece in pieces] == [0, 6, 12]


@pytest.mark.slow
def test_sound_is_put_aside_for_a_vendor_and_scenes_for_whoever_describes_them(tmp_path: Path, read: Read) -> None:
    sound = spoken(*SENTENCES)
    path = record(tmp_path / "tour.webm", [(drawn("Price editor", "Open the board"), 8.0)], sound)

    document = read(path, senses=Senses("later", 600, describing=True))

    assert document.unheard
    (put_aside,) = document.unheard.sounds
    assert put_aside.start == 0
    assert put_aside.seconds == pytest.approx(len(sound) / 16_000, abs=0.1)
    assert put_aside.data.startswith(b"OggS")
    assert [piece.modality for piece in document.pieces] == ["image"]
    assert [asked.piece for asked in document.undescribed] == [0]
    assert document.undescribed[0].data in {each.content for each in document.publications}


def test_whoever_wants_no_ears_gets_none(tmp_path: Path, read: Read) -> None:
    path = record(tmp_path / "tour.webm", sound=spoken(*SENTENCES))

    with pytest.raises(NothingToRead):
        read(path, senses=Senses("off"))


@pytest.mark.slow
def test_speech_in_a_language_that_nobody_here_knows_is_named_with_its_remedy(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "meta.toml", 'language = "de"')
    path = record(tmp_path / "tour.webm", SCENES[:1], spoken(*SENTENCES))

    document = read(path)

    assert [piece.modality for piece in document.pieces] == ["image"]
    assert "AISDR_TRANSCRIBER" in document.remarks[0]


@pytest.mark.parametrize(
    "content", [b"", b"this is no clip", b"\x1aE\xdf\xa3 not much of a clip", b"\x00\x00\x00\x18ftyp"]
)
@pytest.mark.parametrize("name", ["tour.webm", "tour.mp4", "tour.mov"])
def test_what_is_no_clip_is_unreadable(tmp_path: Path, read: Read, name: str, content: bytes) -> None:
    write(tmp_path / "tour.vtt", CAPTIONS)
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Unreadable, match=rf"{name} is not a whole") as refused:
        read(tmp_path / name)
    assert str(tmp_path) not in str(refused.value)


def test_a_list_of_addresses_that_is_called_a_clip_is_not_followed(tmp_path: Path, read: Read) -> None:
    asked = []

    async def server(scope: dict[str, object], receive: object, send: object) -> None:
        asked.append(scope)

    with serving(server) as address:
        for ending in (".mp4", ".webm", ".mov", ".m4a", ".mp3", ".ogg"):
            playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{address}/a.ts\n#EXT-X-ENDLIST\n"
            write(tmp_path / f"a{ending}", playlist)
            with pytest.raises(Unreadable):
                read(tmp_path / f"a{ending}")

    assert not [each for each in asked if each["type"] == "http"]


@pytest.mark.slow
def test_a_clip_that_is_cut_off_is_read_as_far_as_it_is_whole(tmp_path: Path, read: Read) -> None:
    path = record(tmp_path / "whole.webm", [*SCENES, (drawn("This comes too late"), 4.0)], rate=5)
    content = path.read_bytes()
    (tmp_path / "cut.webm").write_bytes(content[: len(content) // 2])

    pieces = read(tmp_path / "cut.webm").pieces

    assert pieces[0].text == "Price editor\nOpen the board"


def with_subtitles(path: Path, said: list[tuple[float, float, str]]) -> None:
    """A clip of one dark picture with a text track inside."""
    source = path.with_name("source.srt")
    cues = (f"{number}\n{_time(start)} --> {_time(end)}\n{text}\n" for number, (start, end, text) in enumerate(said, 1))
    source.write_text("\n".join(cues))
    with (
        av.open(str(film(path.with_name("dark.webm")))) as clip,
        av.open(str(source)) as texts,
        av.open(str(path), "w", format="matroska") as container,
    ):
        video = container.add_stream_from_template(clip.streams.video[0])
        track = container.add_stream_from_template(texts.streams.subtitles[0])
        for given, stream in ((clip, video), (texts, track)):
            for packet in given.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    container.mux(packet)


def _time(seconds: float) -> str:
    return f"00:00:{int(seconds):02d},{round(seconds % 1 * 1000):03d}"
