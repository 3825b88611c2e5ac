"""What readers take out of every text: characters nobody sees, and markup that could do something."""

import nh3

from aisdr.unseen import strip_hidden

__all__ = ["DROPPED", "SHOWN", "clean_html", "remarks_on", "strip_hidden"]

SHOWN = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"id", "dir", "lang"},
    "a": {"href"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
DROPPED = frozenset({
    "applet", "audio", "base", "button", "canvas", "datalist", "dialog", "embed", "form", "frame", "frameset", "head",
    "iframe", "input", "link", "map", "math", "meta", "noembed", "noframes", "noscript", "object", "optgroup", "option",
    "output", "param", "plaintext", "portal", "progress", "script", "select", "source", "style", "svg", "template",
    "textarea", "title", "track", "video", "xmp",
})  # fmt: skip
"""Elements that go with all that stands in them: they do something, or what they say is no part of the page's text."""

_CLEANER = nh3.Cleaner(
    tags=SHOWN,
    clean_content_tags=set(DROPPED),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)


def clean_html(html: str) -> str:
    """HTML that can show something and do nothing. What is not allowed is left out; its text stays."""
    return _CLEANER.clean(html)


def remarks_on(characters: int, passages: int = 0) -> tuple[str, ...]:
    """What the operator is told of it: `12 hidden characters and 2 hidden passages were taken out`."""
    counted = [
        f"{count} hidden {word}{'' if count == 1 else 's'}"
        for count, word in ((characters, "character"), (passages, "passage"))
        if count
    ]
    was = "was" if characters + passages == 1 else "were"
    return (f"{' and '.join(counted)} {was} taken out",) if counted else ()
