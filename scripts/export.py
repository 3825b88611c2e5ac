"""`aisdr export WHAT --company SLUG`: a company's records as CSV or JSON Lines, for its own systems."""

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from aisdr.audit import OPERATOR, decided
from aisdr.errors import InvalidInput
from aisdr.services import Services, services
from aisdr.tenant import TenantScope
from aisdr.wire import iso_time

Cell = str | int | float | None
Record = tuple[float, dict[str, Cell]]
"""When it happened, in epoch seconds, and what a reader gets."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would compute or send somewhere."""


class Kind(StrEnum):
    LEADS = "leads"
    HANDOVERS = "handovers"
    TRANSCRIPTS = "transcripts"
    USAGE = "usage"
    CONSENTS = "consents"


class Form(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


def leads(ours: Services, scope: TenantScope) -> Iterator[Record]:
    """A lead counts as new when it was completed, too."""
    for stored in ours.leads.each(scope):
        yield (
            stored.updated_at or stored.created_at,
            {
                "leadId": stored.lead_id,
                **stored.lead.model_dump(mode="json"),
                "consentVersion": stored.consent_version,
                "origin": stored.origin,
                "sessionId": stored.session_id,
                "createdAt": iso_time(stored.created_at),
                "updatedAt": iso_time(stored.updated_at) if stored.updated_at else None,
            },
        )


def handovers(ours: Services, scope: TenantScope) -> Iterator[Record]:
    for stored in ours.handovers.each(scope):
        yield (
            stored.created_at,
            {
                "handoverId": stored.handover_id,
                **stored.request.model_dump(mode="json"),
                "consentVersion": stored.consent_version,
                "origin": stored.origin,
                "sessionId": stored.session_id,
                "createdAt": iso_time(stored.created_at),
            },
        )


def transcripts(ours: Services, scope: TenantScope) -> Iterator[Record]:
    for session_id, turn in ours.transcripts.each(scope):
        yield (
            turn.said_at,
            {
                "sessionId": session_id,
                "role": turn.role,
                "channel": turn.channel,
                "saidAt": iso_time(turn.said_at),
                "text": turn.text,
                "cut": turn.cut,
                "citations": len(turn.answer.citations) if turn.answer else 0,
            },
        )


def usage(ours: Services, scope: TenantScope) -> Iterator[Record]:
    """Live calls by the second, language models by the token, reading aloud by the character.

    Money is in the currency of `limits.moneyPerDay`. What a call used in its vendor's own units is what the browser
    passed on: it explains the bill and makes none.
    """
    for call in ours.ledger.each(scope):
        told = call.reported
        yield (
            call.reserved_at,
            _USED_NOTHING
            | {
                "kind": "call",
                "sessionId": call.session_id,
                "mode": call.mode,
                "vendor": call.vendor,
                "state": call.state,
                "startedAt": iso_time(call.started_at or call.reserved_at),
                "seconds": call.used_seconds,
                "requests": 1,
                "inputTokens": told.get("input_tokens"),
                "outputTokens": told.get("output_tokens"),
                "inputAudioTokens": told.get("input_audio_tokens"),
                "outputAudioTokens": told.get("output_audio_tokens"),
                "cachedTokens": told.get("input_cached_tokens"),
                "money": call.spent_cents / 100,
            },
        )
    for session_id, used in ours.usages.each(scope):
        yield (
            used.last_at,
            _USED_NOTHING
            | {
                "kind": "model",
                "sessionId": session_id,
                "vendor": used.provider,
                "model": used.model,
                "startedAt": iso_time(used.first_at),
                "requests": used.calls,
                "inputTokens": used.input_tokens,
                "outputTokens": used.output_tokens,
                "money": used.money_micros / 1_000_000,
            },
        )
    for session_id, spoken in ours.usages.spoken(scope):
        yield (
            spoken.last_at,
            _USED_NOTHING
            | {
                "kind": "speech",
                "sessionId": session_id,
                "mode": "tts",
                "vendor": spoken.provider,
                "startedAt": iso_time(spoken.first_at),
                "requests": spoken.calls,
                "characters": spoken.characters,
                "money": spoken.money_micros / 1_000_000,
            },
        )


_USED_NOTHING: Final[dict[str, Cell]] = dict.fromkeys(
    (
        *("kind", "sessionId", "mode", "vendor", "model", "state", "startedAt", "seconds", "requests"),
        *("inputTokens", "outputTokens", "inputAudioTokens", "outputAudioTokens", "cachedTokens", "characters"),
        "money",
    )
)
"""The columns of a usage, in their order: of each kind most stay empty."""


def consents(ours: Services, scope: TenantScope) -> Iterator[Record]:
    """The evidence: who names a conversation finds what was agreed to in it, in the words that were shown."""
    for given in ours.consents.each(scope):
        yield (
            given.given_at,
            {
                "sessionId": given.session_id,
                "origin": given.origin,
                "mode": given.mode,
                "version": given.version,
                "givenAt": iso_time(given.given_at),
                "text": ours.consents.text(scope, given.digest),
            },
        )


READERS: dict[Kind, Callable[[Services, TenantScope], Iterator[Record]]] = {
    Kind.LEADS: leads,
    Kind.HANDOVERS: handovers,
    Kind.TRANSCRIPTS: transcripts,
    Kind.USAGE: usage,
    Kind.CONSENTS: consents,
}
COLUMNS = {
    Kind.LEADS: "leadId email name company phone message qualification consentVersion origin sessionId createdAt "
    "updatedAt",
    Kind.HANDOVERS: "handoverId reason email name phone consentVersion origin sessionId createdAt",
    Kind.TRANSCRIPTS: "sessionId role channel saidAt text cut citations",
    Kind.USAGE: "kind sessionId mode vendor model state startedAt seconds requests inputTokens outputTokens "
    "inputAudioTokens outputAudioTokens cachedTokens characters money",
    Kind.CONSENTS: "sessionId origin mode version givenAt text",
}


def harmless(cell: Cell) -> Cell:
    """What a visitor typed stays text in a spreadsheet: no formula, no link that is fetched when the file is opened."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write(records: Iterator[dict[str, Cell]], columns: list[str], form: Form, out: TextIO) -> int:
    """Writes records as they come. Returns how many."""
    count = 0
    table = csv.writer(out)
    if form is Form.CSV:
        table.writerow(columns)
    for count, record in enumerate(records, start=1):  # noqa: B007 - counted
        if form is Form.CSV:
            table.writerow([harmless(record[column]) for column in columns])
        else:
            out.write(json.dumps({column: record[column] for column in columns}, ensure_ascii=False) + "\n")
    return count


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is whole. Leads are nobody else's to read."""
    if path is None:
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
        try:
            yield out
        finally:
            out.detach()
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with open(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
        ) as out:
            yield out
        part.replace(path)
    except OSError as error:
        raise InvalidInput(f"--out '{path}' cannot be written: {error.strerror}", code="out_not_writable") from error
    finally:
        part.unlink(missing_ok=True)


def export(
    what: Annotated[Kind, typer.Argument(help="What to export.")],
    company: Annotated[str, typer.Option(help="The company's slug.")],
    form: Annotated[Form, typer.Option("--format", help="CSV for spreadsheets, JSON Lines for programs.")] = Form.CSV,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what is from this UTC day or later.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output without it.")] = None,
) -> None:
    """Export a company's leads, handovers, transcripts, usage or consents (UTF-8, times in UTC)."""
    scope = services().companies.by_slug(company).operator_scope
    earliest = since.replace(tzinfo=UTC).timestamp() if since else 0.0
    found = (record for at, record in READERS[what](services(), scope) if at >= earliest)
    with _opened(out) as stream:
        count = write(found, COLUMNS[what].split(), form, stream)
    decided("operator.export", "done", company_id=scope.company_id, who=OPERATOR, kind=what.value, records=count)
    typer.echo(f"{what} of '{scope.company_id}': {count}{f', in {out}' if out else ''}", err=True)
