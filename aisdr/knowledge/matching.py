"""Where the words of a question stand in a text: what the second stage and the highlights look at.

Texts are not cut into words for that. The few words of a question are looked up in the text as it is, which costs a
hundredth of a millisecond for a page.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from aisdr.inference.words import stem

# Words that a question is built from; they say nothing about what it asks for.
_SMALL_WORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they this
    to was will with what who whom whose which when where why how does did do has have had were been being many much
    from its i you we my your our can could would should about""".split()  # noqa: SIM905  (ninety quoted words)
)
_WORD = re.compile(r"[^\W_]+(?:(?:['’]|(?<=\d)[.,](?=\d))[^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
# Chinese, Japanese and Thai write without spaces: two characters at a time stand for words.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
MOST_TERMS = 32
"""A longer question is a pasted text; its first words tell enough."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Term:
    """A word of the question in all its forms. `prefix` is how every one of them begins."""

    stem: str
    prefix: str
    is_number: bool = False
    is_name: bool = False
    """Written with a capital although it does not begin the question."""
    is_unspaced: bool = False

    def spans(self, lowered: str) -> list[Span]:
        """Where the word stands in a text in lower case, as (begin, end), in order."""
        found: list[Span] = []
        at = lowered.find(self.prefix)
        while at >= 0:
            end = at + len(self.prefix)
            if self.is_unspaced:
                found.append((at, end))
            elif (at == 0 or not lowered[at - 1].isalnum()) and (word := _WORD.match(lowered, at)):
                end = word.end()
                if stem(_POSSESSIVE.sub("", word[0])) == self.stem:
                    found.append((at, end))
            at = lowered.find(self.prefix, end)
        return found


@lru_cache(maxsize=1024)
def terms(question: str) -> tuple[Term, ...]:
    """The distinct words that a question is about, in order; all of its words when it has only small ones."""
    words = [(word[0], word.start()) for word in _WORD.finditer(question)]
    telling = [each for each in words if each[0].lower() not in _SMALL_WORDS] or words
    found: dict[str, Term] = {}
    for written, at in telling:
        for term in _terms_of(written, begins=at == words[0][1]):
            found.setdefault(term.stem, term)
    return tuple(found.values())[:MOST_TERMS]


def _terms_of(written: str, *, begins: bool) -> list[Term]:
    lowered = _POSSESSIVE.sub("", written.lower())
    if run := _UNSPACED.search(lowered):
        pairs = [run[0][at : at + 2] for at in range(max(1, len(run[0]) - 1))]
        return [Term(pair, pair, is_unspaced=True) for pair in pairs]
    stemmed = stem(lowered)
    # `company` and `companies` have the stem `compani`: what they share ends before the last letter.
    shared = stemmed[:-1] if len(stemmed) > 3 and stemmed[-1] in "iy" else stemmed
    prefix = shared if lowered.startswith(shared) else lowered
    return [Term(stemmed, prefix, written[0].isdigit(), written[0].isupper() and not begins)]
