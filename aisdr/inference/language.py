"""Tells other languages from English by their smallest words or their script, and asks for English in them."""

from collections import Counter
from collections.abc import Sequence

from aisdr.configuration import primary
from aisdr.inference.words import words

ASK_IN_ENGLISH = {
    "de": "Ich kann bisher nur auf Englisch antworten. Könnten Sie Ihre Frage bitte auf Englisch stellen?",
    "fr": "Pour le moment, je ne réponds qu'en anglais. Pourriez-vous poser votre question en anglais ?",
    "es": "Por ahora solo puedo responder en inglés. ¿Podría hacer su pregunta en inglés?",
    "it": "Per ora posso rispondere solo in inglese. Potrebbe fare la domanda in inglese?",
    "pt": "Por enquanto só consigo responder em inglês. Poderia fazer a sua pergunta em inglês?",
    "nl": "Voorlopig kan ik alleen in het Engels antwoorden. Kunt u uw vraag in het Engels stellen?",
    "pl": "Na razie odpowiadam tylko po angielsku. Czy może Pan lub Pani zadać pytanie po angielsku?",
    "ja": "今のところ英語でのみお答えできます。英語でご質問いただけますか。",
    "zh": "我目前只能用英语回答。请用英语提问，好吗？",
    "": "I only understand English so far: would you ask it in English?",
}
"""By language; the empty one is for a language that is foreign and not among these."""

_ENGLISH_WORDS = """
    the is are what how do does can you your i we my and of to in for with it a an on have show tell give much many
    why which who when where that this there these those read right correct so per costs cost price store stores not if
    from at would should could will about
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_SMALL_WORDS = {
    language: frozenset(small.split())
    for language, small in {
        "de": """
            der das und ist ein eine wie kostet viel ich sie wir für mit nicht haben kann können welche wo gibt auf
            euch ihr was uns es den dem werden wird sind oder auch lange die hallo danke bitte wann wer ihre im bei zu
            kosten preis dauert möchte bin habt bist du mensch
        """,
        "fr": """
            le les des une est et pour avec vous nous je quel quelle quels combien comment que qui dans sur votre pas
            coûte la de est-ce du bonjour merci un en vos où pouvez
        """,
        "es": """
            el los las una para con cómo cuánto cuál qué dónde cuesta tiene puede usted es de la por cuanto como se
            tienen hola gracias y en cuántos cuándo su sus mi del
        """,
        "it": "il gli che quanto è sono avete costa di della quali una per con come un la posso i quale",
        "pt": "os um uma custa você vocês quanto para com como é não qual de o têm em por que posso",
        "nl": "het een van wat hoeveel jullie voor niet de kost hoe is met kan ik op en hebben",
        "pl": "jest czy jak ile kosztuje nie się na do z w co można macie to i dla dane",
    }.items()
}

_SPANISH_MARKS = {"¿", "¡"}
"""Nobody else begins a sentence with these, however few of its words we know."""
_GREETINGS = {
    "de": frozenset({"hallo", "danke", "bitte"}),
    "fr": frozenset({"bonjour", "merci"}),
    "es": frozenset({"hola", "gracias"}),
}


def foreign_language(text: str) -> str | None:
    """The language of a message that is plainly not in English, "" when it is none that we know; in doubt None."""
    letters = [character for character in text if character.isalpha()]
    if letters and sum(ord(letter) > 0x24F for letter in letters) > len(letters) / 2:
        return _by_script(letters)
    said = words(text)
    found = Counter({language: sum(word in small for word in said) for language, small in _SMALL_WORDS.items()})
    found["es"] += 2 * bool(_SPANISH_MARKS & set(text))
    language, most = found.most_common(1)[0]
    if len(said) <= 2 and most == len(said) == sum(word in _GREETINGS.get(language, ()) for word in said):
        return language
    return language if most >= 2 and most > sum(word in _ENGLISH for word in said) else None


def weighty(text: str, language: str) -> str:
    """What a question in this language is about, word for word; without capitals, because German nouns are no names."""
    small = _SMALL_WORDS.get(language, frozenset())
    return " ".join(word for word in words(text) if word not in small)


def spoken(texts: Sequence[str], offered: Sequence[str]) -> str:
    """The language to answer the last of the visitor's messages in: theirs when it is offered, else the first offered.

    A message that is too short to tell (`OK?`, `500?`) is taken to be in the language of those before it.
    """
    languages = [primary(tag) for tag in offered] or ["en"]
    for text in reversed(texts):
        found = foreign_language(text)
        if found is not None:
            return found if found in languages else languages[0]
        if sum(word in _ENGLISH for word in words(text)) >= 2:
            return "en" if "en" in languages else languages[0]
    return languages[0]


def _by_script(letters: list[str]) -> str:
    if any("\u3040" <= letter <= "\u30ff" for letter in letters):
        return "ja"
    return "zh" if all("\u4e00" <= letter <= "\u9fff" or letter.isascii() for letter in letters) else ""
