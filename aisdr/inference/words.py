"""Words as the extractive model compares them: stems, and which different words a buyer uses for one thing."""

import re
import threading
from collections.abc import Iterable
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found, unused-ignore]

_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")

_ENDING = re.compile(r"'(?:s|re|ve|ll|d|m|t)$")

_STOP = """
    a an the and or but nor so yet if then than as at by for from in into of off on onto out over per to under
    up upon via with without about above after again against all also am any are aren be because been before
    being below between both can cannot could did do does doing don done down during each else ever every few
    had has have having he her here hers him his how i im ill id ive is isn it its itself just let lets me more
    most much many must my myself no not now once only other our ours own please same shall she should some such
    that thats the their theirs them there these they this those through too until us very was we were what
    whats when where which while who whom whose why will would you your yours yourself thank thanks tell know
    like want wonder wondering hi hello hey ok okay get gets got give gives go going say said see look really
    actually maybe anything something someone somebody anyone exactly around list explain describe summarize
    summarise show name mention called may might explain regarding concerning difference differ different
    compare comparison versus vs one ones happen happens happened happening within among across toward towards
    whether however therefore
"""

# Words that say what a question wants without saying what it is about: they count, but little.
_WEAK = """
    offer provide support have include work use need make take come available possible allow able happen time
    times company product platform software app solution service tool system thing way kind type sort different
    main good best long often soon fast various certain specific many usual typical general today currently
    nowadays right
"""

# One line: words that a visitor and a product page use for the same thing. Those before a colon are also answered by
# those behind it, but not the other way round.
_KIN = """
    price pricing cost charge fee pay payment expensive cheap budget rate
    integration integrate connect connector connection sync plug interoperate
    secure security safe safety protect protection: encrypt
    encrypt encryption encrypted
    subtitle caption captions
    version edition
    respond response react reaction reply answer
    downtime outage: uptime unavailable
    compensation compensate: credit credited refund
    schedule: planned
    run: lead leads head manage ceo
    ceo: chief executive
    store stored storage host hosted hosting located residency reside
    keep retain retention kept
    delete erase remove deletion erasure purge
    language languages multilingual speak translate translation
    start begin onboard onboarding setup install installation implement implementation deploy rollout launch
    cancel cancellation terminate termination quit leave: notice
    additional extra further more another
    unsure uncertain: confidence doubt
    appear show arrive shown appears
    aim goal target: least
    contract commitment agreement
    refund reimburse reimbursement moneyback
    bill billing invoice invoicing
    annual annually yearly year
    month monthly
    user seat teammate member
    limit maximum max cap quota
    uptime availability sla
    certify certified certification certificate compliant compliance
    audit audited auditor
    discount reduction saving save
    trial free
    contact reach talk speak: channel
    picture image photo screenshot illustration diagram
    video clip recording
    fast quick speed latency delay
    buy purchase order
    customer client
    founder founded establish established
    employ employee staff headcount
    guarantee promise
    result outcome benefit achievement
    result outcome benefit: save saved resolve improve reduce increase
    format: pdf csv docx powerpoint
    crm: salesforce hubspot
    document file pdf
    human person agent operator
    upgrade switch change
    teach train training learn
    phone telephone call
    mobile ios android smartphone
    big large size
    allow permit let
    gdpr privacy
    measure metric kpi analytics report reporting
    website site webpage
    own belong owner ownership
    job role occupation profession
    defeat beat
    author write wrote written
    die died death
    bear born birth birthplace
"""

# Phrases that say a thing without its word.
_PHRASES = (
    (re.compile(r"\b(?:up to|at most|no more than)(?= (?:\w+ )?\d)"), "maximum"),
    (re.compile(r"\b(\d+ ?[kmgt]b)\b"), r"\1 size"),
    (re.compile(r"\bsingle sign.on\b"), "single sign on sso"),
    (re.compile(r"\baround the clock\b"), "24 7"),
    (re.compile(r"\bcompanies (?=use\b)"), "customers "),
    (re.compile(r"\brate.limits?\b"), "ratelimit"),
    (re.compile(r"\brequests (?:a|per|every) (?:second|minute|hour|day)\b"), r"\g<0> ratelimit"),
    (re.compile(r"\bmoney.back\b"), "refund"),
    (re.compile(r"\bset up\b"), "setup"),
    (re.compile(r"\bpeople (?=work)"), "employees "),
    (re.compile(r"%"), " percent"),
)

STOP_WORDS = frozenset(_STOP.split())

# Words that the stemmer would make one with others of another meaning, such as `custom` or `universe`.
_APART = {"customer": "customer", "customers": "customer", "university": "university", "universities": "university"}

_stemmer = Stemmer.Stemmer("english")
# A stemmer must not be asked by two threads at once.
_stemming = threading.Lock()


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if word in _APART:
        return _APART[word]
    with _stemming:
        return str(_stemmer.stemWord(word))


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words in order; `5,000` and `v2.1` stay whole, `it's` loses its ending."""
    text = text.lower().replace("’", "'")
    for pattern, plain in _PHRASES:
        text = pattern.sub(plain, text)
    found = _WORD.findall(text)
    return tuple(_ENDING.sub("", word).replace(",", "").replace("'", "") for word in found)


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, in order."""
    return tuple(_stem(word) for word in words(text) if word not in STOP_WORDS)


def _line_stems(line: str) -> list[str]:
    return [_stem(word) for word in line.split()]


WEAK_STEMS = frozenset(_line_stems(_WEAK))


def _families(lines: Iterable[str]) -> dict[str, frozenset[str]]:
    families: dict[str, frozenset[str]] = {}
    for line in lines:
        askers, _, answers = line.partition(":")
        members = frozenset(_line_stems(askers) + _line_stems(answers))
        for stem in _line_stems(askers):
            families[stem] = families.get(stem, frozenset()) | members
    return families


_FAMILIES = _families(_KIN.strip().split("\n"))
_KIN_WORDS = tuple(_KIN.replace(":", " ").split())


def kin(stem: str) -> frozenset[str]:
    """Stems of other words for the same thing, without `stem` itself."""
    return _FAMILIES.get(stem, frozenset()) - {stem}


def corrected(word: str, vocabulary: Iterable[str]) -> frozenset[str]:
    """Stems of the words that `word` is probably a misspelling of, among those of the material and our own."""
    return frozenset(_stem(known) for known in (*vocabulary, *_KIN_WORDS) if is_misspelling(word, known))


def is_misspelling(wanted: str, existing: str) -> bool:
    """One letter too many, too few, wrong or swapped, in words long enough that this is no other word."""
    if min(len(wanted), len(existing)) < 6 or abs(len(wanted) - len(existing)) > 1 or wanted[0] != existing[0]:
        return False
    if any(character.isdigit() for character in wanted + existing):
        return False
    start = 0
    while start < min(len(wanted), len(existing)) and wanted[start] == existing[start]:
        start += 1
    rest, other = wanted[start:], existing[start:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
