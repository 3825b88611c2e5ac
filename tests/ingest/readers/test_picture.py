"""A picture is found by what people wrote about it and by the text in it."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from aisdr.ingest.perception.base import Senses
from aisdr.ingest.readers.base import NothingToRead, Unreadable
from aisdr.ingest.readers.picture import MOST_PIXELS, measure
from tests.ingest.material import draw, write
from tests.ingest.readers.conftest import Read
from tests.ingest.recordings import drawn


@pytest.mark.parametrize(
    ("name", "text", "alt", "caption"),
    [
        ("chart.caption.md", "---\ntitle: Growth\nalt: A chart\n---\nSales\ngrew.", "A chart", "Sales grew."),
        ("chart.caption.txt", "Sales grew.", "Sales grew.", "Sales grew."),
        ("chart.png.caption.md", "Sales grew.", "Sales grew.", "Sales grew."),
        ("chart.txt", "Sales grew.", "Sales grew.", "Sales grew."),
        ("chart.toml", 'alt = "A chart"\ncaption = "Sales grew."', "A chart", "Sales grew."),
    ],
)
def test_a_picture_is_found_by_what_is_written_beside_it(
    tmp_path: Path, read: Read, name: str, text: str, alt: str, caption: str
) -> None:
    write(tmp_path / name, text)

    document = read(draw(tmp_path / "chart.png", (30, 20)))

    (piece,) = document.pieces
    assert piece.media
    assert (piece.media.alt, piece.media.caption, piece.media.width) == (alt, caption, 30)
    assert caption in piece.text
    assert (piece.modality, piece.url) == ("image", "/media/acme/chart.png")
    assert document.title == ("Growth" if "Growth" in text else "Chart")


def test_a_picture_without_a_caption_is_found_by_the_text_in_it_and_where_that_stands(
    tmp_path: Path, read: Read
) -> None:
    drawn("Out of stock: 3.1 %", "Last check 06:30").save(tmp_path / "board.png")

    document = read(tmp_path / "board.png")

    (piece,) = document.pieces
    assert piece.text == "Out of stock: 3.1 %\nLast check 06:30"
    assert piece.locator.box == pytest.approx((0.05, 0.09, 0.4, 0.2), abs=0.06)
    assert piece.media
    assert piece.media.alt == "Board: Out of stock: 3.1 % Last check 06:30"
    assert document.tavus_path == "board.png"


def test_a_caption_and_the_text_in_the_picture_are_one_piece(tmp_path: Path, read: Read) -> None:
    drawn("Margin 41.7 %").save(tmp_path / "board.png")
    write(tmp_path / "board.txt", "The board of a shop.")

    (piece,) = read(tmp_path / "board.png").pieces

    assert piece.text == "The board of a shop.\nMargin 41.7 %"
    assert piece.locator.box is None  # the whole picture is meant


@pytest.mark.slow
def test_a_picture_full_of_text_becomes_pieces_that_an_embedder_can_read_whole(tmp_path: Path, read: Read) -> None:
    lines = [f"Paragraph {number} says that shop number {number} opens at eight" for number in range(30)]
    drawn(*lines, size=(900, 1400), height=26).save(tmp_path / "page.png")
    write(tmp_path / "page.txt", "The opening hours.")

    pieces = read(tmp_path / "page.png").pieces

    assert [piece.text for piece in pieces[:1]] == ["The opening hours."]
    assert len(pieces) > 2
    assert all(len(piece.text.split()) <= 130 for piece in pieces)
    boxes = [piece.locator.box for piece in pieces[1:] if piece.locator.box]
    assert [box[1] for box in boxes] == sorted(box[1] for box in boxes)
    assert len(boxes) == len(pieces) - 1
    assert {piece.media.url for piece in pieces if piece.media} == {"/media/acme/page.png"}


def exif(**tags: object) -> Image.Exif:
    written = Image.Exif()
    for name, value in tags.items():
        written[ExifTags.Base[name]] = value
    return written


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("photo.jpg", {"exif": exif(ImageDescription="The hall in spring")}),
        ("photo.jpg", {"exif": exif(XPTitle="The hall in spring\0".encode("utf-16-le"))}),
        ("photo.png", {"pnginfo": "Description"}),
        ("photo.tiff", {"exif": exif(ImageDescription="The hall in spring")}),
    ],
)
def test_a_picture_is_found_by_the_description_inside_of_it(
    tmp_path: Path, read: Read, name: str, saved: dict[str, object]
) -> None:
    if "pnginfo" in saved:
        info = PngInfo()
        info.add_text("Description", "The hall in spring")
        saved = {"pnginfo": info}
    Image.new("RGB", (60, 40), "navy").save(tmp_path / name, **saved)  # type: ignore[arg-type]

    (piece,) = read(tmp_path / name).pieces

    assert piece.text == "The hall in spring"
    assert piece.media
    assert piece.media.caption == "The hall in spring"


def test_the_caption_of_a_press_photograph_is_its_description(tmp_path: Path, read: Read) -> None:
    buffer = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(buffer, "JPEG")
    caption = b"The hall in spring"
    told = b"\x1c\x02\x78" + struct.pack(">H", len(caption)) + caption
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(told)) + told + b"\0" * (len(told) % 2)
    segment = b"\xff\xed" + struct.pack(">H", len(block) + 2) + block
    (tmp_path / "a.jpg").write_bytes(buffer.getvalue()[:2] + segment + buffer.getvalue()[2:])

    assert [piece.text for piece in read(tmp_path / "a.jpg").pieces] == ["The hall in spring"]


def test_what_a_camera_writes_of_itself_is_no_description(tmp_path: Path, read: Read) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.jpg", exif=exif(ImageDescription="OLYMPUS DIGITAL CAMERA"))

    with pytest.raises(NothingToRead):
        read(tmp_path / "a.jpg")


def test_a_picture_that_lies_on_its_side_is_read_and_measured_upright(tmp_path: Path, read: Read) -> None:
    lying = drawn("The price is 49 euros").transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "a.jpg", exif=exif(Orientation=6))

    (piece,) = read(tmp_path / "a.jpg").pieces

    assert piece.text == "The price is 49 euros"
    assert piece.media
    assert (piece.media.width, piece.media.height) == (640, 360) == measure(tmp_path / "a.jpg")


@pytest.mark.parametrize("ending", [".tiff", ".bmp"])
def test_what_browsers_do_not_show_is_published_as_webp(tmp_path: Path, read: Read, ending: str) -> None:
    drawn("Forty-nine euros").save(tmp_path / f"a{ending}")

    document = read(tmp_path / f"a{ending}")

    (made,) = document.publications
    assert (made.content_type, document.tavus_path) == ("image/webp", None)
    assert made.path.startswith("made/")
    assert isinstance(made.content, bytes)
    assert Image.open(BytesIO(made.content)).size == (640, 360)
    assert document.pieces[0].url == f"/media/acme/{made.path}"


def test_of_a_moving_picture_the_first_frame_is_read(tmp_path: Path, read: Read) -> None:
    frames = [drawn("First we count"), drawn("Then we pay")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])

    assert [piece.text for piece in read(tmp_path / "a.gif").pieces] == ["First we count"]


def test_letters_on_a_transparent_ground_are_read(tmp_path: Path, read: Read) -> None:
    letters = drawn("The price is 49 euros").convert("L").point(lambda value: 255 - value)
    picture = Image.new("RGBA", letters.size, (0, 0, 0, 0))
    picture.putalpha(letters)
    picture.save(tmp_path / "a.png")

    assert [piece.text for piece in read(tmp_path / "a.png").pieces] == ["The price is 49 euros"]


def test_a_picture_that_says_nothing_names_the_remedy_and_is_kept_where_pictures_are_seen(
    tmp_path: Path, read: Read
) -> None:
    picture = draw(tmp_path / "chart.png")

    with pytest.raises(NothingToRead, match=r"chart\.caption\.md"):
        read(picture)
    assert [piece.text for piece in read(picture, pictures_seen=True).pieces] == ["Chart"]


def test_a_picture_is_left_to_be_described_unless_somebody_has(tmp_path: Path, read: Read) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    write(tmp_path / "b.txt", "A hall.")
    describing = Senses(describing=True)

    (asked,) = read(tmp_path / "a.png", senses=describing).undescribed

    assert asked.piece == 0
    assert asked.data.startswith(b"RIFF")
    assert read(tmp_path / "b.png", senses=describing).undescribed == ()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it is so large, and is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packing = zlib.compressobj(9)
    rows = b"".join(packing.compress(bytes(1 + width // 8)) for _ in range(height)) + packing.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (8_000, MOST_PIXELS // 8_000 + 1)])
def test_a_picture_that_unpacks_to_more_than_a_picture_has_is_refused_unopened(
    tmp_path: Path, read: Read, width: int, height: int
) -> None:
    (tmp_path / "a.png").write_bytes(bomb(width, height))

    for attempt in (read, measure):
        with pytest.raises(Unreadable, match="megapixels"):
            attempt(tmp_path / "a.png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is no picture",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    ],
)
def test_what_is_no_picture_is_unreadable_whatever_it_is(tmp_path: Path, read: Read, content: bytes) -> None:
    (tmp_path / "chart.png").write_bytes(content)

    with pytest.raises(Unreadable, match=r"chart\.png is broken"):
        read(tmp_path / "chart.png")


@pytest.mark.parametrize(("ending", "kind"), [(".png", "PNG"), (".jpg", "JPEG"), (".gif", "GIF"), (".webp", "WEBP")])
def test_a_picture_that_is_cut_off_is_unreadable(tmp_path: Path, read: Read, ending: str, kind: str) -> None:
    buffer = BytesIO()
    Image.effect_noise((200, 200), 80).save(buffer, kind)
    path = tmp_path / f"chart{ending}"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])

    with pytest.raises(Unreadable, match="is broken") as refused:
        read(path)
    assert str(tmp_path) not in str(refused.value)


def test_a_drawing_that_may_carry_scripts_is_not_published(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")

    with pytest.raises(NothingToRead, match=r"scripts.*PNG"):
        read(tmp_path / "logo.svg")
