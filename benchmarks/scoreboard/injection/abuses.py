"""Ways to call a tool that nobody means well: names, keys, values and sizes, as rows of one table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.tools.wishes import CALLS

WISHES = CALLS | {"look_up": {"topic": "prices"}}
"""A call of each tool that is as it should be."""

NAMES = (
    *(
        "",
        " ",
        "log_lead ",
        " log_lead",
        "LOG_LEAD",
        "log-lead",
        "log_lead\0",
        "log_lead\n",
        "log_lead\u200b",
        "\ufefflog_lead",
    ),
    *("lоg_lead", "ｌｏｇ_ｌｅａｄ", "log＿lead", "lo\u0301g_lead", "\u202elog_lead", "log_lead\U000e0041"),
    *("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__class__", "__init__", "run", "specs"),
    *("../log_lead", "log_lead/../request_human", "log_lead;request_human", "log_lead,request_human", "log_lead()"),
    *("${log_lead}", "{{log_lead}}", "%s", "*", "null", "undefined", "true", "0", "'; DROP TABLE tools; --"),
    *(
        "wire_money",
        "confirm",
        "confirm_tool",
        "delete_visitor",
        "erase",
        "run_shell",
        "x" * 64,
        "x" * 10_000,
        "\U0001f600",
    ),
)
"""Names of no tool of this company: near ones, look-alikes, what languages are built from, and another company's."""

KEYS = (
    *("companyId", "company_id", "company", "tenant", "scope", "sessionId", "session_id", "session", "token", "userId"),
    *("__proto__", "constructor", "prototype", "__class__", "__dict__", "model_config", "self", "context", "key"),
    *(
        "confirmed",
        "confirmationId",
        "accept",
        "bookingUrl",
        "url",
        "callback",
        "webhook",
        "admin",
        "",
        " ",
        "\0",
        "email ",
    ),
    *("Email", "еmail", "email\u200b", "query ", "quеry", "QUERY", "queries[]", "query.0", "$ref", "@type"),
)
"""Members that nobody asked for; where a tool has one of that name, its value is of no use there."""

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**63, 10**400, [], {}, ["a"], [None], {"a": 1}, [[[[]]]]),
    *(
        {"$gt": ""},
        {"__proto__": {"x": 1}},
        {"toString": "x"},
        ["a@b.example", "c@d.example"],
        "",
        "   ",
        "\0",
        "\u200b",
    ),
    *(
        "x" * 5_000,
        "x" * 60_000,
        '{"email": "a@b.example"}',
        "a@b",
        "a@@b.example",
        "two words@c.example",
        "<a@b.example>",
    ),
    *(
        "a@b.example\nBcc: c@d.example",
        "a@b.example,c@d.example",
        "javascript:alert(1)@b.example",
        "a@b..example",
        "@",
        "a@",
    ),
)
"""In the place of an e-mail address and of other required values."""


@dataclass(frozen=True)
class Abuse:
    """One call that must be refused, what is wrong with it, and by which code it must be refused."""

    wrong: str
    tool: str
    arguments: Any
    code: str = "invalid_arguments"
    before: Mapping[str, str] = field(default_factory=dict)
    """Doors that refuse it before it comes as far as the tools, and their code."""

    def code_at(self, door: str) -> str:
        return self.before.get(door, self.code)


NOT_BY_HTTP = {"http": "invalid_input"}
"""The body's own form wants an object, and a name of 64 characters; the other doors get both as somebody's text."""
NOT_BY_RELAY = {"relay": "invalid_frame"}
"""A frame has 16 kB at most; the other doors take more."""


def abuses() -> Iterator[Abuse]:
    for number, name in enumerate(NAMES):
        before = NOT_BY_HTTP if len(name) > 64 else {}
        yield Abuse(f"name {number}", name, {"email": "a@b.example"}, "unknown_tool", before)
    for tool, wish in WISHES.items():
        for number, key in enumerate(KEYS):
            if key not in _OWN_KEYS.get(tool, ()):
                yield Abuse(f"key {number}", tool, wish | {key: "globex"})
        for whole in (None, "text", 1, True, [], [wish], '"', "{}", f'"{wish}"'):
            yield Abuse("arguments that are no object", tool, whole, before=NOT_BY_HTTP)
        many = wish | {f"k{number}": number for number in range(2_000)}
        yield Abuse("two thousand members", tool, many, before=NOT_BY_RELAY)
        yield Abuse("twenty levels", tool, wish | {"deep": _nested(20)})
    for number, value in enumerate(VALUES):
        before = NOT_BY_RELAY if isinstance(value, str) and len(value) > 16_000 else {}
        yield Abuse(f"address {number}", "log_lead", {"email": value}, before=before)
        if not isinstance(value, str) or len(value) > 300 or not value.strip(" \0\u200b"):
            for tool, required in (("search_knowledge", "query"), ("show_visual", "query"), ("reserve_demo", "city")):
                yield Abuse(f"value {number}", tool, {required: value}, before=before)
    for people in (0, 10, -1, 2.5, "many", [3], {"n": 3}, True, 10**30):
        yield Abuse("people", "reserve_demo", {"city": "Lyon", "people": people})
    for city in ("Paris", "lyon", "Lyon ;", ["Lyon"], "Berlin\0Lyon"):
        yield Abuse("city", "reserve_demo", {"city": city})
    for missing in ("log_lead", "search_knowledge", "show_visual", "get_demo_clip", "reserve_demo", "look_up"):
        yield Abuse("nothing", missing, {})


_OWN_KEYS = {"log_lead": ("company",), "create_meeting_link": ("company",)}


def _nested(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = {"a": value}
    return value
