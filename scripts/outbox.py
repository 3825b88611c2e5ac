"""`aisdr outbox list|retry --company SLUG`: what waits for a company's webhook, and another chance for what died."""

import json
from collections import Counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid

from aisdr.errors import NotFound
from aisdr.outbox import Message, MessageState
from aisdr.services import services
from aisdr.wire import iso_time

outbox = typer.Typer(
    name="outbox",
    help="See what waits for a company's webhook, and send dead letters again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Slug = Annotated[str, typer.Option("--company", help="The company's slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def _messages(slug: str, state: MessageState | None) -> list[Message]:
    scope = services().companies.by_slug(slug).operator_scope
    return [each for each in services().outbox.each(scope) if state is None or each.state == state]


def _told(message: Message) -> dict[str, Any]:
    """Without its content: that is the company's, and the export's."""
    return {
        "id": message.message_id,
        "type": message.kind,
        "state": message.state,
        "attempts": message.attempts,
        "createdAt": iso_time(message.created_at),
        "nextAttemptAt": iso_time(message.due_at) if message.due_at is not None else None,
        "reason": message.reason,
    }


@outbox.command("list")
def list_messages(
    company: Slug,
    state: Annotated[MessageState | None, typer.Option(help="Only messages in this state.")] = None,
    json_output: AsJson = False,
) -> None:
    """Show a company's messages, oldest first, without their content."""
    messages = _messages(company, state)
    if json_output:
        print(json.dumps({"messages": [_told(each) for each in messages]}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    grid = Grid("id", "type", "state", "attempts", "created", "next attempt", "reason")
    for each in messages:
        grid.add_row(*(str(cell) if cell is not None else "" for cell in _told(each).values()))
    if messages:
        console.print(grid)
    counted = Counter(each.state for each in messages)
    console.print(", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "no messages")


@outbox.command("retry")
def retry_messages(
    company: Slug,
    message_id: Annotated[str | None, typer.Argument(help="One message's id; all dead ones without it.")] = None,
    json_output: AsJson = False,
) -> None:
    """Give dead letters all their attempts again, beginning within a minute."""
    dead = [each for each in _messages(company, "dead") if message_id in (None, each.message_id)]
    if message_id is not None and not dead:
        raise NotFound(f"'{company}' has no dead message '{message_id[:80]}'", code="message_not_found")
    revived = [each.message_id for each in dead if services().outbox.revive(each)]
    if json_output:
        print(json.dumps({"retried": revived}))
    else:
        print(f"{len(revived)} {'message' if len(revived) == 1 else 'messages'} will be sent again")
