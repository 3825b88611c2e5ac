"""The sound of a recording as a stream of pieces, so that hours of it never stand in memory."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisdr.ingest.perception.recording import LONGEST_SECONDS, opened, sound_track

RATE = 16_000
"""Samples a second, which is what recognisers were trained on."""
_SEARCHED_SECONDS = 15
"""A piece is cut where it is most quiet, in so much of its end: best between two sentences."""
_QUIET_SECONDS = 0.2
_SILENT = 0.002
"""Of full scale. What is never louder holds no speech."""

Samples = NDArray[np.int16]


def pieces(path: Path, seconds: float) -> Iterator[tuple[float, Samples]]:
    """Where each piece begins, and its samples: mono, `RATE` a second, no longer than `seconds`. None is all silence.

    Raises:
        BrokenRecording: what is there cannot be decoded. Whatever came before was whole.
    """
    longest, begin = round(seconds * RATE), 0
    waiting: list[Samples] = []
    length = 0
    for some in _decoded(path):
        waiting.append(some)
        length += len(some)
        while length >= longest:
            whole = np.concatenate(waiting)
            cut = _quietest(whole[:longest])
            yield from _unless_silent(begin, whole[:cut])
            begin, waiting, length = begin + cut, [whole[cut:]], len(whole) - cut
    if waiting:
        yield from _unless_silent(begin, np.concatenate(waiting))


def opus(samples: Samples) -> bytes:
    """Ogg with Opus at 24 kbit/s: ten minutes are less than two megabytes."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, options={"application": "voip"})
        stream.bit_rate = 24_000
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        fitting = av.AudioResampler(format=stream.format, layout="mono", rate=RATE)
        for each in [*fitting.resample(frame), None]:
            container.mux(stream.encode(each))
    return file.getvalue()


def _decoded(path: Path) -> Iterator[Samples]:
    import av

    with opened(path) as container:
        track = sound_track(container)
        if track is None:
            return
        fitting = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        heard = 0
        for frame in container.decode(track):
            for fitted in fitting.resample(frame):
                heard += fitted.samples
                yield fitted.to_ndarray()[0]
            if heard > LONGEST_SECONDS * RATE:
                return
        for fitted in fitting.resample(None):
            yield fitted.to_ndarray()[0]


def _quietest(samples: Samples) -> int:
    """Where to cut: the middle of the quietest moment near the end."""
    step = round(_QUIET_SECONDS * RATE)
    searched = min(len(samples) // 2, round(_SEARCHED_SECONDS * RATE)) // step * step
    if searched == 0:
        return len(samples)
    moments = samples[len(samples) - searched :].reshape(-1, step).astype(np.float32)
    quietest = int(np.argmin((moments**2).mean(axis=1)))
    return len(samples) - searched + quietest * step + step // 2


def _unless_silent(begin: int, samples: Samples) -> Iterator[tuple[float, Samples]]:
    if len(samples) and np.abs(samples.astype(np.int32)).max() > _SILENT * 32768:
        yield begin / RATE, samples
