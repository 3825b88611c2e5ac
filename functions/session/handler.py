"""Session: opens, renews and ends a conversation; hands out the public profile; hears Tavus's webhooks."""

from aisdr.starting import started  # isort: split

from typing import Annotated, Any

from fastapi import Header, Path, Query, Response

from aisdr.audit import by_session, refusals
from aisdr.call import MAX_KEY, MIN_KEY
from aisdr.company import PublicProfile
from aisdr.conversation import AnswerRating, Conversation
from aisdr.errors import NotFound
from aisdr.grant import SessionGrant, TavusSessionGrant
from aisdr.introduction import Introduction
from aisdr.services import services
from aisdr.session import Session
from aisdr.web import BearerToken, CurrentSession, Origin, SourceAddress, at_most, create_app, lambda_handler
from aisdr.wish import OpenSession, OpenVideo

app = create_app("session")
MOST_OFFER_BYTES = 128 * 1024
"""An offer of `MAX_OFFER_CHARACTERS`, whose line ends JSON writes in twice the bytes."""
MOST_FACTS_BYTES = 64 * 1024
"""Every fact at its longest, in letters that JSON escapes."""
MOST_WEBHOOK_BYTES = 256 * 1024
"""Tavus tells the whole conversation in one."""

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]
OF_A_CALL: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": MIN_KEY, "maxLength": MAX_KEY},
        }
    ],
    "security": [{}],
}
"""For readers of the document: the key is checked where calls are, which name the remedy; a token is welcome."""
SessionId = Annotated[str, Path(alias="id")]


@app.post("/api/session")
@at_most(MOST_OFFER_BYTES)
async def open_session(
    wish: OpenSession, address: SourceAddress, origin: Origin = None, key: IdempotencyKey = None
) -> SessionGrant:
    """Opens a session in any mode. `Idempotency-Key` is required in voice and video: a call costs money."""
    return services().reception.open(wish, origin, key, address)


@app.post("/api/tavus/session", openapi_extra=OF_A_CALL)
async def open_video(
    wish: OpenVideo,
    token: BearerToken,
    address: SourceAddress,
    origin: Origin = None,
    key: Annotated[str | None, Header(alias="Idempotency-Key", include_in_schema=False)] = None,
) -> TavusSessionGrant:
    """Starts a video call; with a session token the conversation goes on in video."""
    return services().reception.open_video(wish, origin, token, key, address)


@app.get("/api/session/{id}")
async def conversation(session: CurrentSession, session_id: SessionId) -> Conversation:
    """What was said so far, for a page that was loaded anew."""
    _require_own(session, session_id)
    said = services().reception.conversation(session, lambda *asked: services().writing_tools.settled(*asked))
    return services().media_links.whole(session, said)


@app.post("/api/session/{id}/renew")
async def renew_session(
    session: CurrentSession, session_id: SessionId, call: Annotated[str | None, Query(pattern="^none$")] = None
) -> SessionGrant:
    """A fresh token, and a fresh ticket for the relay; `?call=none` for a page that sits in no call of the session."""
    _require_own(session, session_id)
    return services().reception.renew(session, in_call=call is None)


@app.post("/api/session/{id}/introduction", status_code=204)
@at_most(MOST_FACTS_BYTES)
async def introduce(introduction: Introduction, session: CurrentSession, session_id: SessionId) -> Response:
    """What the website says of its visitor and page; takes the place of what it said before."""
    _require_own(session, session_id)
    services().sessions.introduce(session, introduction.model_dump_json(exclude_defaults=True))
    return Response(status_code=204)


@app.delete("/api/session/{id}", status_code=204)
async def end_session(
    session: CurrentSession, session_id: SessionId, call: Annotated[str | None, Query(pattern="^only$")] = None
) -> Response:
    """Ends the conversation and its running call; `?call=only` ends just the call."""
    _require_own(session, session_id)
    services().reception.end(session, call_only=call == "only")
    return Response(status_code=204)


@app.delete("/api/session/{id}/conversation", status_code=204)
async def erase_conversation(session: CurrentSession, session_id: SessionId) -> Response:
    """Erases what was said, for good, and ends the session. What the visitor confirmed stays with the company."""
    _require_own(session, session_id)
    services().erasure.erase(session)
    return Response(status_code=204)


@app.post("/api/session/{id}/rating", status_code=204)
async def rate_answer(rated: AnswerRating, session: CurrentSession, session_id: SessionId) -> Response:
    """Stores with an answer what the visitor thinks of it."""
    _require_own(session, session_id)
    services().transcripts.rate(session, rated.answer_id, rated.rating)
    return Response(status_code=204)


@app.get("/api/widget/{slug}")
async def profile(slug: Annotated[str, Path(max_length=63)]) -> PublicProfile:
    """What a website's visitor may know about a company."""
    return services().companies.by_slug(slug).profile()


@app.post("/api/tavus/webhook/{capability}", status_code=204)
@at_most(MOST_WEBHOOK_BYTES)
async def tavus_webhook(capability: str, body: dict[str, Any]) -> Response:
    """Tavus tells what happened to a call. Unsigned, so the path is the secret and nothing is believed unconfirmed."""
    services().notices.receive(capability, body)
    return Response(status_code=204)


def _require_own(session: Session, session_id: str) -> None:
    with refusals("session.verify", company_id=session.company_id, who=by_session(session.session_id)):
        if session_id != session.session_id:
            raise NotFound("The session in the address is not the session of this token", code="session_not_found")


handler = lambda_handler(app)
started(lambda: services().sessions, lambda: services().companies)
