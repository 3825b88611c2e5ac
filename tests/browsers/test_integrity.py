"""Firefox and WebKit refuse a file that was changed on its way, and need no host where a page lists files by hash."""

from collections.abc import Iterator

import pytest

from tests.browsers.tab import Tab
from tests.widget.outside import Product, Website, build, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATE = """
const root = document.querySelector("ai-sdr")?.shadowRoot;
return {
  stolen: document.documentElement.dataset.stolen ?? null,
  panel: Boolean(root?.querySelector("[role=dialog]")),
  refused: Boolean(root?.querySelector(".launcher[title]:not([title=''])")),
};"""


@pytest.fixture(params=["firefox", "webkit"])
def tab(request: pytest.FixtureRequest) -> Tab:
    found: Tab = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def product() -> Iterator[Product]:
    with running(Product()) as place:
        yield place


@pytest.fixture
def website() -> Iterator[Website]:
    with running(Website()) as place:
        yield place


def state(tab: Tab) -> dict[str, object]:
    found: dict[str, object] = tab.driver.execute_script(STATE)
    return found


def test_a_panel_that_was_tampered_with_does_not_run(tab: Tab, product: Product, website: Website) -> None:
    product.tampered = "panel"
    tab.open(website.page(product.tag(pinned=True)))

    tab.press("Open chat")
    tab.wait(lambda: state(tab)["refused"], "a launcher that says that it was not loaded")

    assert state(tab) == {"stolen": None, "panel": False, "refused": True}


def test_a_launcher_that_was_tampered_with_does_not_run(tab: Tab, product: Product, website: Website) -> None:
    product.tampered = "embed"
    tab.open(website.page(product.tag(pinned=True)))
    tab.wait(lambda: len(product.seen) == 1, "asked for the launcher")

    assert state(tab) == {"stolen": None, "panel": False, "refused": False}
    assert not tab.driver.execute_script("return 'aiSdr' in window")


def test_hashes_of_the_files_are_enough_for_a_policy(tab: Tab, product: Product, website: Website) -> None:
    hashes = " ".join(f"'{file['integrity']}'" for file in build().values() if file["immutable"])
    api = f"{product.url} {product.url.replace('http', 'ws')}"
    website.headers = {
        "content-security-policy": f"default-src 'none'; style-src 'self'; connect-src {api}; script-src {hashes}"
    }
    tab.open(website.page(product.tag(pinned=True)))

    tab.press("Open chat")

    tab.wait(lambda: state(tab)["panel"], "the panel")
