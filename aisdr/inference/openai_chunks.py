"""The pieces that a streamed answer of OpenAI's form comes in, as servers write them."""

from typing import Annotated, Any

from pydantic import BaseModel, PlainValidator


def _text(value: Any) -> str | None:
    # Pydantic's own `str` refuses half a surrogate pair, and the other half may come with the next chunk.
    if value is None or isinstance(value, str):
        return value
    raise ValueError("not a text")


def _word(value: Any) -> str:
    if value is None or isinstance(value, str | int):
        return str(value or "")
    raise ValueError("not an identifier")


_Text = Annotated[str | None, PlainValidator(_text)]
_Word = Annotated[str, PlainValidator(_word)]


class Function(BaseModel):
    name: _Text = None
    arguments: dict[str, Any] | _Text = None


class Fragment(BaseModel):
    """A piece of a tool call."""

    index: int | None = None
    id: _Word = ""
    function: Function | None = None


class Delta(BaseModel):
    content: _Text = None
    refusal: _Text = None
    tool_calls: list[Fragment] | None = None


class Choice(BaseModel):
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: _Text = None

    @property
    def news(self) -> Delta:
        """Some servers put a `message` where the others have a `delta`."""
        empty = self.delta is None or not self.delta.model_fields_set
        return (self.message if empty else self.delta) or Delta()


class Chunk(BaseModel):
    """What we read of one line. All else may be as it likes; servers add fields of their own."""

    choices: list[Choice] | None = None
    usage: Any = None
    error: Any = None
