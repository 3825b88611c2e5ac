"""What a visitor receives: text with numbered citations, things to look at, things that were arranged."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from aisdr.wire import Wire


class Citation(Wire):
    """A source of one claim. `url` opens it at the right page, heading or second; `label` says where in words."""

    number: int = Field(ge=1)
    title: str
    label: str = ""
    """`p. 2`, `0:42`, or the heading."""
    url: str
    modality: Literal["text", "image", "video", "slide"] = "text"
    snippet: str = ""
    chunk_id: str


class ImageCard(Wire):
    """A picture from the company's material."""

    kind: Literal["image"] = "image"
    title: str
    url: str
    alt: str
    caption: str = ""
    width: int | None = None
    height: int | None = None
    source_url: str
    chunk_id: str


class ClipCard(Wire):
    """A video that starts at the second that answers. `start` and `end` are seconds."""

    kind: Literal["clip"] = "clip"
    title: str
    url: str
    caption: str = ""
    start: float = 0
    end: float | None = None
    poster: str | None = None
    captions_url: str | None = None
    chunk_id: str


class SourcesCard(Wire):
    """The sources of something that was said aloud."""

    kind: Literal["sources"] = "sources"
    citations: tuple[Citation, ...]


class MeetingCard(Wire):
    """A booking page with the visitor's data filled in."""

    kind: Literal["meeting"] = "meeting"
    title: str
    url: str


class LeadCard(Wire):
    """The visitor's contact data as it was stored."""

    kind: Literal["lead"] = "lead"
    name: str | None = None
    email: str
    company: str | None = None


class FormField(Wire):
    """One value that a visitor sees, may correct, and confirms. `name` is the tool's own word for it."""

    name: str
    label: str
    value: str = ""
    kind: Literal["text", "email", "tel", "multiline"] = "text"
    required: bool = False


class ConfirmCard(Wire):
    """What the representative would write down: nothing is written before the visitor confirms these very values."""

    kind: Literal["confirm"] = "confirm"
    confirmation_id: str
    tool: str
    title: str
    fields: tuple[FormField, ...]
    note: str = ""
    """What happens with the data, in a sentence."""


class ContactCard(Wire):
    """Ways to reach a person of the company."""

    kind: Literal["contact"] = "contact"
    title: str
    text: str = ""
    email: str | None = None
    phone: str | None = None
    url: str | None = None


Visual = Annotated[ImageCard | ClipCard, Field(discriminator="kind")]
Action = Annotated[MeetingCard | LeadCard | ConfirmCard | ContactCard, Field(discriminator="kind")]
Card = Annotated[
    ImageCard | ClipCard | SourcesCard | MeetingCard | LeadCard | ConfirmCard | ContactCard,
    Field(discriminator="kind"),
]


class Answer(Wire):
    """A finished answer. Every number `[n]` in the text is the number of a citation."""

    text: str
    citations: tuple[Citation, ...] = ()
    shown: tuple[Visual, ...] = ()
    actions: tuple[Action, ...] = ()
    grounded: bool = True
    """Whether the text rests on cited material. Small talk and "I don't have that" do not."""


def answer_of(cards: Iterable[Card]) -> Answer:
    """Cards that appeared without a word of their own, such as those of a tool in a live call, as an answer's parts."""
    shown = tuple(cards)
    return Answer(
        text="",
        citations=tuple(citation for card in shown if isinstance(card, SourcesCard) for citation in card.citations),
        shown=tuple(card for card in shown if isinstance(card, ImageCard | ClipCard)),
        actions=tuple(card for card in shown if not isinstance(card, SourcesCard | ImageCard | ClipCard)),
    )
