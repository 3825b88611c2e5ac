"""Recognises what a visitor wants done rather than answered: a greeting returned, a meeting, a contact, a look at something."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aisdr.inference.base import Message

SmallTalk = Literal["greeting", "thanks", "who", "farewell", "abilities", "approval"]

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SMALL_TALK: tuple[tuple[SmallTalk, re.Pattern[str]], ...] = (
    ("who", re.compile(r"who (?:are|r) (?:you|u)|what are you|are you (?:a |an )?(?:real|human|bot|robot|person|ai|machine|chatbot)\b.*"
                       r"|(?:what(?:'s| is) your name|do you have a name)|am i (?:talking|speaking|chatting) (?:to|with) .*|who am i (?:talking|speaking|chatting) (?:to|with)")),
    ("abilities", re.compile(r"(?:what|how) can you (?:do|help)(?: for)?(?: me| us)?(?: with)?|(?:can|could) you help(?: me)?|help|what can i ask(?: you)?(?: about)?")),
    ("thanks", re.compile(r"(?:ok(?:ay)?|great|perfect|awesome|cool|nice)?\W*(?:many )?(?:thanks|thank you|thx|ty|cheers|much appreciated)(?: (?:so much|very much|a lot|again|for .{0,40}))?(?:\W+(?:that.{0,30}|bye|goodbye))?")),
    ("farewell", re.compile(r"(?:good)?bye(?: bye)?|see (?:you|ya)(?: later)?|have a (?:nice|good|great) (?:day|one|evening|weekend)|good night|that(?:'s| is) all")),
    ("greeting", re.compile(r"(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))(?: there| everyone| all| team)?(?:\W+how (?:are you|is it going|do you do)(?: doing)?(?: today)?)?|how are you(?: doing)?(?: today)?")),
    ("approval", re.compile(r"(?:ok(?:ay)?|great|perfect|awesome|cool|nice|good|got it|i see|understood|makes sense|sounds good|alright|fine|wow|interesting)(?: (?:then|one|to know))?")),
)  # fmt: skip

_PERSON = r"(?:some(?:one|body)|a (?:real )?(?:human|person|rep|representative|specialist|consultant|sales ?\w*|member)|an? (?:\w+ )?(?:expert|agent)|(?:your|the) (?:\w+ )?(?:team|sales|people|experts?|reps?)|sales|you guys|humans?)"
_MEETING = r"(?:meeting|call|demo|appointment|consultation|walk-?through|time slot|slot|session|chat)"
_WANTS_MEETING = re.compile(
    rf"^(?:yes\W+|ok\W+|sure\W+|please\W+)*(?:book|schedule|arrange|set ?up|organi[sz]e|request)\b (?:me |us )?(?:an? |the |my |our )?(?:\w+ ){{0,2}}{_MEETING}\b"
    rf"|\b(?:i|we|i'd|we'd|i'll|let's|let us|me|us)\b[^.?!]{{0,30}}\b(?:book|schedule|arrange|set ?up|organi[sz]e|request|have|get|hop on|jump on|want|need|like|do)\b (?:to (?:book|schedule|have|see|get|arrange|request) )?(?:me |us )?(?:an? |the |some )?(?:quick |short |live |personal |product |sales |free |15.minute |30.minute |video |phone |zoom )*{_MEETING}\b(?! (?:video|clip|recording|center|cent[er]))"
    rf"|\b(?:i|we|i'd|we'd|me|us)\b[^.?!]{{0,25}}\b(?:talk|speak|chat|meet)\b (?:to|with) {_PERSON}"
    rf"|^(?:talk|speak|connect me|put me through|transfer me)\b (?:to|with) {_PERSON}"
    rf"|\b(?:have|let|can|could|would|please|get) {_PERSON} (?:please )?(?:call|ring|phone) (?:me|us)\b|\b(?:call|ring|phone) me\b"
)
_NOT_MEETING = re.compile(
    r"^(?:how many|how long|how do (?:you|your)|does|do you|is|are|which|why|(?:can|could|will|would) (?:the|your|it|this|you(?! (?:book|schedule|arrange|set|call|phone|ring|have|get|put|connect))))\b"
)
_WANTS_CONTACT = re.compile(
    r"\b(?:contact|reach|e-?mail|write|message|notify|update|inform|ping|follow up|get back|get in touch|keep (?:me|us)|sign (?:me|us) up|put me|add me|send (?:me|us|it|over|a|the)|interested|quote|offer|proposal|brochure|newsletter|waitlist|call me|my (?:work )?(?:e-?mail|address|details|contact)|here(?:'s| is| are)|you can (?:use|find)|demo|meeting)\b"
)
_ASKED_FOR_EMAIL = re.compile(r"\b(?:e-?mail|contact details|get in touch|reach you)\b", re.IGNORECASE)
_OFFERED_MEETING = re.compile(r"\b(?:meeting|book|call with|demo with)\b[^\n]*$", re.IGNORECASE)
_CONSENT = re.compile(
    r"(?:yes|yeah|yep|sure|ok(?:ay)?|please(?: do)?|yes,? please|go ahead|sounds good|that would be (?:great|nice|good)|(?:i'd|i would) (?:like|love) (?:that|to)|let's do (?:that|it)|absolutely|of course|great)(?:\W+(?:please|do|thanks|thank you|that would be (?:great|nice|good)|go ahead|let's do (?:that|it)))*"
)

_PICTURE = r"(?:pictures?|photos?|images?|screen ?shots?|diagrams?|illustrations?|mock-?ups?|info-?graphics?|schematics?|visuals?|drawings?|charts?|slides?|floor plan)"
_CLIP = r"(?:videos?|clips?|footage|screen ?casts?|recordings?|trailer|testimonial|tutorial|webinar|animation)"
_SEE = r"(?:show|display|see|view|find|pull up|bring up|send|have|got|is there|are there|any|look at|give|let me)"
_WANTS_PICTURE = re.compile(
    rf"\b{_SEE}\b[^.?!]*?\b(?:an?|the|any|some|of|me|your|there)\b[^.?!]{{0,25}}\b{_PICTURE}\b(?! (?:recognition|quality|editing|format|of accounts|deck|count|per|generation|limit))"
    rf"|^(?:any )?{_PICTURE} of\b|^show (?:me |us )?(?:the |your |how (?:the|your|it) .* looks?\b)|\bwhat (?:does|do|did) .+ looks? like\b|\blet me see what\b|\bhow does .+ look(?: like)?\b(?! (?:for|at|into))"
)
_WANTS_CLIP = re.compile(
    rf"\b(?:{_SEE}|play|watch)\b[^.?!]*?\b{_CLIP}\b(?! (?:editing|player|minutes|quality|format|count|limit|storage|consent|upload|api))"
    rf"|^(?:can|could|may) (?:i|we) watch\b|\b(?:i|we) (?:want|would like|'d like) to watch\b|^(?:please )?play (?:me |us )?(?:the|a|your)\b|\b(?:on|as a|in a) video$|\bwhich (?:video|clip)\b"
    rf"|\bshow (?:me|us) (?:a |the |your )?(?:\w+ )?demo (?:of|video|clip)\b|\b(?:demo|sample) (?:video|clip)\b"
)
_NOT_LOOK = re.compile(
    r"^(?:how (?:many|much|long|do|does)|do you (?:offer|support|allow|sell)|does|why|what happens)\b|\b(?:i want to see if|value of|difference)\b"
)
_GIVEN_NAME = re.compile(
    r"\b(?:(?i:my name is|name's|name:)\s+|(?i:i am|i'm|this is)\s+(?=[A-Z]))((?:[^\W\d_][\w'’-]*)(?:\s+[A-Z][\w'’-]+){0,2})"
)
_COMPANY = re.compile(
    r"\b(?i:from|at|with|work for|company(?: name)? is|company:)\s+((?:[A-Z][\w&'’.-]*[\w&])(?:\s+(?:[A-Z&][\w&'’-]*))*)"
)
_ORDINARY = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december english german zoom teams germany".split()
)


@dataclass(frozen=True)
class Intent:
    """A tool that fits the visitor's wish, with what the visitor said that the tool can use."""

    tool: str
    arguments: dict[str, Any]


def small_talk(text: str) -> SmallTalk | None:
    """The kind of politeness a message consists of; None when it says anything else as well."""
    bare = " ".join(re.sub(r"[^\w\s'?!,.]", "", text.lower().replace("’", "'")).split()).strip(" ?!.,")
    without_hello = re.sub(r"^(?:hi|hello|hey)(?: there)?[\s,!.]+(?=\w)", "", bare)
    for candidate in (bare, without_hello):
        for kind, pattern in _SMALL_TALK:
            if pattern.fullmatch(candidate):
                return kind
    return None


def intents(messages: Sequence[Message]) -> list[Intent]:
    """What the visitor's last message asks to have done, in the order in which it is best done."""
    said = [message for message in messages if message.role in ("user", "assistant") and message.text]
    last = max((at for at, message in enumerate(said) if message.role == "user"), default=None)
    if last is None:
        return []
    text = said[last].text.strip()
    before = next((message.text for message in reversed(said[:last]) if message.role == "assistant"), "")
    visitor = _visitor(tuple(message.text for message in said[: last + 1] if message.role == "user"))
    found = []
    if wants_meeting(text) or (_offers(_OFFERED_MEETING, before) and _consents(text)):
        found.append(Intent("create_meeting_link", {**visitor, "topic": _topic(said, last)}))
    if leaves_contact(text, before):
        found.append(Intent("log_lead", {**visitor, "message": text}))
    if not found and wants_clip(text):
        found.append(Intent("get_demo_clip", {"query": text}))
    elif not found and wants_picture(text):
        found.append(Intent("show_visual", {"query": text}))
    return found


def wants_meeting(text: str) -> bool:
    lower = text.lower().replace("’", "'")
    return any(_WANTS_MEETING.search(part) and not _NOT_MEETING.search(part) for part in _parts(lower))


def leaves_contact(text: str, before: str = "") -> bool:
    """An e-mail address alone is no wish: it takes words that ask for contact, or our own question for the address."""
    if not _EMAIL.search(text):
        return False
    rest = " ".join(_EMAIL.sub(" ", text).split())
    asked_us = rest.endswith("?") and not re.search(r"\b(?:me|us|my|our)\b", rest.lower())
    bare = len(rest.split()) <= 4 and "?" not in rest
    return bool(_WANTS_CONTACT.search(rest.lower()) and not asked_us) or (
        bare and (not rest or bool(_ASKED_FOR_EMAIL.search(before)))
    )


def wants_picture(text: str) -> bool:
    lower = text.lower().replace("’", "'").strip()
    return bool(_WANTS_PICTURE.search(lower)) and not _NOT_LOOK.search(lower)


def wants_clip(text: str) -> bool:
    lower = text.lower().replace("’", "'").strip().rstrip("?.!")
    return bool(_WANTS_CLIP.search(lower)) and not _NOT_LOOK.search(lower)


def question_beside(text: str) -> str:
    """What the message asks besides a meeting or contact: `Book a call. Do you support SSO?` asks about SSO."""
    return " ".join(
        part for part in _parts(text) if part.endswith("?") and not wants_meeting(part) and not _EMAIL.search(part)
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.?!])\s+|\n+", text) if part.strip()]


def _consents(text: str) -> bool:
    return bool(_CONSENT.fullmatch(text.lower().replace("’", "'").strip(" .!")))


def _offers(pattern: re.Pattern[str], before: str) -> bool:
    return bool(pattern.search(before)) and any(
        word in before.lower() for word in ("shall i", "would you like", "i can", "just say")
    )


def _topic(said: Sequence[Message], last: int) -> str:
    """What the meeting is about: this message, or the question that led to our offer of one."""
    if not _consents(said[last].text):
        return said[last].text.strip()
    return next((message.text for message in reversed(said[:last]) if message.role == "user"), said[last].text)


def _visitor(texts: Sequence[str]) -> dict[str, str]:
    """Name, address and company as the visitor gave them, the latest first."""
    found: dict[str, str] = {}
    for text in reversed(texts):
        name, email, company = _GIVEN_NAME.search(text), _EMAIL.search(text), None
        for match in _COMPANY.finditer(_EMAIL.sub(" ", text)):
            if match[1].lower() not in _ORDINARY:
                company = match[1]
        if name and name[1].lower() not in _ORDINARY:
            found.setdefault("name", name[1] if name[1][0].isupper() else name[1].title())
        if email:
            found.setdefault("email", email[0].rstrip("."))
        if company:
            found.setdefault("company", company)
    return found
