"""A recording of sound is found by what is said in it, and opens at its second."""

from pathlib import Path

import numpy as np
import pytest

from aisdr.ingest.perception import sound
from aisdr.ingest.perception.base import Senses
from aisdr.ingest.readers.base import NothingToRead, Unreadable
from tests.ingest.material import CAPTIONS, write
from tests.ingest.readers.conftest import Read
from tests.ingest.recordings import RATE, record, spoken

SENTENCES = ("Welcome to the tour of the price editor.", "Every change can be taken back within thirty days.")


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".mp3", ".wav", ".m4a", ".ogg", ".opus", ".flac"])
def test_what_is_said_is_found_at_its_second(tmp_path: Path, read: Read, ending: str) -> None:
    silence = np.zeros(20 * RATE, np.int16)
    talk = np.concatenate([spoken(SENTENCES[0]), silence, spoken(SENTENCES[1])])

    document = read(record(tmp_path / f"talk{ending}", sound=talk))

    first, second = document.pieces
    # The model is small, and what it hears in the same sound differs by a word now and then.
    assert "price editor" in first.text.lower()
    assert "taken back" in second.text
    began = (len(spoken(SENTENCES[0])) + len(silence)) / RATE
    assert second.locator.start == pytest.approx(began, abs=0.7)
    assert second.url == f"/media/acme/talk{ending}#t={second.locator.start:g}"
    assert second.modality == "video"
    assert second.media
    assert (second.media.kind, second.media.url) == ("clip", f"/media/acme/talk{ending}")
    kinds = {each.content_type.partition("/")[0] for each in document.publications}
    assert kinds == {"audio", "text"}
    assert second.media.captions_url


def test_captions_beside_a_recording_are_taken_for_what_is_said(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "talk.vtt", CAPTIONS)

    document = read(record(tmp_path / "talk.mp3", sound=spoken(SENTENCES[0])))

    assert [piece.text for piece in document.pieces][1] == "Undo takes the change back."
    assert [each.path for each in document.publications] == ["talk.mp3", "talk.vtt"]


def test_silence_holds_nothing_and_a_label_helps(tmp_path: Path, read: Read) -> None:
    path = record(tmp_path / "talk.wav", sound=np.zeros(3 * RATE, np.int16))

    with pytest.raises(NothingToRead, match=r"talk\.vtt"):
        read(path)

    write(tmp_path / "talk.toml", 'caption = "A minute of the hall"')
    assert [piece.text for piece in read(path).pieces] == ["A minute of the hall"]


def test_a_recording_waits_for_a_vendor_in_pieces_that_are_cut_where_nobody_speaks(tmp_path: Path, read: Read) -> None:
    voice = spoken(SENTENCES[0], pause=0)
    talk = np.concatenate([part for _ in range(5) for part in (voice, np.zeros(RATE, np.int16))])
    path = record(tmp_path / "talk.wav", sound=talk)

    unheard = read(path, senses=Senses("later", 8)).unheard

    assert unheard
    assert all(each.seconds <= 8 for each in unheard.sounds)
    assert sum(each.seconds for each in unheard.sounds) == pytest.approx(len(talk) / RATE, abs=0.05)
    sentence = (len(voice) + RATE) / RATE
    for each in unheard.sounds[1:]:
        into = each.start % sentence
        assert into > len(voice) / RATE - 0.1  # within the pause


def test_pieces_of_sound_never_fill_the_memory(tmp_path: Path) -> None:
    tone = (np.sin(np.arange(90 * RATE) / 9) * 8000).astype(np.int16)

    lengths = [len(samples) for _, samples in sound.pieces(record(tmp_path / "tone.wav", sound=tone), 30)]

    assert max(lengths) <= 30 * RATE
    assert sum(lengths) == len(tone)


@pytest.mark.parametrize("ending", [".mp3", ".wav", ".m4a", ".ogg", ".opus", ".flac"])
@pytest.mark.parametrize("content", [b"", b"this is no sound" * 50])
def test_what_is_no_recording_is_unreadable(tmp_path: Path, read: Read, ending: str, content: bytes) -> None:
    (tmp_path / f"talk{ending}").write_bytes(content)

    with pytest.raises(Unreadable, match="talk"):
        read(tmp_path / f"talk{ending}")


def test_sound_in_a_form_that_nobody_knows_is_unreadable(tmp_path: Path, read: Read) -> None:
    path = record(tmp_path / "talk.wav", sound=spoken(*SENTENCES))
    content = path.read_bytes()
    path.write_bytes(content[:20] + b"\xff\xff" + content[22:])  # its code of the form

    with pytest.raises(Unreadable, match="neither sound nor pictures"):
        read(path)
