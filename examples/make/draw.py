"""Draws an HTML page as a picture, in the browser that the tests use as well."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ART = Path(__file__).parent / "art"


@contextmanager
def browser_page(width: int, height: int, *, scale: float = 1, flags: tuple[str, ...] = ()) -> Iterator[Page]:
    """A page of the given size. `CHROMIUM` names a browser; without it Debian's is taken, then Playwright's own."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", *flags])
        try:
            yield browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
        finally:
            browser.close()


def draw_pictures(sources: list[Path], target: Path) -> None:
    """Every HTML page becomes `<its name>.png` in `target`, 1600 × 1000 pixels."""
    with browser_page(800, 500, scale=2) as page:
        for source in sources:
            page.goto(source.as_uri())
            picture = Image.open(io.BytesIO(page.screenshot()))
            # A palette keeps flat drawings sharp and small; dithering would only add noise.
            small = picture.convert("RGB").quantize(colors=128, dither=Image.Dither.NONE)
            small.save(target / f"{source.stem}.png", optimize=True)
