"""What is too large to be held: a PDF of 2,000 pages, a website of 10,000, a clip of 500 megabytes."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from benchmarks.ingest.content import KNOWLEDGE
from benchmarks.ingest.run import Run, ingested
from benchmarks.ingest.site import served

PDF_PAGES, SITE_PAGES = 2_000, 10_000
CLIP_BYTES = 500 * 1024 * 1024
_SIZE = (1280, 720)
_FRAMES_A_SECOND = 10
_TALK = "dock-walk.webm"


@dataclass(frozen=True)
class Large:
    """A large source, read after a small one of its kind: what that took is the models' and not the source's."""

    name: str
    small: Run
    whole: Run
    wanted: int
    found: int

    @property
    def above(self) -> float:
        return self.whole.megabytes - self.small.megabytes


def large_pdf(folder: Path, endpoint: str) -> Large:
    small, whole = folder / "small", folder / "whole"
    write_pdf(small / "one.pdf", 1)
    write_pdf(whole / "manual.pdf", PDF_PAGES)
    before, after = _both(folder, endpoint, str(small), str(whole))
    return Large(f"PDF, {PDF_PAGES:,} pages", before, after, PDF_PAGES, after.told.pages)


def large_site(folder: Path, endpoint: str) -> Large:
    with served(2) as small, served(SITE_PAGES) as whole:
        before, after = _both(folder, endpoint, small, whole, pages=SITE_PAGES + 100)
    added = after.told.sources - len(after.told.failed)
    return Large(f"website, {SITE_PAGES:,} pages", before, after, SITE_PAGES, added)


def large_clip(folder: Path, endpoint: str) -> Large:
    small, whole = folder / "small", folder / "whole"
    small.mkdir(parents=True)
    shutil.copyfile(KNOWLEDGE / "clips" / _TALK, small / _TALK)
    seconds = write_clip(whole / "long.mp4")
    before, after = _both(folder, endpoint, str(small), str(whole))
    return Large(f"clip, {CLIP_BYTES // 1024**2} MB", before, after, round(seconds), round(after.told.spoken_until))


LARGE: dict[str, Callable[[Path, str], Large]] = {"pdf": large_pdf, "site": large_site, "clip": large_clip}


def _both(folder: Path, endpoint: str, small: str, whole: str, *, pages: int = 500) -> tuple[Run, Run]:
    return (
        ingested(folder / "index-small", endpoint, small, pages=pages),
        ingested(folder / "index", endpoint, whole, pages=pages, show=True),
    )


def write_pdf(path: Path, pages: int) -> None:
    """Each page states a number that no other page states."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    for page in range(1, pages + 1):
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 770, f"Part {page}: the pump of type {page:04}")
        canvas.setFont("Helvetica", 10)
        for line in range(16):
            canvas.drawString(
                72, 740 - 24 * line, f"Step {line + 1}: turn valve {page * 16 + line} by {page % 90 + line} degrees."
            )
        canvas.showPage()
    canvas.save()


def write_clip(path: Path) -> float:
    """A talk that goes on and on, with pictures that hardly pack. Returns its seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(1)
    # Noise cannot be predicted, so the file grows as fast as the encoder is allowed to let it.
    noise = [chance.integers(0, 256, (_SIZE[1], _SIZE[0], 3), dtype=np.uint8) for _ in range(6)]
    sound = list(_sound())
    spoken = sum(frame.samples for frame in sound) / 16_000
    seconds = 0.0
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=_FRAMES_A_SECOND)
        assert isinstance(video, av.VideoStream)
        (video.width, video.height), video.pix_fmt, video.gop_size = _SIZE, "yuv420p", 5 * _FRAMES_A_SECOND
        video.bit_rate, video.options = 8_000_000, {"qmin": "2", "qmax": "31"}
        voice = container.add_stream("aac", rate=16_000)
        assert isinstance(voice, av.AudioStream)
        voice.layout = "mono"
        samples = frames = 0
        while not path.exists() or path.stat().st_size < CLIP_BYTES:
            for frame in sound:
                frame.pts, frame.time_base = samples, Fraction(1, 16_000)
                samples += frame.samples
                container.mux(voice.encode(frame))
            while frames < samples / 16_000 * _FRAMES_A_SECOND:
                picture = av.VideoFrame.from_ndarray(noise[frames // (_FRAMES_A_SECOND * 5) % 6], format="rgb24")
                picture.pts, picture.time_base = frames, Fraction(1, _FRAMES_A_SECOND)
                frames += 1
                container.mux(video.encode(picture))
            seconds += spoken
        container.mux([*video.encode(None), *voice.encode(None)])
    return seconds


def _sound() -> Iterator["av.AudioFrame"]:
    fitting = av.AudioResampler(format="fltp", layout="mono", rate=16_000, frame_size=1024)
    with av.open(str(KNOWLEDGE / "clips" / _TALK)) as container:
        for frame in container.decode(audio=0):
            yield from fitting.resample(frame)


@contextmanager
def room(folder: Path) -> Iterator[Path]:
    """A folder that is empty again afterwards: clips are large."""
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
