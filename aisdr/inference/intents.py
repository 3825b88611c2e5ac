"""Recognises what a visitor wants done rather than told: a meeting, a contact, a look at something."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aisdr.inference.base import Message
from aisdr.inference.glossary import in_english
from aisdr.inference.language import foreign_language
from aisdr.inference.manner import wants_person
from aisdr.visitor import EMAIL, about_visitor


@dataclass(frozen=True)
class Intent:
    """A tool that fits the visitor's wish, with what the visitor said that the tool can use."""

    tool: str
    arguments: dict[str, Any]
    instead: str | None = None
    """The next best tool, for a company that does not offer this one."""


def intents(messages: Sequence[Message], known: Mapping[str, str] | None = None) -> list[Intent]:
    """What the visitor's last message asks to have done, in the order in which it is best done.

    `known` is what the website says of the visitor: it fills in what they have not told themselves.
    """
    said = [message for message in messages if message.role in ("user", "assistant") and message.text]
    last = max((at for at, message in enumerate(said) if message.role == "user"), default=None)
    if last is None:
        return []
    text = said[last].text.strip()
    before = next((message.text for message in reversed(said[:last]) if message.role == "assistant"), "")
    own_words = [message.text for message in said[: last + 1] if message.role == "user"]
    visitor: dict[str, Any] = {**(known or {}), **about_visitor(own_words)}
    contact = leaves_contact(text, before)
    found = []
    if wants_person(text) or (_OFFERED_PERSON.search(before) and _consents(text)):
        found.append(Intent("request_human", {**visitor, "reason": text, "topic": text}, "create_meeting_link"))
    elif (wants_meeting(text) and not (contact and _CALL_BACK.search(_lower(text)))) or (
        _OFFERED_MEETING.search(before) and _consents(text)
    ):
        found.append(Intent("create_meeting_link", {**visitor, "topic": _topic(said, last)}))
    if contact and not (found and found[0].tool == "request_human"):
        found.append(Intent("log_lead", {**visitor, "message": text}))
    looked_for = in_english(text, foreign_language(text))
    if not found and wants_clip(looked_for):
        found.append(Intent("get_demo_clip", {"query": text}))
    elif not found and wants_picture(looked_for):
        found.append(Intent("show_visual", {"query": text}))
    return found


def wants_meeting(text: str) -> bool:
    """`Can the assistant book meetings?` is a question about the product; `Can I book a meeting?` is a wish."""
    return any(_MEETING_WISH.search(part) and not _ABOUT_THE_PRODUCT.search(part) for part in _parts(_lower(text)))


def leaves_contact(text: str, before: str = "") -> bool:
    """An e-mail address alone is no wish: it takes words that ask for contact, or our own question for the address."""
    if not EMAIL.search(text):
        return False
    rest = " ".join(EMAIL.sub(" ", _lower(text)).split())
    if rest.endswith("?") and not re.search(r"\b(?:i|we|me|us|my|our)\b", rest):
        return False
    asked_by_us = _ASKED_FOR_ADDRESS.search(before) is not None and len(rest.split()) <= 8
    return not rest or asked_by_us or _CONTACT_WISH.search(rest) is not None


def wants_picture(text: str) -> bool:
    return _PICTURE_WISH.search(_lower(text)) is not None and not _NOT_A_LOOK.search(_lower(text))


def wants_clip(text: str) -> bool:
    return _CLIP_WISH.search(_lower(text)) is not None and not _NOT_A_LOOK.search(_lower(text))


def question_beside(text: str) -> str:
    """What a message asks besides its wish: `Book me a call. Do you support SSO?` asks about SSO."""
    asked = (part for part in _parts(text) if part.endswith("?"))
    return " ".join(part for part in asked if not wants_meeting(part) and not EMAIL.search(part))


_BOOK = r"(?:book|schedule|arrange|set ?up|organi[sz]e|request)"
_MEETING = (
    r"(?:meeting|call|demo|appointment|consultation|walk-?through|slot|session|chat)\b"
    r"(?! (?:video|clip|recording|cent|room|note|minute))"
)
_SOMEONE = (
    r"(?:some(?:one|body)|humans?|sales|you guys"
    r"|a (?:real |live )?(?:human|person|rep\w*|specialist|consultant|sales ?\w*)"
    r"|an? (?:\w+ )?(?:expert|agent)|(?:your|the) (?:\w+ )?(?:team|sales|people|experts?|reps?))"
)
_WE = r"\b(?:i|we|i'd|we'd|i'll|we'll|let's|let us|me|us)\b"
_MEETING_WISH = re.compile(
    rf"^(?:(?:yes|ok|sure|please)\W+)*{_BOOK} (?:me |us )?(?:an? |the |my |our )?(?:[\w-]+ ){{0,2}}{_MEETING}"
    rf"|{_WE}[^.?!]{{0,30}}\b(?:{_BOOK}|have|get|do|want|need|like|see|hop on|jump on|join)\b"
    rf"(?: to (?:{_BOOK}|have|see|get))?"
    rf" (?:me |us )?(?:an? |the |some )?(?:[\w-]+ ){{0,3}}{_MEETING}"
    rf"|{_WE}[^.?!]{{0,25}}\b(?:talk|speak|chat|meet) (?:to|with) {_SOMEONE}"
    rf"|^(?:please )?(?:talk|speak|connect me|put me through|transfer me) (?:to|with) {_SOMEONE}"
    rf"|\b(?:have|let|can|could|would|please|get) {_SOMEONE} (?:please )?(?:call|ring|phone) (?:me|us)\b"
    r"|\b(?:call|ring|phone) me\b"
    r"|\b(?:termin|demo|gespräch|vorführung)\b.{0,25}\b(?:vereinbaren|buchen|ausmachen|machen)\b"
    r"|\b(?:prendre|réserver|fixer|organiser) (?:un |une )?(?:rendez-vous|démo\w*|réunion|appel)\b"
    r"|\b(?:agendar|reservar|concertar|programar) (?:un |una )?(?:reunión|demo\w*|cita|llamada)\b"
)
# With an address left, `call me back` is what the team is to do with it, and no wish for a booking page.
_CALL_BACK = re.compile(r"\b(?:call|ring|phone) me\b(?: back)?")
_OFFERED_PERSON = re.compile(
    r"rather talk to a person|lieber mit einem Menschen|préférez parler à une personne|prefiere hablar con una persona"
)
_ABOUT_THE_PRODUCT = re.compile(
    r"^(?:how (?:many|long|much)|how do (?:you|your)|does|do you|is|are|which|why|what"
    r"|(?:can|could|will|would) (?:the|your|it|this)\b)"
)
_OFFERED_MEETING = re.compile(
    r"\b(?:arrange|book|schedule|set up) (?:a|an) (?:meeting|call|demo)\b|Gespräch mit dem Team vereinbaren"
    r"|organiser un rendez-vous|concertar una reunión",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"(?:(?:yes|yeah|yep|sure|ok(?:ay)?|please|do|go ahead|absolutely|of course|great|thanks|thank you|just say so"
    r"|that would be (?:great|nice|good|helpful)|sounds good|let's do (?:that|it)"
    r"|i(?:'d| would) (?:like|love) (?:that|to)|ja|gern\w*|bitte|oui|volontiers|s'il vous plaît|d'accord|sí|claro"
    r"|por favor)\W*)+"
)

_CONTACT_WISH = re.compile(
    r"\b(?:contact|reach|e-?mail|write|message|notify|inform|ping|follow up|get back|in touch|interested|quote|offer"
    r"|proposal|brochure|newsletter|waitlist|demo|meeting|call|keep (?:me|us)|sign (?:me|us) up|(?:put|add) me"
    r"|send (?:me|us|it|over)|my (?:work )?(?:address|details|contact)|here(?:'s| is| are)|you can (?:use|find)"
    r"|rufen|melden|kontakt\w*|schreiben|angebot|rappele\w*|contacte\w*|devis|llám\w+|contáct\w+"
    r"|oferta)\b"
)
_ASKED_FOR_ADDRESS = re.compile(r"\be-?mail\b|\bcontact details\b|\bget back to you\b", re.IGNORECASE)

_PICTURE = (
    r"(?:pictures?|photos?|images?|screen ?shots?|diagrams?|illustrations?|mock-?ups?|info-?graphics?|schematics?"
    r"|visuals?|drawings?|charts?|slides?|graphs?|floor plan)\b"
    r"(?! (?:recognition|quality|editing|formats?|of accounts|decks?|count|generation|limit))"
)
_CLIP = (
    r"(?:videos?|clips?|footage|screen ?casts?|recordings?|trailer|testimonial|tutorial|webinar|animation)\b"
    r"(?! (?:editing|player|minutes|quality|formats?|limit|storage|consent|upload|api|calls?|chat|conferenc\w+))"
)
_SEE = r"(?:show|display|see|view|find|pull up|bring up|send|have|got|is there|are there|any|look at|give|let me)"
_ONE = r"(?:an?|the|any|some|your|me|of)"
_PICTURE_WISH = re.compile(
    rf"\b{_SEE}\b[^.?!]{{0,40}}?\b{_ONE}\b[^.?!]{{0,25}}\b(?<!big ){_PICTURE}"
    rf"|^(?:any )?{_PICTURE} of\b|^show (?:me |us )?how .+ looks?\b"
    r"|^show (?:me |us )?(?:the|your)\b(?!.*\b(?:pric\w+|costs?|numbers|steps|list|moment)\b)"
    r"|\bwhat (?:does|do|did) .+ looks? like\b|^let me see what\b"
)
_CLIP_WISH = re.compile(
    rf"\b(?:{_SEE}|play|watch)\b[^.?!]{{0,40}}?\b{_CLIP}|\bwatch (?:an?|the|some|one|it)\b"
    r"|^(?:please )?play (?:me |us )?(?:the|a|your)\b"
    r"|\b(?:on|as a|in a) video\W*$"
    r"|\bwhich (?:video|clip)s?\b(?= (?:shows?|explains?|should|can|do you have|is best)\b|\W*$)"
    r"|\bshow (?:me|us) (?:an? |the |your )?(?:\w+ )?demo\b"
)
_NOT_A_LOOK = re.compile(
    r"^(?:how (?:many|much|long|do|does)|do you (?:offer|support|allow|sell)|does|why|what happens)\b"
    r"|\bi want to see if\b|\bvalue of\b|\bdifference\b"
)


def _lower(text: str) -> str:
    return text.lower().replace("’", "'").strip()


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.?!])\s+|\n+", text) if part.strip()]


def _consents(text: str) -> bool:
    return _CONSENT.fullmatch(_lower(text)) is not None


def _topic(said: Sequence[Message], last: int) -> str:
    """What the meeting is about: this message, or the question that led to our offer of one."""
    if not _consents(said[last].text):
        return said[last].text.strip()
    return next((message.text for message in reversed(said[:last]) if message.role == "user"), said[last].text)
