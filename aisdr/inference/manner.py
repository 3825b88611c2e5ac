"""How a visitor speaks with the representative, beside what about: upset, off its subject, against it, of others."""

import re
from typing import Literal

Manner = Literal["upset", "off_topic", "turning", "comparing"]

_PATTERNS: tuple[tuple[Manner, str], ...] = (
    # Wants the representative to be something else, or its instructions.
    (
        "turning",
        r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|rules|prompts?|guidelines|told|above)\b"
        r"|\b(?:system|initial|hidden|secret) (?:prompt|instructions?)\b|\b(?:reveal|print|repeat|show"
        r"|what are) (?:me )?your "
        r"(?:\w+ )?(?:prompt|instructions|rules)\b|\byou are now\b|\b(?:pretend|act) (?:to be|as|like|that you)\b"
        r"|\bdeveloper mode\b|\bjailbreak\w*|\bnew instructions?:|</?(?:passage|system|summary)\b|\bfrom now on,? you\b"
        r"|\bignorier\w* (?:alle|deine|ihre)\b.{0,30}\banweisungen\b|\bignore[zr]? (?:toutes )?(?:les|tes"
        r"|vos) instructions\b"
        r"|\bignora (?:todas )?(?:las|tus|sus) instrucciones\b",
    ),
    (
        "upset",
        r"\b(?:useless|ridiculous|terrible|horrible|awful|pathetic|stupid|idiot\w*|dumb|garbage|rubbish|crap"
        r"|bullshit|wtf"
        r"|unacceptable|furious|angry|annoy(?:ed|ing)|frustrat\w+|disappoint(?:ed|ing)|fed up|sick of"
        r"|waste of (?:my )?time"
        r"|worst|scam|joke of|damn|hate (?:this|you|your)|shut up|screw)\b|!{3,}"
        r"|\b(?:you (?:never|don't|do not|can't|still) (?:answer|help|understand|listen)|(?:not|isn't) (?:helping"
        r"|helpful))\b"
        r"|\b(?:nutzlos|lächerlich|unverschämt|wütend|verärgert|frustrier\w+|schrecklich|mist|blöd\w*|dumm)\b"
        r"|\b(?:inutile|ridicule|nul|furieu\w+|énervé\w*|inadmissible|agaçant\w*)\b"
        r"|\b(?:inútil|ridículo|furios[oa]|enfadad[oa]|harto|inaceptable|pésimo)\b",
    ),
    (
        "off_topic",
        r"\b(?:tell|sing|write|give|make) (?:me )?(?:an? |another |some )?(?:\w+ )?(?:joke|poem|story|song|essay"
        r"|haiku|recipe"
        r"|limerick|python (?:code|script|function|program))s?\b|\bwhat(?:'s| is| will be) the weather\b"
        r"|\bmeaning of life\b"
        r"|\b(?:who (?:won|is the president|will win)|lottery|horoscope|stock tip|my homework)\b"
        r"|\b(?:erzähl\w*|schreib\w*) (?:mir )?(?:einen |ein |eine )?(?:witz|gedicht|geschichte)\b"
        r"|\bwie wird das wetter\b"
        r"|\b(?:raconte\w*|écri\w+)(?:[ -]moi)? une? (?:blague|poème|histoire)\b|\bcuénta\w* un (?:chiste|cuento)\b",
    ),
    (
        "comparing",
        r"\b(?:better|worse|cheaper|different|faster|safer) than\b|\bcompared? (?:to|with)\b|\bcompetitors?\b(?=\W*$)"
        r"|\b(?:instead of|rather than|alternatives? to|versus|vs\.?)\s+[A-Z]|\b[Ww]hy (?:not|should (?:I"
        r"|i|we) not) (?:use |buy )?[A-Z]"
        r"|\b(?:your|the) (?:biggest |main |closest )?(?:competitors?|competition|rivals?)\b"
        r"|\b(?:besser|billiger|schlechter) als\b|\b(?:meilleurs?|moins chers?) que\b|\b(?:mejor|peor"
        r"|más barato) que\b",
    ),
)
_COMPILED = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if kind != "comparing" else 0)) for kind, pattern in _PATTERNS
)
_UPSET = dict(_COMPILED)["upset"]

_PERSON_WISH = re.compile(
    r"\b(?:talk|speak|chat|connect me|transfer me|put me through|get me) (?:to |with )?(?:\w+ )?"
    r"(?:humans?|person|people|some(?:one|body)(?! (?:from|in|at) (?:\w+ )?sales)|agent|representative|rep|manager"
    r"|supervisor"
    r"|operator|colleague)\b"
    r"|\b(?:want|need|like|get|give me|have) (?:to (?:talk|speak|chat) (?:to|with) )?(?:an? )?(?:real |live |actual "
    r"|human )?"
    r"(?:human|person|human being)\b|\breal (?:human|person) please\b|^(?:a )?human(?: please)?\W*$"
    r"|\b(?:mit )?(?:einem|einen|ein) (?:echten |richtigen )?(?:menschen|mensch|mitarbeiter|person|berater)\b"
    r".{0,20}\b(?:sprechen|reden|verbinden|schreiben|haben)\b"
    r"|\bparler (?:à|avec) (?:un |une |quelqu)\w*(?: humain| vraie personne| personne| conseiller)?"
    r"|\bhablar con (?:un|una|alguien)\w*(?: persona| humano| agente| asesor)?",
    re.IGNORECASE,
)


def manner(text: str) -> Manner | None:
    """The first that fits; None for a plain question."""
    said = text.replace("’", "'")
    return next((kind for kind, pattern in _COMPILED if pattern.search(said)), None)


def calmed(text: str) -> str:
    """What an upset visitor asks, without the words that say how upset they are."""
    return " ".join(_UPSET.sub(" ", text).split())


def offers_fact(text: str) -> bool:
    """`I read that it costs $5, right?`: the visitor states a number and wants it confirmed."""
    return re.search(r"\d", text) is not None and _WANTS_CONFIRMED.search(text) is not None


def without_number(text: str) -> str:
    """What such a visitor really wants to know."""
    return " ".join(_WANTS_CONFIRMED.sub(" ", _AMOUNT.sub(" ", text)).split())


def wants_person(text: str) -> bool:
    """`Can I speak to a human?` is a wish; `Can the assistant hand over to a person?` asks about the product."""
    said = text.replace("’", "'")
    return _PERSON_WISH.search(said) is not None and not _ABOUT_THE_PRODUCT.match(said)


_ABOUT_THE_PRODUCT = re.compile(
    r"\W*(?:(?:can|could|will|would|does|do|is|are) (?:the|your|it|this|visitors?|customers?|users?)\b|how (?:do"
    r"|does|can))",
    re.IGNORECASE,
)
_WANTS_CONFIRMED = re.compile(
    r"^\W*(?:so,? |but )?(?:i|we) (?:\w+ )?(?:read|heard|saw|thought|think|believe|understand|was told"
    r"|were told)(?: that)?\b"
    r"|^\W*(?:so|but)\b(?=.*\?)|,? (?:right|correct|true|yes|no|isn't it|doesn't it|is that (?:right|true|correct))\W*$"
    r"|,? (?:richtig|stimmt das|oder|n'est-ce pas|c'est ça|verdad|no es así)\W*$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"[$€£]?\s?\d[\d.,]*\s?(?:[$€£%]|(?:percent|dollars?|euros?|pounds?|cents?|days?|weeks?|months?|hours?"
    r"|minutes?)\b)?",
    re.IGNORECASE,
)
