"""What counts as a wish for a tool, and what is only talk about one."""

import json
from pathlib import Path

import pytest

from aisdr.inference.base import Message
from aisdr.inference.intents import intents, question_beside, wants_clip, wants_picture
from aisdr.inference.small_talk import small_talk

DATA = Path(__file__).parent.parent / "data" / "router-queries" / "questions.jsonl"


def tools(*texts: str) -> list[str]:
    """The tools for the last of these messages, which visitor and assistant said by turns, the visitor last."""
    roles = ["user" if (len(texts) - at) % 2 else "assistant" for at in range(len(texts))]
    messages = [
        Message("user" if role == "user" else "assistant", text) for role, text in zip(roles, texts, strict=True)
    ]
    return [intent.tool for intent in intents(messages)]


@pytest.mark.parametrize(
    "text",
    [
        "Can I book a demo?",
        "we want a demo",
        "I'd like to talk to someone from sales",
        "Can we schedule a 30 minute call?",
        "Let's set up a call",
        "Please book a meeting for Tuesday",
        "Can someone call me?",
        "Kann ich einen Termin für eine Demo vereinbaren?",
        "Puis-je réserver une démo ?",
        "¿Puedo reservar una demo?",
    ],
)
def test_a_wish_for_a_person_is_a_meeting(text: str) -> None:
    assert tools(text) == ["create_meeting_link"]


@pytest.mark.parametrize(
    "text",
    [
        "Can I speak to a human?",
        "I want a real person",
        "please connect me to an agent",
        "Ich möchte mit einem Menschen sprechen",
        "Je voudrais parler à une vraie personne",
        "Quiero hablar con una persona",
    ],
)
def test_a_wish_for_a_human_is_one_and_a_meeting_is_the_next_best(text: str) -> None:
    [intent] = intents([Message("user", text)])

    assert (intent.tool, intent.instead) == ("request_human", "create_meeting_link")
    assert intent.arguments["reason"] == text


def test_yes_to_our_offer_of_a_person_is_a_wish_for_one() -> None:
    assert tools("This is useless", "I'm sorry. If you would rather talk to a person, just say so.", "Yes") == [
        "request_human"
    ]


@pytest.mark.parametrize(
    "text",
    ["Can the assistant hand over to a human?", "Do visitors talk to a person?", "Is there a human in the loop?"],
)
def test_a_question_about_humans_in_the_product_is_no_wish(text: str) -> None:
    assert "request_human" not in tools(text)


def test_call_me_back_beside_an_address_is_a_lead_and_no_booking() -> None:
    text = "I'm Jane Doe, jane@acme.com, please call me back"

    [intent] = intents([Message("user", text)])

    assert intent.tool == "log_lead"
    assert intent.arguments == {"name": "Jane Doe", "email": "jane@acme.com", "message": text}


@pytest.mark.parametrize(
    "text",
    [
        "Which video vendor do you use?",
        "Can the assistant book meetings in Google Calendar?",
        "How do you handle no-shows for booked demos?",
        "What is a discovery call?",
        "How much does a call cost?",
        "I need a meeting room booking system",
        "We have a call center with 200 agents. Does it scale?",
        "Do you offer video editing services?",
        "Is x@y.com a valid address?",
        "I'm interested in pricing",
    ],
)
def test_a_question_about_the_product_is_no_wish(text: str) -> None:
    assert tools(text) == []


def test_an_address_with_a_wish_for_contact_is_a_lead_with_what_the_visitor_said() -> None:
    text = "Hi, I'm Ana Sousa from Vantage Clinics, please send me a quote: ana@vantage.example"

    [intent] = intents([Message("user", text)])

    assert intent.tool == "log_lead"
    assert intent.arguments == {
        "name": "Ana Sousa",
        "company": "Vantage Clinics",
        "email": "ana@vantage.example",
        "message": text,
    }


def test_a_name_beside_its_address_is_the_visitors() -> None:
    [intent] = intents([Message("user", "Please have a person call me: Dana Whitfield, dana@oakmart.example")])

    assert intent.tool == "request_human"
    assert (intent.arguments["name"], intent.arguments["email"]) == ("Dana Whitfield", "dana@oakmart.example")


def test_an_address_alone_is_a_lead_because_nothing_else_can_be_meant() -> None:
    assert tools("ana@vantage.example") == ["log_lead"]
    assert tools("Where?", "If you leave your e-mail address, we write to you.", "sure, it's ana@v.example") == [
        "log_lead"
    ]


def test_a_meeting_with_an_address_is_both_and_uses_what_was_said_before() -> None:
    messages = [
        Message("user", "Hello, my name is Tom Lee."),
        Message("assistant", "Hello!"),
        Message("user", "Can I book a demo? tom@acme.example"),
    ]

    meeting, lead = intents(messages)

    assert (meeting.tool, lead.tool) == ("create_meeting_link", "log_lead")
    assert meeting.arguments["name"] == "Tom Lee"
    assert meeting.arguments["email"] == "tom@acme.example"


def test_yes_to_our_offer_is_a_meeting_about_the_question_before() -> None:
    messages = [
        Message("user", "Do you support SAP?"),
        Message("assistant", "I don't have that in my material. I can arrange a meeting with the team: just say so."),
        Message("user", "Yes please!"),
    ]

    [intent] = intents(messages)

    assert intent.tool == "create_meeting_link"
    assert intent.arguments["topic"] == "Do you support SAP?"
    assert tools("Hi", "The trial lasts 14 days.", "Yes please!") == []


def test_what_is_asked_beside_a_wish_is_found() -> None:
    assert question_beside("Book me a call for Tuesday. Do you support SSO?") == "Do you support SSO?"
    assert question_beside("Can I book a demo?") == ""


def test_a_question_that_needs_words_is_never_answered_with_a_picture() -> None:
    """Half of these mention pictures, slides or videos without wanting to see one."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    wishes = [row for row in rows if wants_picture(row["text"]) or wants_clip(row["text"])]

    in_words = [row["text"] for row in wishes if not row["multimodal"]]

    assert in_words == []
    assert len(wishes) >= 0.4 * sum(row["multimodal"] for row in rows)


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("Show me a picture of the dashboard.", "show_visual"),
        ("Do you have a screenshot of the settings page?", "show_visual"),
        ("What does the analytics screen look like?", "show_visual"),
        ("Show the architecture diagram.", "show_visual"),
        ("Show me the demo video.", "get_demo_clip"),
        ("show me a demo of the dashboard", "get_demo_clip"),
        ("Is there a recording of the product tour?", "get_demo_clip"),
        ("Play the testimonial from the hospital customer.", "get_demo_clip"),
    ],
)
def test_a_wish_to_see_something_names_what(text: str, tool: str) -> None:
    [intent] = intents([Message("user", text)])

    assert intent.tool == tool
    assert intent.arguments == {"query": text}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hi", "greeting"),
        ("hello there!", "greeting"),
        ("Good morning, how are you?", "greeting"),
        ("Thanks a lot!", "thanks"),
        ("Great, thanks", "thanks"),
        ("who are you?", "who"),
        ("Are you a real person or a bot?", "human"),
        ("Hey, who am I talking to?", "human"),
        ("wait, are you actually human?", "human"),
        ("Sind Sie ein Mensch oder ein Roboter?", "human"),
        ("Êtes-vous un humain ?", "human"),
        ("¿Eres una persona real?", "human"),
        ("Guten Tag!", "greeting"),
        ("Merci beaucoup", "thanks"),
        ("¡Hola!", "greeting"),
        ("what can you do for me?", "abilities"),
        ("bye", "farewell"),
        ("ok", "approval"),
        ("Hi, what does it cost?", None),
        ("Thanks for nothing, what does it cost?", None),
        ("Good products?", None),
    ],
)
def test_politeness_is_told_from_questions(text: str, kind: str | None) -> None:
    assert small_talk(text) == kind
