"""Where fuzzing begins: what is kept for each target, and changed at random where there is no fuzzer."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent / "kept"
_TOKENS = (
    *(b'"', b"{", b"}", b"[", b"]", b":", b",", b"\\", b"\\ud800", b"\\u0000", b"NaN", b"-Infinity", b"1e999", b"null"),
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r\n", b"//", b"@", b"%00", b"..", b"-->", b"<b>", b"xn--"),
    *(b"9" * 400, b"[" * 40, b"A" * 5000),
)


def seeds(target: str) -> list[bytes]:
    """What is kept for a target, in the order of the files' names."""
    return [file.read_bytes() for file in sorted((FOLDER / target).iterdir())]


def changed(kept: Sequence[bytes], number: int, seed: int) -> Iterator[bytes]:
    """So many texts, the same for the same seed: each one of `kept` with a few things put in, taken out or doubled."""
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    for _ in range(number):
        text = bytearray(chance.choice(kept))
        for _ in range(chance.randint(1, 4)):
            _change(text, kept, chance)
        yield bytes(text)


def _change(text: bytearray, kept: Sequence[bytes], chance: random.Random) -> None:
    begin = chance.randint(0, len(text))
    end = min(len(text), begin + chance.randint(0, 12))
    match chance.randint(0, 4):
        case 0:
            text[begin:begin] = chance.choice(_TOKENS)
        case 1:
            del text[begin:end]
        case 2:
            text[begin:begin] = text[begin:end] * chance.randint(1, 3)
        case 3 if begin < len(text):
            text[begin] ^= 1 << chance.randint(0, 7)
        case _:
            other = chance.choice(kept)
            text[begin:end] = other[chance.randint(0, len(other)) :][:40]
