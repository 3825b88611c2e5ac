"""Recordings of sound, some with captions, spoken by eSpeak NG."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.fifo import AudioFifo
from numpy.typing import NDArray

from examples.make.content.spoken import BRIEFING, HOTLINE, PODCAST, WEBINAR, Said
from examples.make.voice import RATE, speak

COMPRESSED_RATE = 16_000
LEAD_IN = 0.5


@dataclass(frozen=True)
class Line:
    """Sentences with their place in the recording, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Speech:
    lines: Sequence[Line]
    samples: NDArray[np.int16]
    """Mono, `RATE` of them a second."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def spoken(said: Sequence[Said]) -> Speech:
    """Speaks one after the other. Of some twenty voices and paces, Moonshine understands this one best."""
    lines: list[Line] = []
    parts = [np.zeros(round(LEAD_IN * RATE), np.int16)]
    for each in said:
        start = sum(map(len, parts)) / RATE
        sound = speak(each.text, "en-us+f2", words_a_minute=140, gap=2)
        lines.append(Line(each.text, round(start, 2), round(start + len(sound) / RATE, 2)))
        parts += [sound, np.zeros(round(each.pause * RATE), np.int16)]
    return Speech(lines, np.concatenate(parts))


def make_recordings(folder: Path) -> dict[str, Speech]:
    """Returns what is said in each file, for whoever writes questions about it."""
    made = {
        "podcast-summer-fruit.mp3": spoken(PODCAST),
        "service-desk.wav": spoken(HOTLINE),
        "driver-briefing.ogg": spoken(BRIEFING),
        "open-hour.mp3": spoken(WEBINAR),
    }
    for name, speech in made.items():
        _record(folder / name, speech)
    (folder / "open-hour.srt").write_text(subrip(made["open-hour.mp3"].lines), encoding="utf-8")
    return made


def webvtt(lines: Sequence[Line]) -> str:
    cues = (f"{_clock(line.start, '.')} --> {_clock(line.end, '.')}\n{line.text}\n" for line in lines)
    return "\n".join(("WEBVTT\n", *cues))


def subrip(lines: Sequence[Line]) -> str:
    return "\n".join(
        f"{number}\n{_clock(line.start, ',')} --> {_clock(line.end, ',')}\n{line.text}\n"
        for number, line in enumerate(lines, start=1)
    )


def add_voice(container: "av.container.OutputContainer", codec: str, bit_rate: int, rate: int) -> "av.AudioStream":
    stream = container.add_stream(codec, rate=rate)
    assert isinstance(stream, av.AudioStream)
    stream.layout = "mono"
    if bit_rate:
        stream.bit_rate = bit_rate
    return stream


def voice_packets(stream: "av.AudioStream", samples: NDArray[np.int16]) -> list["av.Packet[av.AudioStream]"]:
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    fitting = av.AudioResampler(format=stream.format, layout="mono", rate=stream.rate)
    fifo, packets = AudioFifo(), []
    for each in [*fitting.resample(frame), *fitting.resample(None)]:
        fifo.write(each)
    while piece := fifo.read(stream.frame_size or 1024, partial=True):
        packets += stream.encode(piece)
    return [*packets, *stream.encode(None)]


def _record(target: Path, speech: Speech) -> None:
    container_format, codec, bit_rate, rate = {
        ".mp3": ("mp3", "libmp3lame", 32_000, COMPRESSED_RATE),
        ".ogg": ("ogg", "libopus", 20_000, 48_000),
        ".wav": ("wav", "pcm_s16le", 0, COMPRESSED_RATE),
    }[target.suffix]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_format, options={"fflags": "+bitexact"}) as container:
        stream = add_voice(container, codec, bit_rate, rate)
        container.mux(voice_packets(stream, speech.samples))
    target.write_bytes(buffer.getvalue())


def _clock(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
