"""Tells English from other languages by its smallest words."""

from aisdr.inference.words import words

_ENGLISH = """
    the is are what how do does can you your i we my and of to in for with it a an on have show tell give much many
    why which who when where
"""
_OTHERS = """
    der das und ist ein eine wie kostet viel ich sie wir für mit nicht haben kann können welche wo gibt auf euch ihr
    le les des une est et pour avec vous nous je quel quelle quels combien comment que qui dans sur votre pas coûte
    el los las una para con cómo cuánto cuál qué dónde cuesta tiene puede usted
    il gli che quanto è sono avete costa di della quali het een van wat hoeveel jullie voor niet o os um uma custa você
"""
_ENGLISH_WORDS, _OTHER_WORDS = frozenset(_ENGLISH.split()), frozenset(_OTHERS.split())
_LAST_LATIN_LETTER = 0x24F


def is_foreign(text: str) -> bool:
    """Whether a message is plainly not in English; in doubt it is."""
    letters = [character for character in text if character.isalpha()]
    if letters and sum(ord(letter) > _LAST_LATIN_LETTER for letter in letters) > len(letters) / 2:
        return True
    said = words(text)
    other = sum(word in _OTHER_WORDS for word in said)
    return other >= 2 and other > sum(word in _ENGLISH_WORDS for word in said)
