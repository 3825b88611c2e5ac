"""axe-core on a page: every rule of WCAG 2.2 AA, and those of good practice."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """One line for each node that breaks a rule; what axe cannot decide is left to people.

    With motion reduced: a text that is fading in has no contrast to speak of.
    """
    page.emulate_media(reduced_motion="reduce")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    assert len(found["passes"]) > 10, "axe found hardly anything to look at"
    return [
        f"{rule['id']}: {node['target'][-1]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
