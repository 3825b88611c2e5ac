"""Front matter: labels between two `---` lines at the top of a text file."""

from pathlib import Path
from typing import Any

import frontmatter
from yaml import YAMLError  # type: ignore[import-untyped]

from aisdr.ingest.readers.base import Unreadable


def read_text(path: Path) -> tuple[dict[str, Any], str]:
    """The labels and the text below them.

    Raises:
        Unreadable: the file is not UTF-8, or its front matter is not a YAML mapping.
    """
    try:
        post = frontmatter.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except (YAMLError, ValueError, TypeError) as error:
        raise Unreadable(f"the front matter of {path.name} is no YAML: {' '.join(str(error).split())}") from error
    return post.metadata, post.content
