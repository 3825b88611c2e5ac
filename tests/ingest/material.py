"""A company's folder in miniature, made of real files."""

from pathlib import Path

from PIL import Image
from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from tests.ingest.recordings import record

GUIDE = """---
title: The guide
tags: [sales]
tavus: true
author: somebody
---
<!-- a note for editors -->
Acme helps shops. See [the terms](terms.md#notice).

# The guide

## Plans

There are three plans:

- **Team** for small shops
- Chain for large ones

| Plan | Price | Seats |
|------|-------|-------|
| Team | 49 euros | 10 |
| Chain | 99 euros | |

### Plans

A second heading of the same name.

## The dashboard

![The dashboard with revenue by month](pictures/board.png "Revenue on the left")

```
GET /v1/prices
```
"""

CAPTIONS = """WEBVTT

00:00:00.000 --> 00:00:06.500
Welcome to the tour.

00:00:06.500 --> 00:00:14.000
First you open the editor

00:00:14.000 --> 00:00:20.250
and choose a price.

NOTE nobody hears this

00:00:42.000 --> 00:00:50.000
<v Ann>Undo takes the <b>change</b> back.
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def draw(path: Path, size: tuple[int, int] = (64, 40)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "navy").save(path)
    return path


def print_pdf(path: Path, *pages: str, wide: bool = False, title: str = "") -> Path:
    """One page for each text; an empty text is an empty page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=landscape(A4) if wide else A4)
    if title:
        canvas.setTitle(title)
    for page in pages:
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(72, 500 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def film(path: Path) -> Path:
    """A clip that is dark and still: its name and what stands beside it are what counts here."""
    return record(path, [(Image.new("RGB", (64, 36)), 0.4)])
