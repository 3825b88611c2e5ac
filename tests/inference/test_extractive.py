"""The embedded language model: it quotes, it cites, it says no, and it asks for tools by clear rules."""

import json
import re
from typing import Any

import pytest

from aisdr.inference.base import NOTHING_FITS, Message, Passage, Prompt, TextDelta, ToolRequest, ToolSpec, Usage
from aisdr.inference.extractive import Extractive
from aisdr.inference.follow_up import standalone
from aisdr.inference.language import foreign_language

SYSTEM = "You are the AI sales representative of Quillbase. Support software.\nTone: friendly"
PRICES = """## Plans

| Plan | Price per month | Conversations | Seats |
|---|---|---|---|
| Starter | $49.99 | 500 | 2 |
| Growth | $149 | 5,000 | 10 |
| Enterprise | from $900 | Unlimited | Unlimited |

Paying annually saves 20 %."""
TOOLS = ("Salesforce (leads and contacts)", "HubSpot (deals)", "Zendesk (tickets)", "Slack (alerts)")
INTEGRATIONS = "# Integrations\n\nQuillbase connects to these systems:\n\n" + "\n".join(f"- {tool}" for tool in TOOLS)
TRIAL = "Every plan starts with a 14-day free trial. It needs no credit card. Afterwards your workspace is paused."


def tool(name: str, *arguments: str, **limits: int) -> ToolSpec:
    properties = {
        each: {"type": "string"} | ({"maxLength": limits[each]} if each in limits else {}) for each in arguments
    }
    return ToolSpec(name, name, {"type": "object", "properties": properties})


MEETING = tool("create_meeting_link", "name", "email", "topic", topic=30)
LEAD = tool("log_lead", "email", "name", "company", "message")
PICTURE = tool("show_visual", "query")
CLIP = tool("get_demo_clip", "query")


def passages(*texts: str, score: float = 0.6, **changes: str) -> tuple[Passage, ...]:
    title = changes.pop("title", "Guide")
    return tuple(Passage(at, title, text, score=score, **changes) for at, text in enumerate(texts, start=1))


def ask(question: str, *texts: str, **changes: Any) -> str:
    return answer(Prompt(SYSTEM, (Message("user", question),), passages(*texts, **changes)))


def answer(prompt: Prompt) -> str:
    return "".join(event.text for event in Extractive().stream(prompt) if isinstance(event, TextDelta))


def requests(prompt: Prompt) -> list[ToolRequest]:
    return [event for event in Extractive().stream(prompt) if isinstance(event, ToolRequest)]


# --- what is quoted ---


def test_an_answer_is_a_quotation_with_the_number_of_its_passage() -> None:
    assert ask("Where is the data stored?", PRICES, "Customer data is stored in Frankfurt. We sign a DPA.") == (
        "Customer data is stored in Frankfurt. [2]"
    )


def test_it_streams_a_few_words_at_a_time_and_costs_nothing() -> None:
    prompt = Prompt(SYSTEM, (Message("user", "Is there a free trial?"),), passages(TRIAL))

    events = list(Extractive().stream(prompt))

    assert events[-1] == Usage()
    assert len(events) > 3
    assert all(isinstance(event, TextDelta) and len(event.text.split()) <= 6 for event in events[:-1])


def test_the_same_prompt_has_the_same_answer() -> None:
    prompt = Prompt(SYSTEM, (Message("user", "What do the plans cost?"),), passages(PRICES, INTEGRATIONS, TRIAL))

    assert list(Extractive().stream(prompt)) == list(Extractive().stream(prompt))


def test_a_number_from_a_table_comes_with_its_subject_and_its_header() -> None:
    assert ask("How much does Growth cost?", PRICES) == "Growth – Price per month: $149. [1]"
    assert ask("How many conversations does Starter include?", PRICES) == "Starter – Conversations: 500. [1]"


def test_a_question_about_no_row_in_particular_gets_the_whole_column() -> None:
    assert "Price per month – Starter: $49.99; Growth: $149; Enterprise: from $900. [1]" in ask(
        "What does it cost?", PRICES
    )


def test_things_to_compare_are_put_side_by_side() -> None:
    told = ask("What is the difference between Growth and Starter?", PRICES)

    assert "Starter – Price per month: $49.99; Conversations: 500; Seats: 2. [1]" in told
    assert "Growth – Price per month: $149; Conversations: 5,000; Seats: 10. [1]" in told
    assert "Enterprise" not in told


def test_a_list_that_was_asked_for_is_kept_together_with_its_intro() -> None:
    assert ask("Which integrations do you have?", TRIAL, INTEGRATIONS) == "\n".join(
        ["Quillbase connects to these systems:", *(f"- {tool} [2]" for tool in TOOLS)]
    )


def test_one_item_is_told_with_what_introduces_it() -> None:
    assert ask("Do you work with Zendesk?", INTEGRATIONS) == (
        "Quillbase connects to these systems: Zendesk (tickets). [1]"
    )


def test_a_pronoun_brings_the_sentence_it_leans_on() -> None:
    assert ask("Do I need a credit card?", TRIAL) == (
        "Every plan starts with a 14-day free trial. It needs no credit card. [1]"
    )


def test_a_sentence_that_two_overlapping_chunks_share_is_told_once() -> None:
    shared = "Transcripts are kept for 90 days by default."

    told = ask("How long are transcripts kept?", f"We respect privacy. {shared}", f"{shared} Audio is another matter.")

    assert told.count("Transcripts are kept") == 1


def test_sentences_that_differ_in_a_number_are_both_told() -> None:
    told = ask(
        "How long are transcripts kept?",
        "On Growth transcripts are kept for 90 days. On Free transcripts are kept for 7 days.",
    )

    assert "90 days" in told
    assert "7 days" in told


def test_a_reply_of_a_faq_is_not_quoted_without_what_it_replies_to() -> None:
    faq = (
        "## Can I cancel at any time?\n\nYes. Monthly plans end at the close of the month.\n\n## Do you refund?\n\nNo."
    )

    assert ask("Can I cancel at any time?", faq) == "Yes. Monthly plans end at the close of the month. [1]"
    assert ask("Will you refund us?", faq) == "Do you refund? No. [1]"


@pytest.mark.parametrize("modality", ["image", "video"])
def test_words_under_a_picture_or_in_a_clip_are_quoted_as_they_stand(modality: str) -> None:
    told = ask("Where are the booked meetings?", "On the right stand the booked meetings.", modality=modality)

    assert told == "On the right stand the booked meetings. [1]"


def test_a_short_reply_of_a_faq_is_told_whole() -> None:
    faq = "## Can prices change during the day?\n\nPrices change once a day. We do not offer prices by the hour."

    assert ask("Do you offer prices by the hour?", faq) == (
        "Prices change once a day. We do not offer prices by the hour. [1]"
    )


STEPS = """## Price per store and month

| Plan | 1 to 49 stores | 50 to 199 stores | 200 stores and more |
|---|---|---|---|
| Growth | $49 | $39 | $31 |
| Enterprise | not offered | $65 | $52 |"""


def test_a_number_is_found_in_the_range_that_holds_it() -> None:
    assert ask("What does Growth cost for 80 stores?", STEPS) == "Growth – 50 to 199 stores: $39. [1]"
    assert "Growth: $31; Enterprise: $52. [1]" in ask("How much would we pay for 250 stores?", STEPS)


def test_a_number_of_something_else_is_no_match() -> None:
    told = ask(
        "We have 12 stores, is that too small?",
        "We suggest 12 clusters of stores. The tool is made for small chains with 10 to 1,500 stores.",
    )

    assert "10 to 1,500 stores" in told
    assert "clusters" not in told


def test_years_are_understood_as_months() -> None:
    told = ask("Discount for a 3 year contract?", "Discounts: a 36-month term lowers the price by 15 %.", PRICES)

    assert "36-month term" in told


def test_the_things_of_a_table_are_listed_when_they_are_asked_for() -> None:
    assert "Plan: Starter, Growth, Enterprise. [1]" in ask("Which plans are there?", PRICES)


def test_a_column_is_chosen_by_what_was_asked_for() -> None:
    header = "| Plan | Competitors watched | Refresh |\n|---|---|---|"
    table = f"{header}\n| Basic | 5 | once a week |\n| Pro | 15 | once a day |"

    assert ask("How often do you check competitors?", table).startswith("Refresh – Basic: once a week; Pro: once a day")


def test_the_labels_of_a_chart_are_not_quoted() -> None:
    told = ask(
        "What is the price for 250 stores?",
        "50 stores 100 stores 150 stores 200 stores 250 stores\n$1,950 at 50 stores\n$6,200 at 200 stores",
        modality="slide",
    )

    assert told.startswith(NOTHING_FITS)


def test_an_unknown_name_beside_a_known_one_is_admitted() -> None:
    told = ask("Do you support SSO with Okta?", "Single sign-on with SAML 2.0 is part of Growth.")

    assert told == "My material does not mention Okta. Single sign-on with SAML 2.0 is part of Growth. [1]"


def test_what_the_company_does_is_told_from_its_overview_or_by_its_operator() -> None:
    overview = Passage(1, "What Quillbase does", "Quillbase helps support teams answer faster. It is small.", score=0.3)
    represents = Prompt(
        "You are the AI sales representative of Quillbase. Software.\nYou represent Quillbase, a help desk for shops.",
        (Message("user", "What do you do?"),),
    )

    assert answer(Prompt(SYSTEM, (Message("user", "What is this?"),), (overview,))) == (
        "Quillbase helps support teams answer faster. [1]"
    )
    assert answer(represents) == "Quillbase is a help desk for shops."
    assert ask("What does Quillbase do?") == "Quillbase: Support software."


def test_a_question_full_of_slips_is_understood() -> None:
    text = "Onboarding takes 4 weeks on Starter and 10 weeks on Growth."

    assert ask("hoow lonng doos onboardng take", text) == f"{text} [1]"


def test_one_word_over_and_over_is_refused() -> None:
    assert ask("price " * 50, PRICES).startswith(NOTHING_FITS)


def test_a_torn_sentence_shows_that_it_is_torn() -> None:
    told = ask(
        "How large is the increase at renewal?",
        "Invoices come monthly. The price increase at renewal is at most 5 % and never more than the",
    )

    assert told.endswith("and never more than the … [1]")


def test_a_misspelled_question_is_understood() -> None:
    assert "Zendesk" in ask("do you have an integraton with zendesk?", INTEGRATIONS)


def test_a_follow_up_takes_over_what_it_leaves_out() -> None:
    turns = (
        Message("user", "How much does the Starter plan cost?"),
        Message("assistant", "Starter – Price per month: $49.99. [1]"),
        Message("user", "And Enterprise?"),
    )

    assert answer(Prompt(SYSTEM, turns, passages(PRICES))) == "Enterprise – Price per month: from $900. [1]"


def test_the_companys_own_name_is_no_reason_to_refuse() -> None:
    assert ask("Does Quillbase keep transcripts?", "Transcripts are kept for 90 days.").startswith(
        "Transcripts are kept"
    )


# --- what is refused ---


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How much does Intercom cost?",
        "What's the weather like?",
        "What is 12 times 12?",
        "Do you support SAP?",
    ],
)
def test_what_the_material_does_not_hold_is_refused(question: str) -> None:
    told = ask(question, PRICES, INTEGRATIONS, TRIAL)

    assert told.startswith(NOTHING_FITS)
    assert not re.search(r"\[\d+\]", told)


def test_without_passages_it_says_so() -> None:
    assert ask("What does it cost?") == f"{NOTHING_FITS}. I can help with questions about Quillbase."


def test_a_question_for_an_amount_is_not_answered_without_one() -> None:
    assert ask("What does HubSpot cost?", INTEGRATIONS).startswith(NOTHING_FITS)


def test_the_next_step_is_one_that_can_be_taken() -> None:
    question = (Message("user", "Are you HIPAA compliant?"),)
    far = passages(TRIAL, score=0.2)

    assert answer(Prompt(SYSTEM, question, far)) == f"{NOTHING_FITS}. I can help with questions about Quillbase."
    assert "arrange a meeting" in answer(Prompt(SYSTEM, question, far, (MEETING, LEAD)))
    assert "e-mail address" in answer(Prompt(SYSTEM, question, far, (LEAD,)))


def test_a_near_miss_points_to_what_is_there() -> None:
    told = answer(
        Prompt(SYSTEM, (Message("user", "How much does Intercom cost a month?"),), passages(PRICES, title="Pricing"))
    )

    assert told == f"{NOTHING_FITS}. The closest I have is “Plans” in “Pricing” [1]."


WARTUNG = "Der Filter wird zweimal im Jahr gereinigt. Ein Wartungsvertrag kostet 149 Euro im Jahr und ist kündbar."


def ask_in(language: str, question: str, *texts: str) -> str:
    """As the agent does: the question read in English beside the visitor's own words."""
    read = standalone(question, ())
    return answer(
        Prompt(
            SYSTEM, (Message("user", question),), passages(*texts), language=language, question=read.question, about=""
        )
    )


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Was kostet ein Wartungsvertrag?", "Ein Wartungsvertrag kostet 149 Euro im Jahr und ist kündbar. [1]"),
        ("Wie oft wird der Filter gereinigt?", "Der Filter wird zweimal im Jahr gereinigt. [1]"),
    ],
)
def test_a_german_question_is_answered_from_german_material_in_its_own_words(question: str, told: str) -> None:
    assert ask_in("de", question, WARTUNG) == told


def test_german_material_is_not_made_to_answer_what_it_does_not_hold() -> None:
    assert ask_in("de", "Was kostet ein Schwimmbad?", WARTUNG).startswith("Das steht nicht in meinem Material")


def test_a_quotation_is_called_english_only_when_it_is() -> None:
    english = ask_in("es", "¿Cuánto cuesta Growth?", "The Growth plan costs $149 a month.")
    german = ask_in(
        "es", "¿Cuánto cuesta el Wartungsvertrag?", "Der Wartungsvertrag: was der Wartungsvertrag cost ist 149 Euro."
    )

    assert english.startswith("Esto es lo que dice nuestro material (en inglés): The Growth plan")
    assert german.startswith("Esto es lo que dice nuestro material: Der Wartungsvertrag")


def test_a_page_in_a_third_language_is_pointed_to_when_the_search_is_sure_of_it() -> None:
    assert ask_in("es", "¿Hay que limpiar el filtro?", WARTUNG).endswith("→ “Guide” [1]")
    assert ask("How often do I clean it out?", WARTUNG) == f"{NOTHING_FITS}. The closest I have is “Guide” [1]."
    assert "[1]" not in ask("How often do I clean it out?", WARTUNG, score=0.3)


def test_a_short_spanish_question_is_known_by_its_marks() -> None:
    assert foreign_language("¿Hace ruido la bomba?") == "es"


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("Was kostet das und wie viel zahlen wir für die Nutzung?", "auf Englisch"),
        ("Combien est-ce que ça coûte pour nous et pour les magasins ?", "en anglais"),
        ("¿Cuánto cuesta y qué incluye para una tienda?", "en inglés"),
        ("Quanto costa e quali sono le condizioni?", "in inglese"),
        ("Quanto custa para uma loja e como é o contrato?", "em inglês"),
        ("Hoeveel kost het voor een winkel?", "in het Engels"),
        ("Ile to kosztuje i jak długo trwa wdrożenie?", "po angielsku"),
        ("料金はいくらですか", "英語"),
        ("这个多少钱", "英语"),
        ("Сколько это стоит?", "English"),
    ],
)
def test_a_question_in_another_language_is_told_so_in_that_language(question: str, english: str) -> None:
    told = ask(question, PRICES)

    assert english in told
    assert "[" not in told


# --- courtesy ---


def test_politeness_is_returned_truthfully_and_without_a_source() -> None:
    greeting, who = ask("Hello!", PRICES), ask("Who are you?", PRICES)

    assert greeting.startswith("Hello! I'm the AI sales representative of Quillbase.")
    assert "I'm the AI sales representative of Quillbase." in who
    assert "welcome" in ask("Thanks a lot!", PRICES)
    assert "[" not in greeting + who


@pytest.mark.parametrize(
    "system", ["", "Answer briefly.", "You are helpful, never say no.", "You are nice to everybody."]
)
def test_a_system_prompt_that_names_no_company_is_not_repeated(system: str) -> None:
    assert answer(Prompt(system, (Message("user", "Who are you?"),))).startswith("I'm the AI assistant here.")


def test_a_persona_that_sounds_like_a_person_is_still_said_to_be_an_ai() -> None:
    prompt = Prompt("You are Maya, the friendly face of Acme. Smile.", (Message("user", "Who are you?"),))

    assert answer(prompt).startswith("I'm Maya, the AI assistant of Acme.")


def test_an_empty_message_gets_an_invitation() -> None:
    assert ask("???", PRICES) == "What would you like to know about Quillbase?"


def test_a_bare_yes_gets_a_question_back() -> None:
    assert ask("why?", PRICES) == "Could you tell me a little more about what you'd like to know?"


# --- tools ---


def test_only_offered_tools_are_asked_for_and_only_with_arguments_they_know() -> None:
    text = "Hi, I'm Ana Sousa from Vantage. Can I book a demo about your pricing and your integrations? ana@v.example"
    turns = (Message("user", text),)

    both = requests(Prompt(SYSTEM, turns, (), (MEETING, LEAD)))
    meeting_only = requests(Prompt(SYSTEM, turns, (), (MEETING,)))

    assert [request.name for request in both] == ["create_meeting_link", "log_lead"]
    assert [request.name for request in meeting_only] == ["create_meeting_link"]
    assert requests(Prompt(SYSTEM, turns)) == []
    assert both[0].arguments == {"name": "Ana Sousa", "email": "ana@v.example", "topic": text[:30]}
    assert len({request.call_id for request in both}) == 2


def test_while_it_asks_for_a_tool_it_says_nothing() -> None:
    prompt = Prompt(SYSTEM, (Message("user", "Show me a picture of the dashboard"),), passages(PRICES), (PICTURE, CLIP))

    assert [type(event) for event in Extractive().stream(prompt)] == [ToolRequest, Usage]


def after(question: str, result: object, *tools: ToolSpec, material: tuple[str, ...] = ()) -> str:
    asked = requests(Prompt(SYSTEM, (Message("user", question),), (), tools))
    turns = (
        Message("user", question),
        Message("assistant", "", tuple(asked)),
        *(Message("tool", json.dumps(result), call_id=request.call_id) for request in asked),
    )
    prompt = Prompt(SYSTEM, turns, passages(*material), tools)
    assert requests(prompt) == []
    return answer(prompt)


def test_a_tools_own_words_are_told_and_the_tool_is_not_asked_again() -> None:
    assert after("Can I book a demo?", {"url": "https://x.example", "say": "Pick a time here."}, MEETING) == (
        "Pick a time here."
    )


def test_a_result_without_words_is_told_in_ours() -> None:
    assert after("Can I book a demo?", {"url": "https://x.example"}, MEETING) == "Here is the link to book a meeting."


@pytest.mark.parametrize("result", [{"error": "vendor_failed", "message": "boom"}, {"success": False}, {}])
def test_a_failed_tool_is_admitted_without_its_insides(result: object) -> None:
    told = after("Can I book a demo?", result, MEETING)

    assert told == "I'm sorry, I could not do that just now."


def test_what_was_asked_beside_the_wish_is_answered_too() -> None:
    told = after(
        "Book me a call please. Is there a free trial?", {"say": "Pick a time here."}, MEETING, material=(TRIAL,)
    )

    assert told.startswith("Pick a time here.\n\nEvery plan starts with a 14-day free trial. [1]")


def test_a_new_message_may_ask_for_the_same_tool_again() -> None:
    first = ToolRequest("1", "show_visual", {"query": "a"})
    turns = (
        Message("user", "Show me a picture of the dashboard"),
        Message("assistant", "", (first,)),
        Message("tool", "{}", call_id="1"),
        Message("assistant", "Here."),
        Message("user", "Show me a picture of the editor"),
    )

    [request] = requests(Prompt(SYSTEM, turns, (), (PICTURE,)))

    assert request.arguments == {"query": "Show me a picture of the editor"}
    assert request.call_id != "1"
