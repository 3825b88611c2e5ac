"""Search: hits for a query, a grounded answer, and the same answer spoken."""

from aisdr.starting import started  # isort: split

from typing import Annotated, Literal, get_args

from fastapi import Query, Response
from pydantic import Field

from aisdr.answer import Answer
from aisdr.company import CompanyId
from aisdr.errors import Forbidden
from aisdr.frames import FrameId
from aisdr.index.base import Modality
from aisdr.knowledge.base import SearchAnswer
from aisdr.services import services
from aisdr.speech.base import MAX_CHARACTERS
from aisdr.web import CurrentSession, TextSession, at_most, create_app, lambda_handler, require_own_company
from aisdr.wire import Body

app = create_app("search")
MOST_TEXT_BYTES = 48 * 1024
"""A text of `MAX_CHARACTERS`, in letters that JSON escapes."""


class SearchQuery(Body):
    company_id: CompanyId
    query: str = Field(min_length=1, max_length=500)
    limit: int = Field(8, ge=1, le=50)
    modalities: tuple[Modality, ...] = Field((), max_length=len(get_args(Modality)), strict=False)
    """Only these kinds of content; empty means all."""


class Question(Body):
    question: str = Field(min_length=1, max_length=2000)
    id: FrameId | None = None
    """The browser's own, the same as in frame `ask`: a question that was asked there already is not answered twice."""


class SpeechText(Body):
    text: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    """One sentence at a time lets the voice begin within the first."""
    language: str = Field("en-US", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")


@app.post("/api/search")
async def search(
    query: SearchQuery, session: TextSession, explain: Annotated[Literal["0", "1"], Query()] = "0"
) -> SearchAnswer:
    """Hybrid search in the material of the session's company.

    `?explain=1` also tells how the result came about: refused unless the operator has allowed it (`AISDR_EXPLAIN=1`).
    """
    require_own_company(session, query.company_id)
    company = services().companies.get(session.company_id)
    explained = explain == "1"
    if explained and not services().settings.explain:
        raise Forbidden(
            "'explain' is for the operator, who allows it with AISDR_EXPLAIN=1; leave it out",
            code="explain_not_allowed",
        )
    found = services().knowledge.search(
        session.scope, company, query.query, limit=query.limit, modalities=query.modalities, explain=explained
    )
    return services().media_links.whole(session, SearchAnswer.of(found))


@app.post("/api/answer")
async def answer(question: Question, session: TextSession) -> Answer:
    """The answer that streams over the relay, in one piece."""
    company = services().companies.get(session.company_id)
    found = services().replies.in_one_piece(company, session, question.question, question.id)
    return services().media_links.whole(session, found)


@app.post("/api/speech", response_class=Response, responses={200: {"content": {"audio/mpeg": {}}}})
@at_most(MOST_TEXT_BYTES)
async def speech(spoken: SpeechText, session: CurrentSession) -> Response:
    """MP3 of the text, for companies that offer the mode `tts`."""
    company = services().companies.get(session.company_id)
    audio = services().speeches.speak(company, session, spoken.text, spoken.language)
    return Response(audio.data, media_type=audio.media_type)


handler = lambda_handler(app)
started(lambda: services().sessions)
