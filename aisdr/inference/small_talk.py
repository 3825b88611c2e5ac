"""Politeness and questions about the assistant itself, which need no material to be answered."""

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "who", "human", "about", "abilities", "farewell", "approval"]

_PATTERNS: tuple[tuple[SmallTalk, str], ...] = (
    ("who", r"(?:who|what) (?:are|r) (?:you|u)|(?:what's|what is) your name|do you have a name"),
    (
        "human",
        r"(?:(?:wait|hold on|so|but)\W+)?(?:are|r) (?:you|u) (?:really |actually |even )?(?:an? )?"
        r"(?:real |live |actual )?(?:human|human being|bot|robot|person|ai|machine|chatbot|computer|real)"
        r"(?: or .{0,25})?(?: or not)?",
    ),
    ("human", r"is this (?:an? )?(?:real |live )?(?:human|bot|robot|person|ai|machine|chatbot)(?: or .{0,25})?"),
    ("human", r"(?:who )?am i (?:talking|speaking|chatting) (?:to|with).{0,40}"),
    (
        "abilities",
        r"(?:what|how) can you (?:do|help)(?: for)?(?: me| us)?(?: with)?|(?:(?:can|could) you )?help(?: me)?",
    ),
    ("abilities", r"what can i ask(?: you)?(?: about)?"),
    (
        "about",
        r"what (?:exactly )?(?:do|does) (?:you|your (?:company|product|software|firm)|the company)"
        r" (?:guys |actually |exactly |even )?(?:do|offer|sell|make)(?: exactly)?",
    ),
    ("about", r"(?:what|who) (?:is|does) the company(?: (?:do|about|exactly))?|what (?:are you|is the company) about"),
    ("about", r"what(?:'s| is) (?:this|that|it)(?: (?:site|page|product|company|thing|all))?(?: (?:all )?about| for)?"),
    ("about", r"(?:can you )?tell me (?:more )?about (?:you|yourself|your (?:company|product)|the company)"),
    (
        "thanks",
        r"(?:(?:ok(?:ay)?|great|perfect|awesome|cool|nice)\W+)?(?:many thanks|thanks|thank you|thx|cheers)"
        r"(?: (?:so much|very much|a lot|again|for [^?,.]{1,40}))?"
        r"(?:\W+(?:that (?:helps?|helped|is all)[^?]{0,20}|bye|goodbye))?",
    ),
    ("farewell", r"(?:good)?bye(?: bye)?|see (?:you|ya)(?: later)?|good night|that(?:'s| is) all"),
    ("farewell", r"have a (?:nice|good|great) (?:day|one|evening|weekend)"),
    (
        "greeting",
        r"(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))(?: there| everyone| all| team)?"
        r"(?:\W+how (?:are you|is it going|do you do)(?: doing)?(?: today)?)?",
    ),
    ("greeting", r"how are you(?: doing)?(?: today)?"),
    (
        "approval",
        r"(?:ok(?:ay)?|great|perfect|awesome|cool|nice|good|alright|fine|wow|interesting)(?: then| one| to know)?",
    ),
    (
        "greeting",
        r"(?:hallo|guten (?:tag|morgen|abend)|moin|servus|grüß gott|bonjour|bonsoir|salut|hola|buen[oa]s ?\w*)",
    ),
    ("thanks", r"(?:vielen |herzlichen )?dank(?:e)?(?: schön| sehr)?|merci(?: beaucoup| bien)?|(?:muchas )?gracias"),
    ("farewell", r"tschüss|auf wiedersehen|au revoir|adiós|hasta luego"),
    (
        "human",
        r"(?:sind sie|bist du|spreche ich mit|rede ich mit)(?: hier)? (?:ein\w{0,2} )?(?:echte[rnm]? )?"
        r"(?:mensch(?:en)?|roboter|bot|ki|computer|maschine)(?: oder .{0,25})?"
        r"|(?:êtes[- ]vous|es[- ]tu|est-ce que (?:vous êtes|tu es)) (?:une? )?(?:vrai\w* )?"
        r"(?:humain\w*|robot|personne|ia|machine)(?: ou .{0,25})?"
        r"|(?:¿ ?)?(?:es usted|eres|estoy hablando con) (?:una? )?(?:human[oa]|robot|persona|ia"
        r"|máquina)(?: o .{0,25}| real)?",
    ),
    ("approval", r"got it|i see|understood|(?:that )?(?:makes sense|sounds good)"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_HELLO = re.compile(r"(?:hi|hello|hey)(?: there)?[\s,!.]+(?=\w)")


def small_talk(text: str, company: str = "") -> SmallTalk | None:
    """The kind of politeness a message consists of; None when it says anything else as well."""
    if company:
        text = re.sub(rf"\b{re.escape(company)}\b", "the company", text, flags=re.IGNORECASE)
    bare = " ".join(re.sub(r"[^\w\s'?!,.-]", "", text.lower().replace("’", "'")).split()).strip(" ?!.,")
    for said in (bare, _HELLO.sub("", bare, count=1)):
        for kind, pattern in _COMPILED:
            if pattern.fullmatch(said):
                return kind
    return None
