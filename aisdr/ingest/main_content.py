"""What a web page says itself, without what every page of its site repeats: menus, banners, footers, notices."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from aisdr.ingest.cleaning import DROPPED

_NEVER = DROPPED | {"nav", "aside", "search"}
_ROLES = frozenset({
    "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation",
    "search", "status", "toolbar", "tooltip", "tree",
})  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "summary")


def _named(*names: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{'|'.join(names)})(?:[_-](?:bar|box|list|links|buttons|menu|wrapper))?(?:$|\s)")


_FURNITURE = _named("breadcrumbs?", "share", "sharing", "pagination", "pager", "toc", "table-of-contents", "print-only")
"""What people call such boxes, wherever they stand."""

_AROUND = _named(
    "newsletter", "skip-?(?:link|nav|to-content)", "social", "side-?bar", "(?:site|page)-?(?:header|footer|nav)",
    "nav-?bar", "navigation", "(?:main|top|nav|mega)-?menu", "footer", "masthead", "related-(?:posts|articles|links)",
)  # fmt: skip
"""And what they call those that stand around the text."""

_NOTICE = _named("cookies?(?:-?(?:banner|notice|popup|consent))?", "consent", "gdpr", "popup", "overlay", "modal")
"""A notice has something to click on; a chapter about cookies has not."""

_MOST_WORDS = 400
"""A box of one of these names that says more than this has another purpose than its name says."""

_MOSTLY_LINKS = 0.75
_ITEMS = 4
_SECTIONING = ("article", "main", "section", "blockquote", "details", "figure", "td")


def main_content(body: HtmlElement) -> HtmlElement:
    """The element that holds what the page says; what is no part of that has been taken out of it."""
    _take_out(body)
    chosen = _landmark(body)
    if chosen is not None:
        return chosen
    for element in list(_link_lists(body)):
        if element.getparent() is not None:
            element.drop_tree()
    return body


def _take_out(body: HtmlElement) -> None:
    words = _words(body)
    for element in [*body.iterdescendants()]:
        if element.getparent() is None:
            continue  # it went with the one it stood in
        if element.tag == "button" and any(above.tag in _HEADINGS for above in element.iterancestors()):
            element.drop_tag()  # a question that opens its answer
        elif element.tag == "form" and _words(element) * 2 > words:
            element.drop_tag()  # ASP.NET puts the whole page into one
        elif not isinstance(element.tag, str) or element.tag in _NEVER or _is_furniture(element):
            element.drop_tree()


def _is_furniture(element: HtmlElement) -> bool:
    role = element.get("role", "").strip().lower()
    if role in _ROLES:
        return True
    inside = any(above.tag in _SECTIONING or above.get("role") == "main" for above in element.iterancestors())
    if element.tag in ("header", "footer"):
        return not inside  # those of an article hold its title, or its sources
    if element.tag in ("main", "article", "body", *_HEADINGS) or role == "main":
        return False
    names = f"{element.get('id', '')} {element.get('class', '')} {element.get('aria-label', '')}".lower()
    if not (_FURNITURE.search(names) or (not inside and (_AROUND.search(names) or _is_notice(element, names)))):
        return False
    return _words(element) <= _MOST_WORDS and not element.xpath(".//main | .//h1")


def _is_notice(element: HtmlElement, names: str) -> bool:
    return bool(_NOTICE.search(names)) and bool(element.xpath(".//button | .//input | .//a[@role='button']"))


def _landmark(body: HtmlElement) -> HtmlElement | None:
    """Where the page itself says that it begins: `main`, else its only article, or what its articles stand in."""
    mains = body.xpath(".//main | .//*[@role='main']")
    if mains:
        best = max(mains, key=_words)
        return best if _words(best) else None
    articles = [each for each in body.xpath(".//article") if not any(a.tag == "article" for a in each.iterancestors())]
    if len(articles) == 1 and _words(articles[0]) * 2 >= _words(body):
        return articles[0]
    return None


def _link_lists(body: HtmlElement) -> Iterator[HtmlElement]:
    """Lists and boxes that are hardly more than links: menus of pages without landmarks."""
    for element in body.iterdescendants("ul", "ol", "div", "table", "p", "td"):
        links = element.xpath(".//a[@href]")
        if len(links) < _ITEMS or element.xpath(".//h1 | .//h2 | .//h3 | .//img[@alt]"):
            continue
        words = _words(element)
        if words and sum(map(_words, links)) >= _MOSTLY_LINKS * words and words <= len(links) * 6:
            yield element


def _words(element: HtmlElement) -> int:
    return len(" ".join(element.itertext()).split())
