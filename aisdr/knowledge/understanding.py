"""Query understanding without a model: misspelt words, and words that mean the same in this company."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from aisdr.company import Company
from aisdr.index.base import Vocabulary
from aisdr.inference.words import stem
from aisdr.knowledge.base import Understood
from aisdr.knowledge.spelling import Lexicon

MOST_CORRECTED = 4
"""Words. A question with more that nobody knows is in another language, or no question."""
MOST_ADDED = 24
"""Words that synonyms may add to a question."""
COMPANIES_KEPT = 32

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


@dataclass(frozen=True)
class _Slip:
    begin: int
    end: int
    written: str
    meant: str
    is_name: bool
    """Written with a capital: its correction is looked for as well, but what was typed is not replaced."""


class Reading:
    """Understands a question from nothing but the company's words and its configuration.

    A misspelt word is corrected only when the company's material leaves no doubt about what was meant: a word that
    exists is never touched, nor a number, an acronym, or a question in a language that the material is not in. What was
    typed stays among the words that are looked for, and a name stays in the question: it may be another one.

    Args:
        known: words of the language, which exist although no company uses them; read when the first question comes.
    """

    def __init__(self, known: Callable[[], AbstractSet[str]] = frozenset) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._lexicons: OrderedDict[str, tuple[Vocabulary, Lexicon]] = OrderedDict()

    def __call__(self, company: Company, question: str, vocabulary: Vocabulary | None) -> Understood:
        lexicon = self._lexicon(company.company_id, vocabulary) if vocabulary is not None and vocabulary.words else None
        slips = corrections(question, lexicon) if lexicon else []
        text = _replaced(question, [slip for slip in slips if not slip.is_name])
        same = same_words(text, company.search.synonyms)
        added = [*(slip.meant if slip.is_name else slip.written for slip in slips), *same]
        return Understood(
            text=text,
            words=" ".join([text, *added]) if added else text,
            notes=(
                *(f"spelling: {slip.written} → {slip.meant}" for slip in slips),
                *(f"same here: {word}" for word in same),
            ),
        )

    def _lexicon(self, company_id: str, vocabulary: Vocabulary) -> Lexicon:
        """Made once for each state of a company's words, which come as the same object until they change."""
        with self._lock:
            kept = self._lexicons.get(company_id)
            if kept is not None and kept[0] is vocabulary:
                self._lexicons.move_to_end(company_id)
                return kept[1]
        lexicon = Lexicon(vocabulary, self._known())
        with self._lock:
            self._lexicons[company_id] = (vocabulary, lexicon)
            while len(self._lexicons) > COMPANIES_KEPT:
                self._lexicons.popitem(last=False)
        return lexicon


def corrections(question: str, lexicon: Lexicon) -> list[_Slip]:
    """The words of a question that are certainly misspelt, in order."""
    words = [(word.start(), word.end(), word[0]) for word in _WORD.finditer(question)]
    unknown = [each for each in words if not lexicon.knows(each[2].lower())]
    # A question of unknown words is in another language; one or two words alone may both be misspelt.
    if len(unknown) > MOST_CORRECTED or (len(words) > 2 and 2 * len(unknown) > len(words)):
        return []
    shouts = all(word == word.upper() for _, _, word in words)
    found = []
    for begin, end, word in unknown:
        if not shouts and any(letter.isupper() for letter in word[1:]):
            continue  # an acronym, or a name that is written as it is on purpose
        if (meant := lexicon.meant(word.lower())) is not None:
            is_name = word[0].isupper() and not shouts and begin != words[0][0]
            found.append(_Slip(begin, end, word, meant, is_name))
    return found


def same_words(question: str, synonyms: tuple[tuple[str, ...], ...]) -> list[str]:
    """What else the company calls what the question names, both ways; a phrase is found as its words in a row."""
    if not synonyms:
        return []
    asked = [stem(word[0].lower()) for word in _WORD.finditer(question)]
    beginnings = _phrases(synonyms)
    present: dict[int, set[str]] = {}
    for at, first in enumerate(asked):
        for group, phrase, stems in beginnings.get(first, ()):
            if tuple(asked[at : at + len(stems)]) == stems:
                present.setdefault(group, set()).add(phrase)
    added = [word for group, named in present.items() for word in synonyms[group] if word not in named]
    return list(_within(dict.fromkeys(added), MOST_ADDED))


@lru_cache(maxsize=64)
def _phrases(synonyms: tuple[tuple[str, ...], ...]) -> dict[str, list[tuple[int, str, tuple[str, ...]]]]:
    """First stem → (group, phrase as written, its stems)."""
    found: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {}
    for number, group in enumerate(synonyms):
        for phrase in group:
            stems = tuple(stem(word[0].lower()) for word in _WORD.finditer(phrase))
            if stems:
                found.setdefault(stems[0], []).append((number, phrase, stems))
    return found


def _within(phrases: "dict[str, None]", most: int) -> Iterator[str]:
    for phrase in phrases:
        most -= len(phrase.split())
        if most < 0:
            return
        yield phrase


def _replaced(question: str, slips: Sequence[_Slip]) -> str:
    for slip in reversed(slips):
        question = question[: slip.begin] + slip.meant + question[slip.end :]
    return question
