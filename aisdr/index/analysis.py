"""Text into the terms of the word index: the same for chunks and questions, and for every engine.

English loses Lucene's stop words and is stemmed as Lucene's English analyzer does it, with the newer Snowball stemmer.
Other languages are stemmed by their own Snowball stemmer where there is one. What is written without spaces between its
words (Chinese, Japanese, Korean, Thai …) becomes pairs of characters.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from Stemmer import Stemmer  # type: ignore[import-not-found]  # ships without types

from aisdr.configuration import primary

STOP_WORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they this
    to was will with""".split()  # noqa: SIM905  (thirty-three quoted words would be harder to read)
)
MOST_TERMS = 512
_STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "ga": "irish",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
# "don't" and "1,200.50" are one word each, as Lucene's standard tokenizer has it.
_WORD = re.compile(r"[^\W_]+(?:(?:['’]|(?<=\d)[.,](?=\d))[^\W_]+)*")
_POSSESSIVES = ("'s", "’s")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_stemmers = threading.local()  # a Stemmer keeps a buffer of its own and must not be shared by threads


def terms(text: str, language: str) -> list[str]:
    """The terms of a text in a language (`en`, `pt-BR`), in order and as often as they stand there."""
    return terms_of(written_words(text), language)


def terms_of(words: Sequence[str], language: str) -> list[str]:
    """The terms of words as `written_words` finds them."""
    language = primary(language)
    if language == "en":
        words = [word for word in words if word not in STOP_WORDS]
    stemmer = _stemmer(language)
    return list(stemmer.stemWords(words)) if stemmer else list(words)


def question_terms(text: str, languages: Sequence[str]) -> list[str]:
    """A question's terms for chunks in these languages: nobody knows its own, so it is read in each of them.

    A term that several readings have in common counts once, as often as the one that has it most. Of a very long
    question the first `MOST_TERMS` are read: OpenSearch takes 1,024.
    """
    readings = [Counter(terms(text, language)) for language in dict.fromkeys(map(primary, languages)) or ("en",)]
    merged: Counter[str] = Counter()
    for reading in readings:
        merged |= reading
    return list(islice(merged.elements(), MOST_TERMS))


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, in lower case and in order."""
    text = text.lower()
    words: list[str] = _WORD.findall(text)
    if "'" in text or "’" in text:
        words = [word[:-2] if word.endswith(_POSSESSIVES) else word for word in words]
    if _UNSPACED.search(text):
        words = [part for word in words for part in (_pairs(word) if _UNSPACED.search(word) else (word,))]
    return words


def _pairs(word: str) -> list[str]:
    """Pairs of neighbours where no space parts words; what stands beside them in other letters stays whole."""
    found: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        found += [word[end : run.start()]] if run.start() > end else []
        characters = run.group()
        found += [characters[at : at + 2] for at in range(max(1, len(characters) - 1))]
        end = run.end()
    return found + ([word[end:]] if end < len(word) else [])


def _stemmer(language: str) -> Stemmer | None:
    name = _STEMMERS.get(language)
    if name is None:
        return None
    if not hasattr(_stemmers, name):
        setattr(_stemmers, name, Stemmer(name))
    found: Stemmer = getattr(_stemmers, name)
    return found
