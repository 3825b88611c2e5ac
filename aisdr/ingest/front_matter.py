"""Front matter: labels between two `---` lines at the top of a text file."""

import re
from pathlib import Path
from typing import Any

import frontmatter
from yaml import YAMLError  # type: ignore[import-untyped]

from aisdr.ingest.encoding import decode
from aisdr.ingest.readers.base import Unreadable

_BEGINS = re.compile(r"\s*---[ \t]*\n(?=[ \t]*\S)")
_RULE = re.compile(r"\s*---[ \t]*\n[ \t]*\n")
"""A line and then an empty one: the line is meant to be seen."""
_ENDS = re.compile(r"^---[ \t]*$", re.MULTILINE)
_LABEL = re.compile(r"\s*[\w-]+[ \t]*:(\s|$)")


def read_text(path: Path) -> tuple[dict[str, Any], str]:
    """The labels and the text below them.

    Raises:
        Unreadable: the file is no text, or what stands at its top is nearly front matter: labels that somebody wrote
            must not be lost, nor be told to visitors as text.
    """
    text = decode(path.read_bytes()).replace("\r\n", "\n")
    try:
        post = frontmatter.loads(text)
    except (YAMLError, ValueError, TypeError) as error:
        raise Unreadable(f"the front matter of {path.name} is no YAML: {' '.join(str(error).split())}") from error
    if not post.metadata and (begins := _BEGINS.match(text)):
        below = text[begins.end() :]
        ends = _ENDS.search(below)
        if ends is None and _LABEL.match(below):
            raise Unreadable(f"the front matter of {path.name} has no end: put a line --- below its last label")
        if ends and ends.start():
            raise Unreadable(
                f"what stands between the first two --- lines of {path.name} are no labels such as 'title: Prices'; "
                "put an empty line below the first --- if it is text"
            )
    return post.metadata, post.content if post.metadata or not _RULE.match(text) else text
