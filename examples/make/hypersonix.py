"""Draws everything of `examples/hypersonix` that is not written by hand: `python -m examples.make.hypersonix`."""

from pathlib import Path

from examples.make.clip import make_clip
from examples.make.draw import ART, draw_pictures
from examples.make.pricing_guide import write_pricing_guide

KNOWLEDGE = Path(__file__).parents[1] / "hypersonix" / "knowledge"
CLIP = "simulator"


def main() -> None:
    pages = sorted((ART / "hypersonix").glob("*.html"))
    draw_pictures([page for page in pages if page.stem != CLIP], KNOWLEDGE)
    write_pricing_guide(KNOWLEDGE / "pricing-guide.pdf")
    make_clip(ART / "hypersonix" / f"{CLIP}.toml", KNOWLEDGE / "price-simulator-demo", poster_at=49.6)


if __name__ == "__main__":
    main()
