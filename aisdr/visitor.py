"""What visitors tell about themselves, found in their own words by rules."""

import re
from collections.abc import Iterable

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def about_visitor(texts: Iterable[str]) -> dict[str, str]:
    """`name`, `email`, `phone` and `company` as the visitor gave them; what was said last counts."""
    found: dict[str, str] = {}
    for text in texts:
        if address := EMAIL.search(text):
            found["email"] = address[0].rstrip(".")
        if signed := _SIGNED.search(text):
            found["name"] = signed[1]
        without_address = EMAIL.sub(" ", text)
        if phone := _PHONE.search(without_address):
            found["phone"] = phone[1].strip()
        for kind, pattern in (("name", _NAME), ("company", _COMPANY)):
            for match in pattern.finditer(without_address):
                if match[1].lower() not in _NO_NAMES:
                    found[kind] = match[1] if match[1][0].isupper() else match[1].title()
    return found


def sizes(texts: Iterable[str]) -> list[str]:
    """How large the visitor's business is, such as `200 stores`; the newest number of each kind."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _SIZE.finditer(text):
            found[match[2].lower()] = f"{match[1]} {match[2]}"
    return list(found.values())


# `this is` and `I'm` begin many sentences; only a capital letter makes a name of what follows.
_NAME = re.compile(
    r"\b(?:(?i:my name is|name's|name:|mein name ist|ich heiße|je m'appelle|mon nom est|me llamo|mi nombre es)"
    r"\s+(?=[^\W\d_])|(?i:i am|i'm|this is|ich bin|je suis|soy)\s+(?=[A-ZÀ-Þ]))"
    r"([^\W\d_][\w'’-]*(?:\s+[A-ZÀ-Þ][\w'’-]+){0,2})"
)
# `…: Dana Whitfield, dana@oakmart.example`: a name beside its address.
_SIGNED = re.compile(rf"\b([A-ZÀ-Þ][\w'’-]+(?:\s+[A-ZÀ-Þ][\w'’-]+){{1,2}})\s*[,;:(<–-]?\s*{EMAIL.pattern}")
_COMPANY = re.compile(
    r"\b(?i:from|at|work for|company(?: name)? is|company:)\s+([A-Z][\w&'’.-]*[\w&](?:\s+[A-Z&][\w&'’-]*)*)"
)
_NO_NAMES = frozenset(
    (
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march"),
        *("april", "may", "june", "july", "august", "september", "october", "november", "december", "zoom", "teams"),
        *("interested", "looking", "not", "just"),
    )
)
# A number is a telephone's when it begins like one or when the visitor says so; prices and store counts are neither.
_PHONE = re.compile(
    r"(?:(?<!\w)(?=\+)|\b(?:phone|mobile|cell|number|tel|telefon|call me (?:at|on|under))\b\.?:?(?: (?:number )?is)? ?)"
    r"(\+?\(?\d[\d ()./-]{6,18}\d)",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\b(\d[\d.,]*\d|\d)\s+(?:\w+\s)?(stores?|shops?|outlets?|locations?|branches|employees|people|seats?|users?|agents?"
    r"|skus?|products?|visitors|customers|filialen|geschäfte|mitarbeiter|magasins?|employés|tiendas?|empleados)\b",
    re.IGNORECASE,
)
