"""The interface in fourteen languages: who decides which, what is loaded for it, and which way it runs."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product import Stack
from tests.widget.outside import Product, Website

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = Path(__file__).parents[2] / "widget" / "src" / "languages"
NAMES = {
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "pt": "Português",
    "nl": "Nederlands",
    "pl": "Polski",
    "tr": "Türkçe",
    "ja": "日本語",
    "zh": "中文",
    "ko": "한국어",
    "ar": "العربية",
    "he": "עברית",
    "en": "English",
}


def word(language: str, key: str) -> str:
    """What a language file says for a key."""
    found = re.search(rf'^  {key}: "(.*)",$', (LANGUAGES / f"{language}.ts").read_text("utf-8"), re.MULTILINE)
    assert found, f"{language} says nothing for {key}"
    return found[1]


def chunks(product: Product) -> set[str]:
    """The languages that were loaded."""
    found = (re.fullmatch(r"/widget/([a-z]{2})-[0-9a-f]{10}\.js", path) for path in product.paths())
    return {each[1] for each in found if each}


def spilling(page: Page) -> list[str]:
    """Words that do not fit into their button or line."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelector('ai-sdr').shadowRoot
          .querySelectorAll('.mode span, .status, .footer, .name')]
          .filter((e) => {
            const [inner, outer] = [e, e.parentElement].map((each) => each.getBoundingClientRect());
            return inner.left < outer.left - 1 || inner.right > outer.right + 1;
          })
          .map((e) => e.textContent)"""
    )
    return found


def visitor(chromium: Browser, locale: str) -> Page:
    return chromium.new_context(locale=locale).new_page()


def test_each_is_chosen_in_the_menu_and_loaded_only_then(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag('data-company="acme" data-open')))
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    loaded: set[str] = chunks(product)
    assert loaded == set()

    language = "en"
    for chosen, name in NAMES.items():
        page.get_by_role("button", name=word(language, "menu"), exact=True).click()
        page.get_by_role("combobox", name=word(language, "language")).select_option(name)
        panel = page.get_by_role("dialog", name=word(chosen, "chatWith").format(name="Acme"))
        expect(panel).to_have_attribute("dir", "rtl" if chosen in ("ar", "he") else "ltr")
        expect(panel).to_have_attribute("lang", re.compile(f"^{chosen}"))
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name=word(chosen, "send"), exact=True)).to_be_visible()
        expect(page.get_by_role("textbox", name=word(chosen, "askQuestion"))).to_be_visible()
        expect(panel.get_by_text(word(chosen, "aiAssistant"), exact=True)).to_be_visible()
        assert spilling(page) == []
        loaded |= {chosen} - {"en"}
        assert chunks(product) == loaded
        language = chosen


@pytest.mark.parametrize(
    ("attribute", "company", "browser", "read"),
    [
        ('data-language="it"', ["de", "fr"], "fr-FR", "it"),
        ('lang="nl"', ["de", "fr"], "fr-FR", "nl"),
        ("", ["de", "fr"], "fr-FR", "fr"),
        ("", ["de", "fr"], "pl-PL", "de"),
        ("", ["hi"], "ko-KR", "ko"),
    ],
)
def test_the_page_decides_then_the_company_then_the_browser(
    chromium: Browser, product: Product, website: Website, attribute: str, company: list[str], browser: str, read: str
) -> None:
    product.profile = {"languages": company}
    page = visitor(chromium, browser)
    element = f'<ai-sdr company="acme" {attribute.replace("data-", "")} open></ai-sdr>{product.tag("")}'

    page.goto(website.page(element))

    expect(page.get_by_role("button", name=word(read, "send"), exact=True)).to_be_visible()
    page.context.close()


def test_a_page_may_change_its_mind_and_the_visitors_word_stands_above_it(
    page: Page, product: Product, website: Website
) -> None:
    address = website.page(f'<ai-sdr company="acme" language="de" open></ai-sdr>{product.tag("")}')
    page.goto(address)
    expect(page.get_by_role("button", name="Senden")).to_be_visible()

    page.evaluate("document.querySelector('ai-sdr').setAttribute('language', 'pl')")
    expect(page.get_by_role("button", name="Wyślij")).to_be_visible()
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("combobox", name="Język").select_option("Türkçe")
    expect(page.get_by_role("button", name="Gönder")).to_be_visible()
    page.reload()

    expect(page.get_by_role("button", name="Gönder")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sohbeti kapat").click()
    expect(page.get_by_role("button", name="Sohbeti aç")).to_be_visible()


def test_a_language_that_does_not_come_leaves_the_interface_in_english(
    page: Page, product: Product, website: Website
) -> None:
    page.route("**/widget/de-*", lambda route: route.abort())

    page.goto(website.page(product.tag('data-company="acme" data-language="de" data-open')))

    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_the_companys_own_words_keep_their_language_and_the_disclosure_is_said_in_the_visitors(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag('data-company="acme" data-language="ar" data-open')))

    expect(page.get_by_text("أنت تتحدث مع ذكاء اصطناعي.")).to_be_visible()
    for words in ("Hello!", "You are talking with an AI."):
        assert page.get_by_text(words).evaluate("(e) => e.closest('[lang]').lang") == "en"


def test_how_much_room_is_left_is_told_in_the_plural_of_the_language(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag('data-company="acme" data-language="pl" data-open')))
    box = page.get_by_role("textbox")

    told: list[Any] = []
    for length in (1999, 1997, 1988, 2003):
        box.fill("")
        box.fill("x" * length)
        told.append(page.get_by_role("status").filter(has_text="zna").text_content())

    assert told == ["Został 1 znak", "Zostały 3 znaki", "Zostało 12 znaków", "O 3 znaki za dużo"]


def test_our_forms_are_in_the_visitors_language_and_store_the_same(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/hypersonix?language=de")
    box = page.get_by_role("textbox", name="Stellen Sie eine Frage")
    box.fill("My e-mail address is erika@laden.example, please contact me.")
    box.press("Enter")
    form = page.get_by_role("form", name="Ihre Angaben an Hypersonix senden?")

    expect(form.get_by_role("textbox", name="E-Mail-Adresse")).to_have_value("erika@laden.example")
    form.get_by_role("button", name="Bestätigen").click()

    expect(page.get_by_text("Ihre Angaben sind gespeichert")).to_be_visible()
    scope = stack.companies.get("hypersonix").operator_scope
    assert "erika@laden.example" in [each.lead.email for each in stack.leads.list(scope)]


def test_the_hosted_page_follows(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/hypersonix?language=he")
    expect(page.get_by_role("heading", name="לדבר עם Hypersonix")).to_be_visible()
    expect(page.get_by_role("heading", name="שאלות נפוצות")).to_be_visible()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["he", "rtl"]

    page.get_by_role("button", name="תפריט").click()
    page.get_by_role("combobox", name="שפה").select_option("Français")
    expect(page.get_by_role("heading", name="Parlez avec Hypersonix")).to_be_visible()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["fr", "ltr"]

    page.goto(f"{stack.url}/widget/nobody-at-all?language=nl")
    expect(page.get_by_role("heading", name="Aucune entreprise ici")).to_be_visible()  # the visitor chose French
