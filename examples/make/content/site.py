"""The company's website: a dozen small pages with all that stands around the content of real ones."""

from html import escape
from pathlib import Path

from examples.make.content.look import COMPANY, FOAM, INK, NAVY, SAMPLE, TEAL

Page = tuple[str, str]
"""Title, and the content between navigation and footer."""

PAGES: dict[str, Page] = {
    "index.html": (
        "Cold chain monitoring for people who move food",
        """<h1>Cold chain monitoring for people who move food</h1>
<p>Brinefell makes loggers, gateways and software that tell you about a warm pallet while it can still be saved.</p>
<h2>In numbers</h2>
<p>More than five hundred sites in nine countries, from the fish auction at Hanstholm to a school kitchen in Ribe.</p>
<p><a href="/industries/">Industries</a> <a href="/news/">News</a> <a href="/company/about.html">About us</a></p>""",
    ),
    "company/about.html": (
        "About us",
        """<h1>About us</h1>
<p>The company began in 2014 in a boathouse in Esbjerg, with a thermometer that could send letters by radio. Today
138 people work
here, a third of them in the laboratory and the workshop.</p>
<h2>Who owns the company</h2>
<p>Sixty percent belong to those who work here, the rest to a foundation that pays for research about food waste.
There are no
investors who could sell us.</p>
<h2>Where we are</h2>
<p>Head office and laboratory are in Esbjerg, the warehouse in Kolding, and a small sales office in Bremerhaven.</p>""",
    ),
    "company/jobs.html": (
        "Jobs",
        """<h1>Jobs</h1>
<p>We look for people who like to be right about small numbers.</p>
<h2>Open positions</h2>
<ul><li>Radio engineer, Esbjerg, 32 or 37 hours a week</li><li>Service technician for the Baltic states, with a van
of your own choice</li>
<li>Apprentice in the mechanical workshop, from August</li></ul>
<h2>How we hire</h2>
<p>There is one conversation, one paid day of working together, and an answer within five days. We do not ask for
photographs.</p>""",
    ),
    "company/contact.html": (
        "Contact",
        """<h1>Contact</h1>
<p>Sales: weekdays from eight to five. Service desk for customers: see the number in your contract.</p>
<h2>Visiting us</h2>
<p>The laboratory can be seen on the last Friday of each month at two o'clock. Please announce yourselves a week
before, groups may
have up to sixteen people, and bring warm shoes.</p>""",
    ),
    "industries/index.html": (
        "Industries",
        """<h1>Industries</h1>
<p>What is cold is not always the same. Choose what you move:</p>
<ul><li><a href="/industries/seafood.html">Seafood</a></li><li><a href="/industries/flowers.html">Cut flowers</a></li>
<li><a href="/industries/vaccines.html">Vaccines and blood</a></li><li><a
href="/industries/catering.html">Catering</a></li></ul>""",
    ),
    "industries/seafood.html": (
        "Seafood",
        """<h1>Seafood</h1>
<p>Fish is sold by the hour. Auctions in four harbours show the temperature of each lot beside its price.</p>
<h2>Live animals</h2>
<p>Lobsters and oysters travel between four and nine degrees and must not freeze. A logger for them also watches for
shocks: more than
three hard ones in an hour, and the receiver is warned.</p>
<h2>Salt water</h2>
<p>Brine eats metal. For vats and decks there is a housing of titanium that is made to order within seven weeks.</p>""",
    ),
    "industries/flowers.html": (
        "Cut flowers",
        """<h1>Cut flowers</h1>
<p>Roses are not eaten, but they age like lettuce. What counts is the sum of warm hours between field and vase.</p>
<h2>Degree hours</h2>
<p>We add up every hour above two degrees. A rose from the highlands stands 500 degree hours; after that it lasts
less than five days
in the vase. Tulips bear 350, orchids do not like to be below twelve at all.</p>
<h2>Air freight</h2>
<p>Loggers for aircraft fall silent by themselves when they feel the pressure drop and speak again on the
ground.</p>""",
    ),
    "industries/vaccines.html": (
        "Vaccines and blood",
        """<h1>Vaccines and blood</h1>
<p>For goods that are given to patients there are rules of their own, and so there is a package of its own.</p>
<h2>Blood banks</h2>
<p>Red cells are kept between two and six degrees, platelets at 22 and in motion. Our logger on the shaker counts its
strokes and
reports when it stands still for longer than 60 seconds.</p>
<h2>Validation</h2>
<p>We deliver the papers for installation and operation; the third part has to be done by you, and we need about two
days on site to help
with it. The whole package costs 3,900 euros.</p>""",
    ),
    "industries/catering.html": (
        "Catering",
        """<h1>Catering</h1>
<p>Kitchens worry about heat as well as cold.</p>
<h2>Hot food on wheels</h2>
<p>Meals on wheels must arrive above 65 degrees. A probe in the lid of the box measures every minute and shows a
green dot until the
driver rings the bell.</p>
<h2>Buffets</h2>
<p>A buffet may stand for two hours. The little plate with the clock costs 12 euros, needs no app, and can be washed
with the cutlery.</p>""",
    ),
    "news/index.html": (
        "News",
        """<h1>News</h1>
<ul><li><a href="/news/2026-03-wind-power.html">Our sensors on wind farms</a></li>
<li><a href="/news/2026-06-prize.html">A prize for the door light</a></li>
<li><a href="/news/2026-09-recall.html">Recall of a power supply</a></li></ul>""",
    ),
    "news/2026-03-wind-power.html": (
        "Our sensors on wind farms",
        """<h1>Our sensors on wind farms</h1>
<p class="date">12 March 2026</p>
<p>Since this month 46 of our gateways stand on the platforms of an offshore wind farm. They watch the freezer with
the crew's food, and
because they were there anyway, the bearings of two cranes.</p>
<h2>What was hard</h2>
<p>Salt, and helicopters: nothing may hang loose. The antennas were glued and, in addition, wired.</p>""",
    ),
    "news/2026-06-prize.html": (
        "A prize for the door light",
        """<h1>A prize for the door light</h1>
<p class="date">18 June 2026</p>
<p>The traffic light for freezer doors has won the Nordic prize for useful things. The jury liked that it has no
menu, no battery
and no name.</p>
<h2>What happens with the money</h2>
<p>The 15,000 euros go to the food bank in Esbjerg, which will buy a second refrigerated van.</p>""",
    ),
    "news/2026-09-recall.html": (
        "Recall of a power supply",
        """<h1>Recall of a power supply</h1>
<p class="date">2 September 2026</p>
<p>USB supplies of the charge L4471, which came with the Mast Mini between May and July, can become hotter than they
should. Please
unplug them and use any other one until ours arrives.</p>
<h2>How to know yours</h2>
<p>The charge is printed under the plug, in grey. About 900 pieces are concerned, and nobody has been hurt.</p>
<h2>Exchange</h2>
<p>Fill in the form, keep the old one, and throw it away after the new one has come. Shops get theirs by courier
within two days.</p>""",
    ),
    "legal/imprint.html": (
        "Imprint",
        """<h1>Imprint</h1>
<p>Brinefell A/S, Havnegade 212, Esbjerg. Registered under number 00 00 00 00. This company is invented.</p>""",
    ),
}

_LAYOUT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} | Brinefell</title>
<style>
body {{ margin: 0; font: 17px/1.6 sans-serif; color: {ink}; }}
header, footer {{ background: {navy}; color: white; padding: 1rem 2rem; }}
nav a {{ color: white; margin-right: 1rem; }}
main {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
h1, h2 {{ color: {navy}; }}
.cookies {{ position: fixed; bottom: 0; background: {foam}; border-top: 3px solid {teal}; padding: 1rem 2rem; }}
</style>
</head>
<body>
<div class="cookies" role="dialog" aria-label="Cookies">This website uses cookies for statistics. <button>Agree</button>
<button>Refuse</button></div>
<header><a href="/">Brinefell</a>
<nav><a href="/industries/">Industries</a><a href="/news/">News</a><a href="/company/about.html">About us</a>
<a href="/company/jobs.html">Jobs</a><a href="/company/contact.html">Contact</a></nav></header>
<main>
{content}
</main>
<footer><p>{company} · {sample}</p>
<nav><a href="/legal/imprint.html">Imprint</a><a href="/company/contact.html">Book a demonstration</a></nav>
<p>Follow us and never miss a degree.</p></footer>
</body>
</html>
"""


def make_site(folder: Path) -> None:
    for name, (title, content) in PAGES.items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(
            _LAYOUT.format(
                title=escape(title),
                content=content,
                company=COMPANY,
                sample=SAMPLE,
                ink=INK,
                navy=NAVY,
                foam=FOAM,
                teal=TEAL,
            ),
            encoding="utf-8",
        )
