"""Tokens and tickets that we did not make, or that somebody changed, open nothing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from secrets import token_hex
from string import ascii_letters, digits
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aisdr.errors import NotFound, Unauthorized
from aisdr.session import Entry, Session, Sessions
from aisdr.tokens import MOST_CHARACTERS, SKEW_SECONDS, TICKET_SECONDS, TOKEN_SECONDS
from tests.material import KEYS, ORIGIN, Clock
from tests.media_keys import private_pem, public_pem
from tests.sessions import session, sessions

__all__ = ["session", "sessions"]


def claims(session: Session, clock: Clock, **changes: Any) -> dict[str, Any]:
    """What a good token says."""
    good = {
        "iss": "aisdr",
        "aud": "api",
        "sub": session.session_id,
        "cid": session.company_id,
        "org": session.origin,
        "jti": "a-token-of-ours",
        "iat": int(clock.now),
        "exp": int(clock.now + 300),
    }
    return good | changes


def signed(says: dict[str, Any], key: str = KEYS["k2"], algorithm: str = "HS256", **header: Any) -> str:
    return jwt.encode(says, key, algorithm=algorithm, headers={"kid": "k2", "typ": "sdr+session"} | header)


def test_the_forgeries_below_differ_from_a_good_token_only_in_what_they_name(
    sessions: Sessions, session: Session, clock: Clock
) -> None:
    assert sessions.authenticate(signed(claims(session, clock)), ORIGIN) == session
    assert sessions.authenticate(headed(session, clock), ORIGIN) == session


def without(session: Session, clock: Clock, name: str) -> str:
    return signed({key: value for key, value in claims(session, clock).items() if key != name})


def unsigned(session: Session, clock: Clock) -> str:
    return signed(claims(session, clock), key="", algorithm="none")


def altered(session: Session, clock: Clock) -> str:
    head, _, signature = signed(claims(session, clock)).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(session, clock, cid="globex")).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def by_hand(header: dict[str, Any], says: dict[str, Any], secret: str) -> str:
    """A token that no library would make: HMAC-SHA256 whatever its header says."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in (header, says)]
    signature = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join((*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")))


def headed(session: Session, clock: Clock, **header: Any) -> str:
    """Signed with our key, under a header that ours never have."""
    return by_hand({"alg": "HS256", "kid": "k2", "typ": "sdr+session"} | header, claims(session, clock), KEYS["k2"])


def nested(session: Session, clock: Clock) -> str:
    return base64.urlsafe_b64encode(b"[" * 1400).decode().rstrip("=") + ".e30.x"


FORGERIES: dict[str, Callable[[Session, Clock], str]] = {
    "empty": lambda session, clock: "",
    "words": lambda session, clock: "open sesame",
    "not ascii": lambda session, clock: "é.ü.ß",
    "algorithm none": unsigned,
    "algorithm none, signature kept": lambda session, clock: unsigned(session, clock) + "AAAA",
    "another algorithm": lambda session, clock: signed(claims(session, clock), algorithm="HS512"),
    "another key": lambda session, clock: signed(claims(session, clock), key="a key that nobody here ever knew, 32 b"),
    "a key id we do not know": lambda session, clock: signed(claims(session, clock), kid="k9"),
    "the wrong one of our keys": lambda session, clock: signed(claims(session, clock), kid="k1"),
    "a key id that is a path": lambda session, clock: signed(claims(session, clock), kid="../../dev/null"),
    "signed with RSA": lambda session, clock: signed(claims(session, clock), key=private_pem(), algorithm="RS256"),
    "the algorithm RS256, signed with our HMAC": lambda session, clock: headed(session, clock, alg="RS256"),
    "the algorithm in small letters": lambda session, clock: headed(session, clock, alg="hs256"),
    "no algorithm": lambda session, clock: headed(session, clock, alg=None),
    "a public key as the secret": lambda session, clock: by_hand(
        {"alg": "HS256", "kid": "k2", "typ": "sdr+session"}, claims(session, clock), public_pem()
    ),
    "a key that it brings along": lambda session, clock: signed(
        claims(session, clock),
        key="a key of my own, which is long enough, too",
        jwk={"kty": "oct", "k": "YSBrZXkgb2YgbXkgb3duLCB3aGljaCBpcyBsb25nIGVub3VnaCwgdG9v"},
    ),
    "an extension that nobody knows": lambda session, clock: headed(session, clock, crit=["life"], life=9),
    "a body beside it": lambda session, clock: headed(session, clock, b64=False, crit=["b64"]),
    "no key id": lambda session, clock: headed(session, clock, kid=None),
    "a list of key ids": lambda session, clock: headed(session, clock, kid=["k2"]),
    "a key id in capitals": lambda session, clock: signed(claims(session, clock), kid="K2"),
    "a key id of SQL": lambda session, clock: signed(claims(session, clock), kid="x' UNION SELECT 'k2"),
    "a key id that is nothing": lambda session, clock: signed(claims(session, clock), kid=""),
    "the type of a ticket": lambda session, clock: signed(claims(session, clock), typ="sdr+ticket"),
    "no type": lambda session, clock: headed(session, clock, typ=None),
    "the type in capitals": lambda session, clock: signed(claims(session, clock), typ="SDR+SESSION"),
    "the type JWT": lambda session, clock: signed(claims(session, clock), typ="JWT"),
    "audience of the relay": lambda session, clock: signed(claims(session, clock, aud="ws")),
    "both audiences": lambda session, clock: signed(claims(session, clock, aud=["api", "ws"])),
    "no audience": lambda session, clock: without(session, clock, "aud"),
    "no issuer": lambda session, clock: without(session, clock, "iss"),
    "another issuer": lambda session, clock: signed(claims(session, clock, iss="somebody")),
    "expired": lambda session, clock: signed(claims(session, clock, exp=int(clock.now))),
    "expires as a text": lambda session, clock: signed(claims(session, clock, exp=str(int(clock.now + 300)))),
    "expires at no number": lambda session, clock: by_hand(
        {"alg": "HS256", "kid": "k2", "typ": "sdr+session"}, claims(session, clock, exp=float("nan")), KEYS["k2"]
    ),
    "expires at the end of time": lambda session, clock: by_hand(
        {"alg": "HS256", "kid": "k2", "typ": "sdr+session"}, claims(session, clock, exp=float("inf")), KEYS["k2"]
    ),
    "expires at true": lambda session, clock: signed(claims(session, clock, iat=0, exp=True)),
    "lives for longer than ten minutes": lambda session, clock: signed(
        claims(session, clock, exp=int(clock.now) + TOKEN_SECONDS + 1)
    ),
    "made in a minute": lambda session, clock: signed(
        claims(session, clock, iat=int(clock.now) + SKEW_SECONDS + 1, exp=int(clock.now) + 300)
    ),
    "good from a minute on": lambda session, clock: signed(
        claims(session, clock, nbf=int(clock.now) + SKEW_SECONDS + 1)
    ),
    "good from nowhere on": lambda session, clock: signed(claims(session, clock, nbf=None)),
    "made at no time": lambda session, clock: without(session, clock, "iat"),
    "never expires": lambda session, clock: without(session, clock, "exp"),
    "no subject": lambda session, clock: without(session, clock, "sub"),
    "no company": lambda session, clock: without(session, clock, "cid"),
    "no website": lambda session, clock: without(session, clock, "org"),
    "an id that is a number": lambda session, clock: by_hand(
        {"alg": "HS256", "kid": "k2", "typ": "sdr+session"}, claims(session, clock, jti=1), KEYS["k2"]
    ),
    "companies in a list": lambda session, clock: signed(claims(session, clock, cid=["acme"])),
    "of another website than its session": lambda session, clock: signed(
        claims(session, clock, org="https://globex.example")
    ),
    "no id": lambda session, clock: without(session, clock, "jti"),
    "another company": lambda session, clock: signed(claims(session, clock, cid="globex")),
    "another session": lambda session, clock: signed(claims(session, clock, sub="somebody-else")),
    "altered words": altered,
    "padded": lambda session, clock: signed(claims(session, clock)) + "=",
    "padded twice": lambda session, clock: signed(claims(session, clock)) + "==",
    "with a space": lambda session, clock: signed(claims(session, clock)) + " ",
    "with a line": lambda session, clock: signed(claims(session, clock)) + "\n",
    "in quotes": lambda session, clock: f'"{signed(claims(session, clock))}"',
    "with the name of its scheme": lambda session, clock: f"Bearer {signed(claims(session, clock))}",
    "with letters that look the same": lambda session, clock: signed(claims(session, clock)).replace("e", "\u0435"),
    "with a zero": lambda session, clock: signed(claims(session, clock)) + "\x00",
    "with a byte that is no text": lambda session, clock: signed(claims(session, clock)) + "\udcff",
    "huge": lambda session, clock: signed(claims(session, clock, more="x" * 1_000_000)),
    "long": lambda session, clock: signed(claims(session, clock, more="x" * MOST_CHARACTERS)),
    "cut": lambda session, clock: signed(claims(session, clock))[:-2],
    "two parts": lambda session, clock: signed(claims(session, clock)).rpartition(".")[0],
    "four parts": lambda session, clock: signed(claims(session, clock)) + ".x",
    "bottomless": nested,
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(sessions: Sessions, session: Session, clock: Clock, forgery: str) -> None:
    token = FORGERIES[forgery](session, clock)

    for origin in (ORIGIN, None, "https://globex.example"):
        with pytest.raises(Unauthorized):
            sessions.authenticate(token, origin)


@pytest.mark.cell("F-CL-02")
@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_clock_that_is_half_a_minute_ahead_is_forgiven(
    sessions: Sessions, session: Session, clock: Clock, claim: str
) -> None:
    ahead = int(clock.now) + SKEW_SECONDS

    assert sessions.authenticate(signed(claims(session, clock, **{claim: ahead})), ORIGIN) == session


def test_a_tickets_life_is_a_tickets_life_whatever_it_says(sessions: Sessions, session: Session, clock: Clock) -> None:
    """And it must say which mode it opens."""

    def ticket(**changes: Any) -> str:
        good = claims(session, clock, aud="ws", mode="text", exp=int(clock.now) + TICKET_SECONDS, jti=token_hex())
        return signed({name: value for name, value in (good | changes).items() if value}, typ="sdr+ticket")

    assert sessions.redeem(ticket(), ORIGIN) == Entry(session, "text")
    for changes in ({"exp": int(clock.now) + TICKET_SECONDS + 1}, {"mode": None}, {"mode": 7}, {"jti": None}):
        with pytest.raises(Unauthorized):
            sessions.redeem(ticket(**changes), ORIGIN)


def test_a_token_has_one_spelling(sessions: Sessions, session: Session) -> None:
    """Two bits of its last character are read by nobody."""
    token = sessions.issue(session).token
    signature = base64.urlsafe_b64decode(token.rpartition(".")[2] + "=")
    others = [token[:-1] + each for each in f"{ascii_letters}{digits}-_" if each != token[-1]]
    same = [each for each in others if base64.urlsafe_b64decode(each.rpartition(".")[2] + "=") == signature]

    assert len(same) == 3
    for spelling in same:
        with pytest.raises(Unauthorized):
            sessions.authenticate(spelling, ORIGIN)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_token_in_which_anything_is_changed_opens_nothing(
    sessions: Sessions, session: Session, data: st.DataObject
) -> None:
    """T-TOK-02; a million of them are in the scoreboard."""
    token = sessions.issue(session).token
    at = data.draw(st.integers(0, len(token) - 1))
    instead = data.draw(st.one_of(st.sampled_from("AZaz09-_.=+/ \n"), st.characters(), st.just("")))
    assume(instead != token[at])

    with pytest.raises(Unauthorized):
        sessions.authenticate(token[:at] + instead + token[at + 1 :], ORIGIN)


@pytest.mark.parametrize("part", ["company", "operation", "digest", "cut", "absent", "empty", "longer"])
def test_a_capability_that_we_did_not_make_opens_nothing_and_learns_nothing(sessions: Sessions, part: str) -> None:
    good = sessions.capability("operation", "acme")
    company, operation, digest = good.split(".")
    forged = {
        "company": f"globex.{operation}.{digest}",
        "operation": f"{company}.another.{digest}",
        "digest": f"{company}.{operation}.{'0' * len(digest)}",
        "cut": good[:-1],
        "absent": f"{company}.{operation}",
        "empty": "",
        "longer": f"{good}0",
    }[part]

    with pytest.raises(NotFound) as caught:
        sessions.read_capability(forged)

    assert caught.value.message == "There is nothing here"
