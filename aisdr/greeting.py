"""What the representative says first in a live call: the company's greeting, or that the conversation goes on."""

from aisdr.company import Company
from aisdr.configuration import primary

_GOES_ON = {
    "ar": "أنا هنا معك، فلنكمل حديثنا.",
    "cs": "Jsem tady, pokračujme.",
    "da": "Jeg er her, lad os fortsætte.",
    "de": "Da bin ich wieder. Machen wir weiter, wo wir waren.",
    "en": "I'm here. Let's go on where we were.",
    "es": "Aquí estoy. Sigamos donde estábamos.",
    "fi": "Olen täällä, jatketaan tästä.",
    "fr": "Je suis là. Reprenons où nous en étions.",
    "hi": "मैं यहाँ हूँ, आगे बढ़ते हैं।",
    "it": "Eccomi. Riprendiamo da dove eravamo.",
    "ja": "お待たせしました。続きをお話ししましょう。",
    "ko": "네, 이어서 말씀 나누겠습니다.",
    "nb": "Jeg er her, la oss fortsette.",
    "nl": "Ik ben er. Laten we verdergaan waar we waren.",
    "pl": "Jestem. Wróćmy do naszej rozmowy.",
    "pt": "Estou aqui. Vamos continuar de onde paramos.",
    "ru": "Я здесь. Продолжим наш разговор.",
    "sv": "Jag är här, låt oss fortsätta.",
    "tr": "Buradayım, kaldığımız yerden devam edelim.",
    "uk": "Я тут. Продовжимо нашу розмову.",
    "zh": "我在这里,我们接着聊。",
}
_OTHER_NAMES = {"no": "nb", "nn": "nb"}


def greeting(company: Company, *, goes_on: bool) -> str:
    """In the company's first language; English where we have no words for it."""
    if not goes_on:
        return company.greeting
    language = primary(company.languages[0]) if company.languages else "en"
    return _GOES_ON.get(_OTHER_NAMES.get(language, language), _GOES_ON["en"])
