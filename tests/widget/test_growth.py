"""An element that is destroyed leaves nothing behind: not after fifty times, and not in the middle of a call."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route

from tests.walks.visitor import eventually
from tests.widget.outside import Product, Website

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROUND = """async () => {
  const element = document.createElement("ai-sdr");
  element.setAttribute("company", "acme");
  document.body.append(element);
  const answered = new Promise((resolve) => {
    element.on("message", ({ role }) => role === "assistant" && resolve());
  });
  element.send("What does it cost?");
  await answered;
  element.destroy();
  sessionStorage.clear();
}"""


def counted(page: Page, session: CDPSession) -> dict[str, int]:
    """What the browser holds after everything that nobody can reach was thrown away."""
    session.send("HeapProfiler.collectGarbage")
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    wanted = {"Nodes", "JSEventListeners", "Documents"}
    return {each["name"]: int(each["value"]) for each in metrics if each["name"] in wanted}


def test_fifty_times_destroyed_and_nothing_grows(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag("")))
    page.wait_for_function("customElements.get('ai-sdr') !== undefined")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    for _ in range(5):  # what is made once and kept
        page.evaluate(ROUND)
    elements = page.evaluate("document.querySelectorAll('*').length")
    before = counted(page, session)

    for _ in range(50):
        page.evaluate(ROUND)
    # Closing a socket takes its time, and holds what listens to it.
    after = eventually(lambda: counted(page, session), lambda now: all(now[name] <= before[name] for name in now))

    assert {name: max(0, after[name] - before[name]) for name in after} == dict.fromkeys(after, 0)
    assert page.evaluate("document.querySelectorAll('*').length") == elements
    assert len(product.asked("/api/session")) > 50
    assert eventually(lambda: product.sockets, lambda open_ones: open_ones == 0) == 0


def test_who_is_destroyed_while_an_earlier_conversation_comes_back_opens_no_socket(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag("")))
    page.wait_for_function("customElements.get('ai-sdr') !== undefined")
    page.evaluate(ROUND.replace("sessionStorage.clear();", ""))
    assert eventually(lambda: product.sockets, lambda open_ones: open_ones == 0) == 0
    held: list[Route] = []
    page.route("**/renew*", lambda route: held.append(route))
    with page.expect_request("**/renew*"):
        page.evaluate("""() => {
          const element = document.createElement("ai-sdr");
          element.setAttribute("company", "acme");
          document.body.append(element);
          element.open();
        }""")

    page.evaluate("aiSdr.destroy()")
    with page.expect_response("**/session/s-1"):
        held[0].continue_()
    page.wait_for_load_state("networkidle")

    assert product.sockets == 0
