"""The embedded language model: it quotes, it cites, it says no, and it asks for tools by clear rules."""

import json
import re
from typing import Any

import pytest

from aisdr.inference.base import Message, Passage, Prompt, TextDelta, ToolRequest, ToolSpec, Usage
from aisdr.inference.extractive import NOTHING_FITS, Extractive

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
    assert ask("How much does Growth cost?", PRICES) == "Growth – Price per month: $149 [1]"
    assert ask("How many conversations does Starter include?", PRICES) == "Starter – Conversations: 500 [1]"


def test_a_question_about_no_row_in_particular_gets_the_whole_column() -> None:
    assert "Price per month – Starter: $49.99; Growth: $149; Enterprise: from $900 [1]" in ask(
        "What does it cost?", PRICES
    )


def test_things_to_compare_are_put_side_by_side() -> None:
    told = ask("What is the difference between Growth and Starter?", PRICES)

    assert "Starter – Price per month: $49.99; Conversations: 500; Seats: 2 [1]" in told
    assert "Growth – Price per month: $149; Conversations: 5,000; Seats: 10 [1]" in told
    assert "Enterprise" not in told


def test_a_list_that_was_asked_for_is_kept_together_with_its_intro() -> None:
    assert ask("Which integrations do you have?", TRIAL, INTEGRATIONS) == "\n".join(
        ["Quillbase connects to these systems:", *(f"- {tool} [2]" for tool in TOOLS)]
    )


def test_one_item_is_told_with_what_introduces_it() -> None:
    assert ask("Do you work with Zendesk?", INTEGRATIONS) == (
        "Quillbase connects to these systems: Zendesk (tickets) [1]"
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


@pytest.mark.parametrize(
    ("modality", "beginning"),
    [("image", "As the picture “Dashboard” shows: "), ("video", "In the clip “Dashboard”: ")],
)
def test_words_under_a_picture_or_in_a_clip_say_where_they_stand(modality: str, beginning: str) -> None:
    told = ask(
        "Where are the booked meetings?",
        "On the right stand the booked meetings.",
        title="Dashboard",
        modality=modality,
    )

    assert told == f"{beginning}On the right stand the booked meetings. [1]"


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
        Message("assistant", "Starter – Price per month: $49.99 [1]"),
        Message("user", "And Enterprise?"),
    )

    assert answer(Prompt(SYSTEM, turns, passages(PRICES))) == "Enterprise – Price per month: from $900 [1]"


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
    assert ask("What does it cost?") == NOTHING_FITS


def test_a_question_for_an_amount_is_not_answered_without_one() -> None:
    assert ask("What does HubSpot cost?", INTEGRATIONS).startswith(NOTHING_FITS)


def test_the_next_step_is_one_that_can_be_taken() -> None:
    question = (Message("user", "Are you HIPAA compliant?"),)
    far = passages(TRIAL, score=0.2)

    assert answer(Prompt(SYSTEM, question, far)) == NOTHING_FITS
    assert "arrange a meeting" in answer(Prompt(SYSTEM, question, far, (MEETING, LEAD)))
    assert "e-mail address" in answer(Prompt(SYSTEM, question, far, (LEAD,)))


def test_a_near_miss_points_to_what_is_there() -> None:
    told = answer(
        Prompt(SYSTEM, (Message("user", "How much does Intercom cost a month?"),), passages(PRICES, title="Pricing"))
    )

    assert told == f"{NOTHING_FITS} The closest I have is about “Pricing”: ask me about that if it helps."


def test_a_question_in_another_language_is_told_so() -> None:
    assert "English" in ask("Was kostet das und wie viel zahlen wir für die Nutzung?", PRICES)
    assert "English" in ask("料金はいくらですか", PRICES)


# --- courtesy ---


def test_politeness_is_returned_truthfully_and_without_a_source() -> None:
    greeting, who = ask("Hello!", PRICES), ask("Are you a real person?", PRICES)

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
