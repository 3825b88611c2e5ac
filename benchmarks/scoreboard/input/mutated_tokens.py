"""T-TOK-02: of a million texts that are nearly a token of ours, none opens a door.

Good tokens of both audiences, signed by either of two keys, are changed in one place or several, cut, joined with each
other's parts, claimed anew without a key of ours, or shown at the other door. Each goes straight to the only one who
verifies. At last the good ones are taken, so that it was the change that was refused.
"""

import base64
import json
import random
from collections import Counter
from collections.abc import Callable

import jwt

from aisdr.errors import Unauthorized
from aisdr.tokens import TICKET_SECONDS, TOKEN_SECONDS, Audience, Signer
from benchmarks.scoreboard.figure import Figure, Form
from tests.material import KEYS

MUTANTS: dict[Form, int] = {"small": 5_000, "full": 1_000_000}
SEED = 20_261_130
GOOD = 64
_NOW = 1_800_000_000.0
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00é€"
_LIFE: dict[Audience, int] = {"api": TOKEN_SECONDS, "ws": TICKET_SECONDS}

Mutation = Callable[[random.Random, list[str]], str]
"""Makes another text of good tokens of one audience."""


def measure(form: Form) -> Figure:
    chance = random.Random(SEED)  # noqa: S311 - mutants, and no secrets
    signer = Signer(KEYS)
    good = {audience: [_signed(audience, number) for number in range(GOOD)] for audience in _LIFE}
    known = {token for tokens in good.values() for token in tokens}
    tried, accepted = Counter[str](), Counter[str]()
    while tried.total() < MUTANTS[form]:
        audience = chance.choice(list(good))
        name = chance.choice(list(MUTATIONS))
        mutant = MUTATIONS[name](chance, good[audience])
        at: Audience = audience
        if name == "other door":
            at = "ws" if audience == "api" else "api"
        elif mutant in known:
            continue
        tried[name] += 1
        accepted[name] += _is_taken(signer, mutant, at)
    taken = sum(_is_taken(signer, token, audience) for audience, tokens in good.items() for token in tokens)
    wrong = accepted.total()
    return Figure(
        f"{wrong:,} of {tried.total():,} mutated tokens taken",
        "0",
        not wrong and taken == GOOD * len(good),
        {"mutants": tried.total(), "by_mutation": dict(sorted(tried.items())), "accepted": wrong, "good_taken": taken},
    )


def _signed(audience: Audience, number: int) -> str:
    key_id = list(KEYS)[number % len(KEYS)]
    says = {"sub": f"{number:032x}", "cid": "acme", "org": "https://acme.example", "mode": "text"}
    return Signer({key_id: KEYS[key_id]}).sign(audience, says, _NOW, _NOW + _LIFE[audience])


def _is_taken(signer: Signer, token: str, audience: Audience) -> bool:
    try:
        signer.verify(token, audience, _NOW + 1)
    except Unauthorized:
        return False
    return True


def _changed(chance: random.Random, good: list[str]) -> str:
    token, at = chance.choice(good), chance.randrange(len(good[0]))
    return token[:at] + chance.choice(_SIGNS) + token[at + 1 :]


def _bit(chance: random.Random, good: list[str]) -> str:
    """One bit of a part, in the right spelling."""
    parts = chance.choice(good).split(".")
    which = chance.randrange(3)
    raw = bytearray(base64.urlsafe_b64decode(parts[which] + "=="))
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    parts[which] = _told(bytes(raw))
    return ".".join(parts)


def _last(chance: random.Random, good: list[str]) -> str:
    """The last character, two bits of which no reader of base64 looks at."""
    return chance.choice(good)[:-1] + chance.choice(_SIGNS)


def _cut(chance: random.Random, good: list[str]) -> str:
    token = chance.choice(good)
    begin, end = sorted(chance.sample(range(len(token) + 1), 2))
    return chance.choice([token[begin:end], token[:begin] + token[end:], token + token[begin:end]])


def _joined(chance: random.Random, good: list[str]) -> str:
    parts = [chance.choice(good).split(".")[which] for which in (0, 1, 2)]
    return ".".join(parts)


def _claimed(chance: random.Random, good: list[str]) -> str:
    """Other claims under the old signature, or under one of a key that is not ours, or under none."""
    header, says, signature = chance.choice(good).split(".")
    claims = json.loads(base64.urlsafe_b64decode(says + "=="))
    claims |= {chance.choice(["cid", "sub", "org"]): "globex", "exp": claims["exp"] + chance.randint(-9, 9)}
    known = {"kid": chance.choice([*KEYS, "k9", "", "../k2"]), "typ": jwt.get_unverified_header(good[0])["typ"]}
    match chance.randrange(4):
        case 0:
            return f"{header}.{_told(json.dumps(claims).encode())}.{signature}"
        case 1:
            return jwt.encode(claims, "a key that nobody here ever knew, 32 b", algorithm="HS256", headers=known)
        case 2:
            unsigned = {"alg": "none"} | known
            return f"{_told(json.dumps(unsigned).encode())}.{says}.{chance.choice(['', signature])}"
        case _:
            return jwt.encode(claims, KEYS["k2"], algorithm=chance.choice(["HS384", "HS512"]), headers=known)


def _told(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


MUTATIONS: dict[str, Mutation] = {
    "one character": _changed,
    "two characters": lambda chance, good: _changed(chance, [_changed(chance, good)]),
    "one bit": _bit,
    "last character": _last,
    "cut": _cut,
    "parts of several": _joined,
    "other claims": _claimed,
    "other door": lambda chance, good: chance.choice(good),
}
