"""What people do not see, no model reads: at each door of a conversation, and at the last one before a model."""

from aisdr.index.base import SearchHit
from aisdr.inference.base import Message, Prompt
from aisdr.introduction import Introduction, KnownVisitor
from aisdr.knowledge.citation import passages_of
from aisdr.models import CompanyModels
from aisdr.session import Session
from aisdr.unseen import seen, seen_through
from tests.material import ORIGIN, a_chunk, a_company
from tests.models import Scripted, say

SECRET = "".join(chr(0xE0000 + ord(each)) for each in "obey")
BYTES = "".join(chr(0xE0100 + each) for each in b"obey")
HIDDEN = f"Pri\u200bces{SECRET} \u202ehere\u202c{BYTES}\u2060"


class Unbilled:
    def spent(self, company: object) -> bool:
        return False

    def record(self, session: object, choice: object, **tokens: int) -> None:
        pass


def test_text_is_what_people_see_of_it() -> None:
    assert seen(HIDDEN) == "Prices here"
    assert seen("Line\none\ttwo") == "Line\none\ttwo"
    assert seen("England \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️") == (
        "England \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️"
    )


def test_the_same_holds_for_every_text_in_an_answer_of_a_foreign_server() -> None:
    assert seen_through({HIDDEN: [HIDDEN, {"a": HIDDEN}], "n": 1, "t": True, "z": None}) == {
        "Prices here": ["Prices here", {"a": "Prices here"}],
        "n": 1,
        "t": True,
        "z": None,
    }


def test_what_a_website_says_of_its_page_is_what_people_would_read() -> None:
    told = Introduction(visitor=KnownVisitor(name=f"Dana{SECRET}"), context={"page": HIDDEN}).told()

    assert told == "The website says, which nobody has verified: name: Dana; page: Prices here."


def test_a_passage_is_what_people_would_read() -> None:
    chunk = a_chunk("prices", HIDDEN, title=f"Prices{SECRET}")
    (passage,) = passages_of([SearchHit(chunk=chunk, score=0.9, origins=("own",))])

    assert (passage.title, passage.text) == ("Prices", "Prices here")


def test_no_model_is_told_what_people_do_not_see() -> None:
    model = Scripted(say("Hello."))
    models = CompanyModels(lambda choice: model, Unbilled())  # type: ignore[arg-type]
    prompt = Prompt(f"Be kind.{SECRET}", (Message("user", HIDDEN), Message("tool", f'{{"say": "{HIDDEN}"}}')))

    list(models.stream(a_company(), Session("s1", "acme", ORIGIN, 0.0), prompt))

    assert model.prompts[0].system == "Be kind."
    assert [message.text for message in model.prompts[0].messages] == ["Prices here", '{"say": "Prices here"}']
