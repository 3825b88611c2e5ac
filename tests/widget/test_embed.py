"""The one script tag on somebody's page: what it leaves there, what it asks for and when, and its verbs and events."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.widget.outside import Product, Website, sealed

VERBS = ["open", "close", "toggle", "show", "hide", "destroy", "identify", "setContext", "send", "setMode", "on", "off"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name="Open chat")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def answers(page: Page) -> Locator:
    return page.get_by_role("paragraph").filter(has_text="From $49 a month")


def ask(page: Page, words: str) -> None:
    box = page.get_by_role("textbox")
    box.fill(words)
    box.press("Enter")


def test_nothing_is_asked_for_and_nothing_stored_before_a_click(page: Page, product: Product, website: Website) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))

    page.goto(website.page(product.tag()))
    expect(launcher(page)).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert product.paths() == ["/embed.js"]
    assert hosts == {website.url.split("/")[2], product.url.split("/")[2]}
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_the_pointers_approach_brings_the_panels_code_and_nothing_else(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag()))

    launcher(page).hover()
    page.wait_for_load_state("networkidle")
    before_the_click = product.paths()
    launcher(page).click()
    expect(dialog(page)).to_be_visible()

    assert before_the_click == ["/embed.js", f"/widget/{sealed('panel')}"]
    assert product.paths() == [*before_the_click, "/api/widget/acme"]
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_page_has_one_name_more(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page("", "/bare"))
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))

    page.goto(website.page(product.tag()))
    launcher(page).click()
    ask(page, "What does it cost?")
    expect(answers(page)).to_be_visible()

    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - before == {"aiSdr"}


def test_what_was_called_before_the_script_came_is_done_when_it_is_there(
    page: Page, product: Product, website: Website
) -> None:
    stub = "<script>window.aiSdr ||= (...call) => (aiSdr.q ||= []).push(call)</script>"
    early = """<script>
      window.heard = [];
      aiSdr("on", "message", ({ role }) => heard.push(role));
      aiSdr("identify", { name: "Dana" });
      aiSdr("send", "What does it cost?");
    </script>"""

    page.goto(website.page(stub + early + product.tag()))

    expect(answers(page)).to_be_visible()
    assert page.evaluate("heard") == ["visitor", "assistant"]
    assert product.asked("/api/session/s-1/introduction") == [{"visitor": {"name": "Dana"}}]


def test_the_global_mirrors_the_element(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag()))

    page.evaluate("aiSdr.open()")
    expect(dialog(page)).to_be_visible()
    page.evaluate("aiSdr('close')")
    expect(dialog(page)).to_be_hidden()
    page.evaluate("document.querySelector('ai-sdr').toggle()")
    expect(dialog(page)).to_be_visible()

    assert page.evaluate("(verbs) => verbs.filter((verb) => typeof aiSdr[verb] !== 'function')", VERBS) == []
    assert (
        page.evaluate(
            "(verbs) => verbs.filter((verb) => typeof document.querySelector('ai-sdr')[verb] !== 'function')", VERBS
        )
        == []
    )


def test_hide_takes_launcher_and_panel_away_and_a_button_of_the_page_still_opens(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag() + '<button onclick="aiSdr.open()">Talk to us</button>'))
    page.evaluate("aiSdr.open()")
    expect(dialog(page)).to_be_visible()

    page.evaluate("aiSdr.hide()")
    expect(dialog(page)).to_be_hidden()
    expect(launcher(page)).to_be_hidden()
    page.get_by_role("button", name="Talk to us").click()
    expect(dialog(page)).to_be_visible()
    page.evaluate("aiSdr.close()")
    expect(launcher(page)).to_be_hidden()

    page.evaluate("aiSdr.show()")
    expect(launcher(page)).to_be_visible()


IN_A_SHADOW_ROOT = """() => {
  window.heard = [];
  for (const name of ["opened", "closed", "message", "mode-changed", "error"]) {
    document.addEventListener(`ai-sdr:${name}`, ({ detail }) => {
      heard.push([name, ...Object.entries(detail).filter(([key]) => key !== "text").map(([, value]) => value)]);
    });
  }
  window.element = document.createElement("ai-sdr");
  element.setAttribute("company", "acme");
  document.getElementById("part").attachShadow({ mode: "open" }).append(element);
  window.own = [];
  const listener = ({ role }) => own.push(role);
  element.on("message", listener);
  window.leave = () => element.off("message", listener);
}"""


def test_events_cross_shadow_roots_and_can_be_left(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(f'<div id="part"></div>{product.tag("")}'))
    page.evaluate(IN_A_SHADOW_ROOT)

    launcher(page).click()
    ask(page, "What does it cost?")
    expect(answers(page)).to_be_visible()
    page.evaluate("leave()")
    page.evaluate("element.send('And for more?')")
    expect(answers(page)).to_have_count(2)
    page.evaluate("element.setMode('tts')")
    page.evaluate("element.close()")
    expect(dialog(page)).to_be_hidden()

    assert page.evaluate("heard") == [
        ["opened"],
        ["message", "visitor"],
        ["message", "assistant"],
        ["message", "visitor"],
        ["message", "assistant"],
        ["mode-changed", "tts"],
        ["closed"],
    ]
    assert page.evaluate("own") == ["visitor", "assistant"]


def test_data_layer_hears_what_can_be_counted_and_no_word_that_was_said(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag('data-company="acme" data-data-layer')))
    launcher(page).click()
    ask(page, "My mail is dana@oakmart.example")
    expect(answers(page)).to_be_visible()

    assert page.evaluate("dataLayer") == [
        {"event": "ai-sdr:opened", "company": "acme"},
        {"event": "ai-sdr:message", "company": "acme", "role": "visitor"},
        {"event": "ai-sdr:message", "company": "acme", "role": "assistant"},
    ]


def test_data_layer_is_off_by_default(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page("<script>window.dataLayer = []</script>" + product.tag()))
    launcher(page).click()
    expect(dialog(page)).to_be_visible()

    assert page.evaluate("dataLayer") == []


def looks(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate("""() => {
      const root = document.querySelector("ai-sdr").shadowRoot;
      const { theme, position } = root.querySelector(".frame").dataset;
      return { accent: getComputedStyle(root.querySelector(".launcher")).color, theme, position };
    }""")
    return found


def test_the_pages_word_stands_above_the_companys_and_that_above_the_default(
    page: Page, product: Product, website: Website
) -> None:
    product.branding = {"accent": "#aa0000", "position": "left", "theme": "dark"}
    page.goto(website.page(product.tag(), "/company"))
    launcher(page).click()
    expect(dialog(page)).to_be_visible()
    expect(page.locator("ai-sdr .frame")).to_have_attribute("data-theme", "dark")
    assert looks(page) == {"accent": "rgb(170, 0, 0)", "theme": "dark", "position": "left"}

    options = 'data-company="acme" data-accent="#00aa00" data-position="right" data-theme="light"'
    page.goto(website.page(product.tag(options), "/page"))
    launcher(page).click()
    expect(dialog(page)).to_be_visible()
    assert looks(page) == {"accent": "rgb(0, 170, 0)", "theme": "light", "position": "right"}

    page.evaluate("document.querySelector('ai-sdr').setAttribute('accent', 'no colour')")
    assert looks(page)["accent"] == "rgb(170, 0, 0)"


def test_before_a_click_the_launcher_has_its_colour_its_corner_and_its_name_from_the_tag(
    page: Page, product: Product, website: Website
) -> None:
    options = 'data-company="acme" data-accent="gold" data-position="left" data-label="Chat öffnen"'
    page.goto(website.page(product.tag(options)))

    button = page.get_by_role("button", name="Chat öffnen")
    box = button.bounding_box()

    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (20, 56, 56)
    assert button.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(255, 215, 0)"
    # Black is what can be seen on gold.
    assert re.match(r"oklch\(0 ", button.evaluate("(node) => getComputedStyle(node, '::before').borderTopColor"))
    assert product.paths() == ["/embed.js"]


def test_two_companies_on_one_page_and_the_same_tag_twice(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag() + product.tag() + product.tag('data-company="globex" data-position="left"')))
    expect(launcher(page)).to_have_count(2)

    for company in ("globex", "acme"):  # the order of async tags is the browser's
        mine = page.locator(f"ai-sdr[company='{company}']")
        mine.get_by_role("button", name="Open chat").click()
        expect(mine.get_by_role("dialog")).to_contain_text(company.title())


def test_after_destroy_the_tag_may_come_again(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag()))
    launcher(page).click()
    expect(dialog(page)).to_be_visible()

    page.evaluate("aiSdr.destroy()")
    expect(page.locator("ai-sdr")).to_have_count(0)
    page.evaluate("aiSdr('open')")  # waits for whoever comes
    page.evaluate("""() => {
      const tag = document.createElement("script");
      tag.src = document.scripts[0].src;
      tag.dataset.company = "acme";
      document.body.append(tag);
    }""")

    expect(dialog(page)).to_be_visible()


def test_an_element_that_is_moved_keeps_its_conversation(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag() + '<main id="other"></main>'))
    launcher(page).click()
    ask(page, "What does it cost?")
    expect(answers(page)).to_be_visible()

    page.evaluate("document.getElementById('other').append(document.querySelector('ai-sdr'))")

    expect(answers(page)).to_be_visible()
    assert product.sockets == 1


def test_a_company_that_does_not_exist_leaves_the_page(page: Page, product: Product, website: Website) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(website.page(product.tag('data-company="nobody"')))

    launcher(page).click()

    expect(launcher(page)).to_be_hidden()
    expect(dialog(page)).to_have_count(0)
    assert any('there is no company "nobody"' in line for line in said)
    page.evaluate("aiSdr.open()")
    expect(dialog(page)).to_have_count(0)


def test_what_the_website_says_goes_before_the_first_question_and_again_when_it_changes(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag()))
    page.evaluate("aiSdr.setContext({ page: 'pricing', seats: 40 })")
    launcher(page).click()
    ask(page, "What does it cost?")
    expect(answers(page)).to_be_visible()

    with page.expect_response("**/introduction"):
        page.evaluate("aiSdr.identify({ email: 'dana@oakmart.example' })")

    first = product.paths().index("/api/session/s-1/introduction")
    assert product.paths().index("/api/session") < first
    assert product.asked("/api/session/s-1/introduction") == [
        {"context": {"page": "pricing", "seats": 40}},
        {"context": {"page": "pricing", "seats": 40}, "visitor": {"email": "dana@oakmart.example"}},
    ]
