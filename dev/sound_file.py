"""Speech as a file in any of the formats that vendors of speech offer."""

import io
from typing import Literal

import av
import numpy as np

from dev.voice import Sound

Format = Literal["mp3", "ogg_vorbis", "ogg_opus", "aac", "flac", "wav", "pcm"]

# Container, encoder, its options, and the channels it takes: FFmpeg's own Vorbis encoder knows only stereo.
_ENCODERS: dict[Format, tuple[str, str, dict[str, str], str]] = {
    "mp3": ("mp3", "libmp3lame", {}, "mono"),
    "ogg_vorbis": ("ogg", "vorbis", {"strict": "experimental"}, "stereo"),
    "ogg_opus": ("ogg", "libopus", {}, "mono"),
    "aac": ("adts", "aac", {}, "mono"),
    "flac": ("flac", "flac", {}, "mono"),
    "wav": ("wav", "pcm_s16le", {}, "mono"),
}


def encode(sound: Sound, wanted: Format) -> bytes:
    if wanted == "pcm":
        return sound.samples.astype("<i2").tobytes()
    container_format, codec, encoder_options, layout = _ENCODERS[wanted]
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=sound.rate, options=encoder_options)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(np.atleast_2d(sound.samples), format="s16", layout="mono")
        frame.rate, frame.pts = sound.rate, 0
        fitting = av.AudioResampler(format=stream.format, layout=layout, rate=sound.rate)
        for piece in [*fitting.resample(frame), None]:
            container.mux(stream.encode(piece))
    return file.getvalue()
