"""What a browser sends that wants a session or a call."""

from pydantic import Field

from aisdr.company import CompanyId
from aisdr.configuration import Mode
from aisdr.offer import MAX_OFFER_CHARACTERS
from aisdr.wire import Body, Wire


class ConsentGiven(Wire):
    """The consent text that the visitor saw and agreed to."""

    version: str = Field(max_length=40)


class OpenSession(Body):
    """`resume` is the token of a conversation that goes on in another mode. `consent` is needed for every live mode."""

    company_id: CompanyId
    mode: Mode = "text"
    consent: ConsentGiven | None = None
    resume: str | None = Field(None, max_length=2000)
    sdp_offer: str | None = Field(None, max_length=MAX_OFFER_CHARACTERS)
    """What the browser's peer connection offers; needed for `voice`."""


class OpenVideo(Body):
    """The body of the mission's own door to a video call."""

    company_id: CompanyId
    consent: ConsentGiven | None = None
