"""A tab of a browser that Playwright cannot drive, by Selenium: elements inside of the widget, by role and name."""

import time
from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

PATIENCE = 30.0
_FIND = """
const [kinds, name] = arguments;
const root = document.querySelector("ai-sdr")?.shadowRoot;
const called = (each) => (each.getAttribute("aria-label") || each.textContent || "").trim();
return [...(root?.querySelectorAll(kinds) ?? [])].find(
  (each) => each.getClientRects().length && called(each).includes(name)) ?? null;
"""
_TEXT = """return document.querySelector("ai-sdr")?.shadowRoot?.textContent ?? "" """


class Tab:
    """What a visitor does and sees."""

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.get(address)

    def press(self, name: str) -> None:
        """A button or link, once it is there and can be pressed."""

        def pressed() -> bool:
            found: WebElement | None = self.driver.execute_script(_FIND, "button, a[href], [role=button]", name)
            if found is None:
                return False
            found.click()
            return True

        self.wait(pressed, f"a button '{name}' that can be pressed")

    def ask(self, words: str) -> None:
        box: Any = self.wait(lambda: self.driver.execute_script(_FIND, "textarea", ""), "the text box")
        box.send_keys(words, Keys.ENTER)

    def sees(self, words: str) -> None:
        self.wait(lambda: words in str(self.driver.execute_script(_TEXT)), f"the words '{words}'")

    def has(self, kinds: str, name: str) -> bool:
        return self.driver.execute_script(_FIND, kinds, name) is not None

    def wait(self, read: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """The first value that is true; a page that is being drawn may refuse meanwhile."""
        until, problem = time.monotonic() + seconds, ""
        while time.monotonic() < until:
            try:
                if value := read():
                    return value
            except WebDriverException as error:
                problem = f": {error.msg}"
            time.sleep(0.1)
        raise AssertionError(f"After {seconds:.0f} s the page has not {what}{problem}")
