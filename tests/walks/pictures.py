"""Pictures of the panel: with the air that its shadow needs, and joined into sheets."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Page


def shot_of_panel(page: Page) -> bytes:
    """The panel with the air that its shadow needs."""
    box = page.locator("[part=panel]").bounding_box()
    assert box is not None
    air = 20
    clip = {
        "x": box["x"] - air,
        "y": box["y"] - air,
        "width": box["width"] + 2 * air,
        "height": box["height"] + 2 * air,
    }
    return page.screenshot(clip=clip)  # type: ignore[arg-type]


def side_by_side(shots: list[bytes]) -> Image.Image:
    pictures = [Image.open(BytesIO(shot)).convert("RGB") for shot in shots]
    width = sum(picture.width for picture in pictures)
    joined = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        joined.paste(picture, (left, 0))
        left += picture.width
    return joined
