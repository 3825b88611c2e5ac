"""Slides: their text, notes and pictures are read; LibreOffice, where it is installed, draws each."""

import io
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pptx
import pytest
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.util import Inches

from aisdr.ingest import soffice
from aisdr.ingest.readers.base import Document, NothingToRead
from tests.ingest.material import print_pdf
from tests.ingest.readers.conftest import Read

Install = Callable[[str], Path]


def drawn(colour: str = "navy") -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 100), colour).save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def html_of(document: Document) -> str:
    content = document.publications[0].content
    assert isinstance(content, bytes)
    return content.decode()


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """Three slides, the second of them hidden."""
    presentation = pptx.Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Why Acme"
    first.placeholders[1].text = "Tills for shops\vand bakeries\nThree days to set up"
    first.notes_slide.notes_text_frame.text = "Mention the fair in Leipzig."
    hidden = presentation.slides.add_slide(presentation.slide_layouts[1])
    hidden.shapes.title.text = "Our secret"
    hidden._element.set("show", "0")
    third = presentation.slides.add_slide(presentation.slide_layouts[5])
    third.shapes.title.text = "Prices"
    table = third.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(6), Inches(1)).table
    for number, text in enumerate(("Plan", "Price", "Team", "49 euros")):
        table.cell(number // 2, number % 2).text = text
    picture = third.shapes.add_picture(drawn(), Inches(1), Inches(5))
    picture._element.nvPicPr.cNvPr.set("descr", "A till with a basket")
    third.shapes.add_textbox(Inches(-20), Inches(1), Inches(2), Inches(1)).text_frame.text = "A secret beside the slide"
    presentation.save(str(tmp_path / "deck.pptx"))
    return tmp_path / "deck.pptx"


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a program in LibreOffice's place that does what a few lines of Python say, or nothing there."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))

    def put(program: str) -> Path:
        command = folder / soffice.COMMAND
        if program:
            command.write_text(
                f"#!{sys.executable}\nimport os, sys, time, pathlib, subprocess\n{program}\n", encoding="utf-8"
            )
            command.chmod(command.stat().st_mode | stat.S_IXUSR)
        return folder

    return put


COPY = """
out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1])
(out / 'deck.pdf').write_bytes(pathlib.Path({path!r}).read_bytes())
"""


def test_each_slide_is_read_with_its_notes_and_pictures(deck: Path, read: Read, install: Install) -> None:
    install("")

    document = read(deck)

    found = [(piece.locator.heading, piece.locator.page, piece.modality, piece.text) for piece in document.pieces]
    assert found == [
        (
            "Why Acme",
            1,
            "text",
            "Tills for shops\nand bakeries\nThree days to set up\nNotes: Mention the fair in Leipzig.",
        ),
        ("Prices", 3, "text", "Plan: Team; Price: 49 euros."),
        ("Prices", 3, "image", "A till with a basket"),
    ]
    assert [piece.url.removeprefix("/media/acme/deck.pptx.html") for piece in document.pieces] == [
        "#slide-1",
        "#slide-3",
        "#slide-3",
    ]
    assert all(f'id="slide-{number}"' in html_of(document) for number in (1, 3))
    assert document.tavus_path == "deck.pptx.html"


def test_what_is_hidden_or_stands_beside_the_slide_is_counted_and_left_out(
    deck: Path, read: Read, install: Install
) -> None:
    install("")

    document = read(deck)

    assert document.remarks == (
        "1 hidden passage was taken out",
        "1 hidden slide was left out",
        "its slides have no pictures: LibreOffice is not installed",
    )
    assert "secret" not in html_of(document) + str(document.pieces)


def test_a_slide_that_was_drawn_is_a_slide_with_its_picture(
    tmp_path: Path, deck: Path, read: Read, install: Install
) -> None:
    pdf = print_pdf(tmp_path.parent / f"{tmp_path.name}.pdf", "one", "two", wide=True)
    install(COPY.format(path=str(pdf)))

    document = read(deck)

    found = [(piece.modality, piece.locator.page, piece.media and piece.media.alt) for piece in document.pieces]
    assert found == [("slide", 1, "Slide 1 of Deck: Why Acme"), ("slide", 3, "Slide 3 of Deck: Prices")]
    assert document.pieces[1].text == "Plan: Team; Price: 49 euros.\nA till with a basket"
    first = document.pieces[0].media
    assert first
    assert (first.width, first.url in html_of(document)) == (1280, True)
    assert [each.content_type for each in document.publications[1:]] == ["image/webp", "image/webp"]
    assert document.publications[1].content[:4] == b"RIFF"  # type: ignore[index]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("", "LibreOffice is not installed"),
        ("sys.exit(1)", "LibreOffice made nothing of it"),
        (
            "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1]); (out / 'deck.pdf').write_bytes(b'no PDF')",
            "Failed to load",
        ),
    ],
)
def test_without_drawings_the_text_is_read_and_the_reason_told(
    deck: Path, read: Read, install: Install, program: str, reason: str
) -> None:
    install(program)

    document = read(deck)

    assert [piece.modality for piece in document.pieces] == ["text", "text", "image"]
    assert document.remarks[-1].startswith("its slides have no pictures: ")
    assert reason in document.remarks[-1]


def test_drawings_that_are_not_one_for_each_slide_are_not_used(
    tmp_path: Path, deck: Path, read: Read, install: Install
) -> None:
    pdf = print_pdf(tmp_path.parent / f"{tmp_path.name}.pdf", "one", "two", "three")
    install(COPY.format(path=str(pdf)))

    assert read(deck).remarks[-1] == "its slides have no pictures: LibreOffice drew 3 pages for 2 slides"


def test_a_program_that_does_not_come_to_an_end_is_ended_with_all_it_started(
    tmp_path: Path, deck: Path, read: Read, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soffice, "SECONDS", 0.5)
    monkeypatch.setattr(soffice, "_BETWEEN_WORDS", 0.05)
    pids = tmp_path.parent / f"{tmp_path.name}.pids"
    install(
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\nchild.wait()"
    )
    told: list[int] = []

    document = read(deck, tell=lambda done, total: told.append(done))

    assert "did not come to an end" in document.remarks[-1]
    assert told
    if sys.platform == "linux" and pids.is_file():
        for pid in pids.read_text().split():
            assert not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_program_sees_no_secrets_has_no_macros_and_a_profile_of_its_own(
    tmp_path: Path, deck: Path, read: Read, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISDR_SECRET", "not for everybody")
    seen = tmp_path.parent / f"{tmp_path.name}.seen"
    install(
        "profile = [each for each in sys.argv if each.startswith('-env:UserInstallation=file://')][0].partition('file://')[2]\n"
        f"pathlib.Path({str(seen)!r}).write_text(repr(dict(os.environ)) + ' '.join(sys.argv)"
        " + (pathlib.Path(profile) / 'user/registrymodifications.xcu').read_text())"
    )

    read(deck)

    told = seen.read_text()
    assert "not for everybody" not in told
    assert "--headless" in told
    assert '"DisableMacrosExecution" oor:op="fuse"><value>true</value>' in told
    assert not Path(told.partition("-env:UserInstallation=file://")[2].split(" ")[0]).exists()


def test_a_deck_that_shows_things_from_elsewhere_is_not_drawn(deck: Path, read: Read, install: Install) -> None:
    install("raise SystemExit('it would be fetched')")
    presentation = pptx.Presentation(str(deck))
    presentation.slides[0].part.relate_to("http://127.0.0.1:9/x.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    presentation.save(str(deck))

    assert "from other addresses" in read(deck).remarks[-1]


def test_a_link_on_a_slide_does_not_keep_it_from_being_drawn(
    tmp_path: Path, deck: Path, read: Read, install: Install
) -> None:
    install(COPY.format(path=str(print_pdf(tmp_path.parent / f"{tmp_path.name}.pdf", "one", "two"))))
    presentation = pptx.Presentation(str(deck))
    box = presentation.slides[0].shapes.add_textbox(0, 0, Inches(2), Inches(1))
    run = box.text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "Our site", "https://acme.example"
    presentation.save(str(deck))

    assert read(deck).pieces[0].modality == "slide"


def test_the_numbers_of_a_chart_are_read(tmp_path: Path, read: Read, install: Install) -> None:
    install("")
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Growth"
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["2024", "2025"]
    data.add_series("Shops", (120, 340.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(5), Inches(4), data)
    presentation.save(str(tmp_path / "chart.pptx"))

    assert read(tmp_path / "chart.pptx").pieces[0].text.splitlines()[-2:] == [
        "2024; Shops: 120.",
        "2025; Shops: 340.5.",
    ]


def test_a_slide_without_text_is_named(tmp_path: Path, read: Read, install: Install) -> None:
    install("")
    presentation = pptx.Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[6])
    presentation.save(str(tmp_path / "empty.pptx"))
    with pytest.raises(NothingToRead):
        read(tmp_path / "empty.pptx")

    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "Fr\u200bee <script>x()</script>"
    presentation.save(str(tmp_path / "some.pptx"))
    document = read(tmp_path / "some.pptx")

    assert [(piece.text, piece.locator.page) for piece in document.pieces] == [("Free <script>x()</script>", 2)]
    assert document.remarks[:2] == (
        "1 hidden character was taken out",
        "no text on slide 1: what is there cannot be found",
    )
    assert "<script" not in html_of(document)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which(soffice.COMMAND), reason="LibreOffice is not installed")
def test_libreoffice_itself_draws_the_slides_that_are_not_hidden(deck: Path, read: Read) -> None:
    document = read(deck)

    assert [(piece.modality, piece.locator.page) for piece in document.pieces] == [("slide", 1), ("slide", 3)]
    content = document.publications[1].content
    assert isinstance(content, bytes)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.width == 1280
        assert len(set(picture.convert("L").tobytes())) > 20  # there are letters on it
