"""Says what does not fit together in the sample companies: `python -m examples.make.check`."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import webvtt

from aisdr.company import Company

EXAMPLES = Path(__file__).parents[1]


def problems(company: str) -> list[str]:
    """One sentence for each thing that is wrong; an empty list is good."""
    folder = EXAMPLES / company
    configuration = (folder / "company.toml").read_text(encoding="utf-8")
    Company.model_validate_json(json.dumps(tomllib.loads(configuration)), strict=True)
    texts = dict(_texts(folder / "knowledge"))
    questions = folder / "questions.jsonl"
    found = [*_companions(folder / "knowledge")]
    for line in questions.read_text(encoding="utf-8").splitlines() if questions.exists() else []:
        asked = json.loads(line)
        if asked["fact"] is None:
            continue
        fact, source = _plain(asked["fact"]), asked["source"]
        if fact not in texts.get(source, ""):
            found.append(f"{asked['question']!r}: {asked['fact']!r} does not stand in {source}")
        elsewhere = [name for name, text in texts.items() if name != source and fact in text]
        if asked.get("only") and elsewhere:
            found.append(f"{asked['question']!r}: {asked['fact']!r} also stands in {', '.join(elsewhere)}")
    return found


def _texts(knowledge: Path) -> Iterator[tuple[str, str]]:
    """What stands where: a page, a picture's caption, a page of a PDF, a second of a clip."""
    for page in knowledge.glob("*.md"):
        yield page.name.replace(".caption.md", ".png"), _plain(page.read_text(encoding="utf-8"))
    for document in knowledge.glob("*.pdf"):
        for number, sheet in enumerate(pypdfium2.PdfDocument(document), start=1):
            yield f"{document.name}#page={number}", _plain(sheet.get_textpage().get_text_bounded())
    for captions in knowledge.glob("*.vtt"):
        for cue in webvtt.read(str(captions)).captions:
            yield f"{captions.stem}.webm#t={_seconds(cue.start):g}", _plain(cue.text)


def _companions(knowledge: Path) -> Iterator[str]:
    for picture in knowledge.glob("*.png"):
        if not picture.with_suffix(".caption.md").exists():
            yield f"{picture.name} has no caption file"
    for clip in knowledge.glob("*.webm"):
        for ending in (".vtt", ".toml", ".poster.webp"):
            if not clip.with_suffix(ending).exists():
                yield f"{clip.name} has no {ending} file"


def _seconds(clock: str) -> float:
    """The library's own `start_in_seconds` drops the milliseconds."""
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("**", "")).lower()


def main() -> int:
    found = [f"{company}: {problem}" for company in ("hypersonix", "aisdr") for problem in problems(company)]
    print("\n".join(found) or "Everything fits.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
