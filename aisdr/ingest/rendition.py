"""The page on which a citation of a written source opens: readable, quiet, without scripts."""

from html import escape
from pathlib import PurePosixPath
from urllib.parse import urlsplit

_STYLE = """
:root { color-scheme: light dark; --text: #1c2024; --quiet: #60646c; --ground: #fff; --line: #e0e1e6; --mark: #fff6d5;
  --link: #2452c9; --code: #f4f5f7 }
@media (prefers-color-scheme: dark) { :root { --text: #e8e9ec; --quiet: #a4a8b0; --ground: #15171a; --line: #303338;
  --mark: #3b3413; --link: #93b4ff; --code: #1f2226 } }
html { scroll-padding-top: 2rem }
body { margin: 0 auto; max-width: 42rem; padding: 3rem 1.25rem 40vh; background: var(--ground); color: var(--text);
  font: 1.0625rem/1.65 ui-sans-serif, system-ui, sans-serif; overflow-wrap: break-word }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; margin: 2.2em 0 .6em }
h1 { font-size: 1.9rem; margin-top: 0 } h2 { font-size: 1.4rem } h3 { font-size: 1.15rem } h4 { font-size: 1rem }
:target { background: var(--mark); box-shadow: 0 0 0 .35em var(--mark); border-radius: .1em }
a { color: var(--link) }
img { max-width: 100%; height: auto; border-radius: .5rem }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: .95em }
th, td { text-align: left; vertical-align: top; padding: .5em .9em; border-bottom: 1px solid var(--line) }
th { font-weight: 600 }
pre, code { font-family: ui-monospace, monospace; font-size: .9em; background: var(--code); border-radius: .3em }
code { padding: .1em .3em } pre { padding: 1em; overflow-x: auto } pre code { padding: 0 }
blockquote { margin: 1.5em 0; padding-left: 1em; border-left: 3px solid var(--line); color: var(--quiet) }
hr { border: 0; border-top: 1px solid var(--line); margin: 2.5em 0 }
"""

# The text is the company's, the origin is ours: whatever slips through the renderer must not run.
_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, language: str, body: str) -> bytes:
    """A whole HTML page around a rendered body. `title` and `language` are text; `body` is HTML already."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ).encode()


_MARKDOWN = (".md", ".markdown")
_RENDERED = (".txt", ".text", ".docx", ".pptx", ".xlsx", ".csv", ".tsv", ".json")


def rendered_at(path: str) -> str:
    """Where the page of a source stands: `guide.html` of `guide.md`, `guide.docx.html` of `guide.docx`.

    A PDF, an HTML page or a picture stands where it stood.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _MARKDOWN:
        return PurePosixPath(path).with_suffix(".html").as_posix()
    return f"{path}.html" if suffix in _RENDERED else path


def rendered_link(href: str) -> str:
    """A link of one source to another, leading to its page; any other link as it is."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return href
    if parts.scheme or parts.netloc or not parts.path:
        return href
    return parts._replace(path=rendered_at(parts.path)).geturl()
