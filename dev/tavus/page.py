"""The page at /: which calls run and what they cost, which documents were given, what was asked."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #888; --good: #1a9e5c; --bad: #d13c4b }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1rem; margin: 2.2rem 0 .5rem }
p { color: var(--quiet); margin: .3rem 0 0 }
table { border-collapse: collapse; width: 100% }
th { color: var(--quiet); font-weight: 500; text-align: left }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .8rem .4rem 0; vertical-align: top }
td { overflow-wrap: anywhere } code { font-size: .85em }
.active, .ready { color: var(--good) } .error { color: var(--bad) } details pre { white-space: pre-wrap }
"""
_REFRESH = """
setInterval(async () => {
  if (document.querySelector("details[open]")) return;
  const fresh = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
}, 2000);
"""


def page(state: dict[str, Any], requests: list[dict[str, Any]]) -> str:
    calls = [
        (
            f"<code>{escape(call['conversation_id'])}</code><br>{escape(call['conversation_name'])}",
            _word(call["status"]),
            str(call["participants"]),
            "free (test)" if call["test_mode"] else f"{call['billed_seconds']} s",
            escape(call["shutdown_reason"] or ""),
            escape(call["created_at"][11:19]),
        )
        for call in reversed(state["conversations"])
    ]
    documents = [
        (
            escape(document["document_name"]),
            _word(document["status"]),
            escape(document["error_message"] or ", ".join(document["tags"])),
        )
        for document in reversed(state["documents"])
    ]
    webhooks = [
        (escape(hook["at"][11:19]), escape(hook["event_type"] or "document"), escape(hook["outcome"]))
        for hook in reversed(state["webhooks"])
    ]
    asked = [
        (
            escape(request["at"][11:19]),
            f"<code>{escape(request['method'])} {escape(request['path'])}</code>",
            str(request.get("status", "")),
            _details(request),
        )
        for request in list(reversed(requests))[:100]
    ]
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Tavus look-alike</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><body><main>
<h1>Tavus look-alike</h1><p>A local stand-in for the vendor's interface. Nothing here leaves this machine or costs
money; the seconds below are what the vendor would have billed.</p>
{_table("Conversations", ("Conversation", "Status", "Visitors", "Billed", "Ended by", "Created"), calls)}
{_table("Documents", ("Document", "Status", "Remarks"), documents)}
{_table("Webhooks sent", ("At", "Event", "Answer"), webhooks)}
{_table("Requests", ("At", "Request", "Answer", ""), asked)}
</main><script>{_REFRESH}</script></body></html>"""


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>None yet.</p>"
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _word(status: str) -> str:
    return f'<span class="{escape(status)}">{escape(status)}</span>'


def _details(request: dict[str, Any]) -> str:
    said = {name: request[name] for name in ("query", "body", "unknown_fields") if request.get(name)}
    if not said:
        return ""
    return (
        f"<details><summary>body</summary><pre>{escape(json.dumps(said, indent=1, ensure_ascii=False))}</pre></details>"
    )
