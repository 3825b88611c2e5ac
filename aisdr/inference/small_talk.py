"""Politeness and questions about the assistant itself, which need no material to be answered."""

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "who", "about", "abilities", "farewell", "approval"]

_PATTERNS: tuple[tuple[SmallTalk, str], ...] = (
    ("who", r"(?:who|what) (?:are|r) (?:you|u)|(?:what's|what is) your name|do you have a name"),
    ("who", r"are you (?:an? )?(?:real |live )?(?:human|bot|robot|person|ai|machine|chatbot)(?: or .{0,25})?"),
    ("who", r"(?:who )?am i (?:talking|speaking|chatting) (?:to|with).{0,40}"),
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
    ("approval", r"got it|i see|understood|(?:that )?(?:makes sense|sounds good)"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_HELLO = re.compile(r"(?:hi|hello|hey)(?: there)?[\s,!.]+(?=\w)")


def small_talk(text: str, company: str = "") -> SmallTalk | None:
    """The kind of politeness a message consists of; None when it says anything else as well."""
    if company:
        text = re.sub(rf"\b{re.escape(company)}\b", "the company", text, flags=re.IGNORECASE)
    bare = " ".join(re.sub(r"[^\w\s'?!,.]", "", text.lower().replace("’", "'")).split()).strip(" ?!.,")
    for said in (bare, _HELLO.sub("", bare, count=1)):
        for kind, pattern in _COMPILED:
            if pattern.fullmatch(said):
                return kind
    return None
