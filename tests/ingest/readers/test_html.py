"""HTML says what its main text says, and a page of the web is cited where it stands."""

from pathlib import Path

import pytest

from tests.ingest.material import draw, write
from tests.ingest.readers.conftest import Read
from tests.ingest.readers.pages import ADDRESS, html_of

PAGE = """<!doctype html>
<html lang="de-AT"><head><title>Rückgabe | Shop</title><link rel="stylesheet" href="a.css"></head><body>
<a class="skip-link" href="#content">Zum Inhalt</a>
<header><nav><ul><li><a href="/">Start</a></li></ul></nav></header>
<aside><h2>Kapitel</h2><a href="/a">Bestellen</a></aside>
<main id="content"><ol class="breadcrumb"><li>Hilfe</li></ol>
<article><header><h1>Rückgabe</h1><p>Stand: März 2026</p></header>
<section id="fristen"><h2>Fristen</h2><p>Sie haben <b>30</b> Tage Zeit.<br>Fehler: zwei Jahre.</p>
<ol start="3"><li>Anmelden</li><li>Einpacken<ul><li>mit <em>Pols</em>ter</li></ul></li></ol></section>
<h2><a id="kosten"></a>Kosten</h2>
<table><caption>Gebühren</caption><thead><tr><th rowspan="2">Land</th><th colspan="2">Gebühr</th></tr>
<tr><th>Paket</th><th>Brief</th></tr></thead><tbody><tr><td rowspan="2">Schweiz</td><td>9 CHF</td><td>4 CHF</td></tr>
<tr><td>12 CHF</td><td></td></tr></tbody></table>
<figure><img src="label.png" alt="Das Etikett mit Strichcode"><figcaption>So sieht es aus.</figcaption></figure>
<h3><button aria-expanded="false">Muss es die alte Schachtel sein?</button></h3><p>Nein.</p>
<details><summary>Und wenn ich umziehe?</summary><p>Dann schreiben Sie uns.</p></details>
<p>Danke.</p><pre>POST /returns
  {"order": 7}</pre><dl><dt>RMA</dt><dd>Nummer der Rückgabe</dd></dl></article>
<form><label>Newsletter</label><input></form><div class="share">Teilen</div></main>
<div id="cookie-banner"><p>Wir verwenden Cookies.</p><button>Ja</button></div>
<footer>Impressum</footer></body></html>"""


def test_the_main_text_is_read_under_its_headings(tmp_path: Path, read: Read) -> None:
    draw(tmp_path / "label.png")

    document = read(write(tmp_path / "returns.html", PAGE))

    assert (document.title, document.labels.language, document.remarks) == ("Rückgabe", "de", ())
    found = [
        (piece.locator.heading, piece.url.removeprefix("/media/acme/returns.html"), piece.text)
        for piece in document.pieces
    ]
    assert found == [
        (None, "#content", "Stand: März 2026"),
        (
            "Fristen",
            "#fristen",
            "Sie haben 30 Tage Zeit.\nFehler: zwei Jahre.\n3. Anmelden\n4. Einpacken\n- mit Polster",
        ),
        (
            "Kosten",
            "#kosten",
            "Gebühren\nLand: Schweiz; Gebühr Paket: 9 CHF; Gebühr Brief: 4 CHF.\nLand: Schweiz; Gebühr Paket: 12 CHF.",
        ),
        ("Kosten", "#kosten", "Das Etikett mit Strichcode\nSo sieht es aus."),
        ("Kosten › Muss es die alte Schachtel sein?", "#muss-es-die-alte-schachtel-sein", "Nein."),
        (
            "Kosten › Muss es die alte Schachtel sein? › Und wenn ich umziehe?",
            "#und-wenn-ich-umziehe",
            "Dann schreiben Sie uns.",
        ),
        (
            "Kosten › Muss es die alte Schachtel sein?",
            "#muss-es-die-alte-schachtel-sein",
            'Danke.\nPOST /returns\n  {"order": 7}\nRMA: Nummer der Rückgabe',
        ),
    ]


def test_a_page_of_the_folder_is_published_again_where_it_stood(tmp_path: Path, read: Read) -> None:
    draw(tmp_path / "label.png", (64, 40))

    document = read(write(tmp_path / "returns.html", PAGE.replace("Danke.", '<a href="guide.md#a">Mehr</a>')))

    html = html_of(document)
    assert [publication.path for publication in document.publications] == ["returns.html", "label.png"]
    assert document.tavus_path == "returns.html"
    assert document.companions == ("label.png",)
    assert 'href="guide.html#a"' in html
    assert '<img src="/media/acme/label.png" alt="Das Etikett mit Strichcode">' in html
    anchors = {piece.url.split("#")[1] for piece in document.pieces} - {"content"}
    assert all(f'id="{anchor}"' in html for anchor in anchors)
    assert not any(word in html for word in ("Cookies", "Impressum", "Kapitel", "Newsletter", "Teilen", "a.css"))


def test_a_page_of_the_web_is_cited_where_it_stands(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "spooled.html", PAGE), address=ADDRESS)

    assert document.publications == ()
    assert document.title == "Rückgabe"
    # Only what has an id there can be opened; the others open the page.
    assert [piece.url for piece in document.pieces] == [
        f"{ADDRESS}#content",
        f"{ADDRESS}#fristen",
        f"{ADDRESS}#kosten",
        f"{ADDRESS}#kosten",
        ADDRESS,
        ADDRESS,
        ADDRESS,
    ]
    media = document.pieces[3].media
    assert media
    assert (media.url, media.caption) == ("https://shop.example/help/label.png", "So sieht es aus.")


@pytest.mark.parametrize(
    ("source", "alt", "base", "shown"),
    [
        ("/a.png", "the till at work", "", "https://shop.example/a.png"),
        ("a.png", "the till at work", "/shots/", "https://shop.example/shots/a.png"),
        ("a.png", "the till at work", "https://evil.example/", "https://shop.example/help/a.png"),
        ("a.png", "the till at work", "javascript:alert(1)//", "https://shop.example/help/a.png"),
        ("https://evil.example/a.png", "the till at work", "", None),
        ("https://shop.example@evil.example/a.png", "the till at work", "", None),
        ("//evil.example/a.png", "the till at work", "", None),
        ("http://[bad/a.png", "the till at work", "", None),
        ("data:image/png;base64,AAAA", "the till at work", "", None),
        ("file:///etc/passwd", "the till at work", "", None),
        ("/a.png", "logo", "", None),
        ("/a.png", "", "", None),
    ],
)
def test_a_picture_of_the_web_is_shown_if_it_is_the_pages_own_and_described(
    tmp_path: Path, read: Read, source: str, alt: str, base: str, shown: str | None
) -> None:
    page = f'<base href="{base}"><main><p>Some text.</p><img src="{source}" alt="{alt}"></main>'

    pieces = read(write(tmp_path / "page.html", page), address=ADDRESS).pieces

    assert [piece.media.url for piece in pieces if piece.media] == ([shown] if shown else [])


def test_a_picture_that_is_elsewhere_or_that_nobody_described_is_left_out_with_a_remark(
    tmp_path: Path, read: Read
) -> None:
    draw(tmp_path / "seen.png")
    images = (
        '<img src="seen.png"><img src="https://a.example/b.png" alt="far"><img src="../../c.png" alt="above">'
        '<img src="seen.png" alt="">'
    )

    document = read(write(tmp_path / "page.html", f"<main><p>Text.</p>{images}</main>"))

    assert [piece.modality for piece in document.pieces] == ["text"]
    assert document.remarks == (
        "the picture 'seen.png' has no description: write alt=\"what it shows\"",
        "the picture 'https://a.example/b.png' is not in the knowledge folder",
        "the picture '../../c.png' is not in the knowledge folder",
    )
    assert "<img" not in html_of(document)


def test_a_page_without_landmarks_loses_its_menu_and_keeps_its_text(tmp_path: Path, read: Read) -> None:
    page = """<title>Opening hours</title><table width=800><tr><td><a href=a>Home</a> <a href=b>Bread</a>
    <a href=c>Cakes</a> <a href=d>Contact</a></td><td><h1>Opening hours</h1><p>We bake from Tuesday to Saturday.</p>
    <table><tr><td>Day</td><td>From</td><td>To</td></tr><tr><td>Tuesday</td><td>7:00</td><td>18:00</td></tr></table>
    <div id="cookies"><h2>Cookies</h2><p>With chocolate, on Fridays.</p></div></td></tr></table>"""

    pieces = read(write(tmp_path / "old.html", page)).pieces

    assert [(piece.locator.heading, piece.text) for piece in pieces] == [
        (None, "We bake from Tuesday to Saturday.\nDay: Tuesday; From: 7:00; To: 18:00."),
        ("Cookies", "With chocolate, on Fridays."),
    ]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("<tr><th>Only<tr><th>Names", "Only: Names."),
        ("<tr><th>Address<td>Main street 1<tr><th>Telephone<td>555", "Address: Main street 1.\nTelephone: 555."),
        ("<tr><td>Address<td>Main street 1<tr><td>Telephone<td>555", "Address: Main street 1.\nTelephone: 555."),
        ("<tr><th>A<th>B<tr><td>1<td>2<td>3", "A: 1; B: 2; 3."),
        ("<thead><tr><td>A<td>B</thead><tbody><tr><td>1", "A: 1."),
        ("<tr><td>A<td>B<td>C<tr><td>1<td><td>3", "A: 1; C: 3."),
    ],
)
def test_a_table_is_understood_whoever_names_what(tmp_path: Path, read: Read, table: str, text: str) -> None:
    page = f"<main><h1>Here</h1><table>{table}</table></main>"

    assert [piece.text for piece in read(write(tmp_path / "page.html", page)).pieces] == [text]


def test_a_heading_that_says_all_itself_is_a_piece(tmp_path: Path, read: Read) -> None:
    page = "<main><h1>Why us</h1><h2>Free delivery from 50 euros on</h2><h2>Team</h2><h3>Ann</h3><p>Sells.</p></main>"

    pieces = read(write(tmp_path / "page.html", page)).pieces

    assert [(piece.text, piece.locator.heading) for piece in pieces] == [
        ("Free delivery from 50 euros on", "Free delivery from 50 euros on"),
        ("Sells.", "Team › Ann"),
    ]


def test_a_description_helps_a_page_that_says_little(tmp_path: Path, read: Read) -> None:
    head = '<meta name="Description" content="A till for\u200b bakeries."><title>Tills</title>'
    short, long = f"{head}<main><p>Log in.</p></main>", f"{head}<main><p>{'word ' * 80}</p></main>"

    assert [piece.text for piece in read(write(tmp_path / "a.html", short)).pieces] == [
        "A till for bakeries.",
        "Log in.",
    ]
    assert "bakeries" not in str(read(write(tmp_path / "b.html", long)).pieces)


def test_the_operators_labels_win(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "page.toml", 'title = "Ours"\nlanguage = "fr"')

    document = read(write(tmp_path / "page.html", PAGE))

    assert (document.title, document.labels.language) == ("Ours", "fr")


def test_a_page_of_the_web_is_in_its_own_language_whatever_the_companys_is(tmp_path: Path, read: Read) -> None:
    path = write(tmp_path / "page.html", '<html lang="en-GB"><main><p>We answer within a day.</p></main></html>')
    write(tmp_path / "page.toml", 'language = "de"')

    document = read(path, address="https://acme.example/help")

    assert document.labels.language == "en"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-16", ""),
        ("cp1252", '<meta charset="iso-8859-1">'),
        ("cp1252", ""),
        ("utf-8", '<meta charset="nonsense">'),
        ("utf-8", '<meta charset="utf-16">'),
    ],
)
def test_a_page_is_read_in_its_encoding(tmp_path: Path, read: Read, encoding: str, declared: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(
        f"{declared}<main><p>Größere Geschäfte zahlen 49 €, wenn sie überall für ihre Kunden öffnen.</p></main>".encode(
            encoding
        )
    )

    assert read(path).pieces[0].text.startswith("Größere Geschäfte zahlen 49 €, wenn sie überall")
