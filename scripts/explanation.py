"""How a search came about, as tables on an operator's screen."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aisdr.knowledge.explanation import ExplainedLeg, ExplainedMerge, ExplainedStage, Explanation

MOST_ROWS = 10


def print_explanation(told: Explanation, console: Console) -> None:
    """From the question to the order of the hits, in the order in which it happened."""
    _print_question(told, console)
    for leg in told.legs:
        _print_leg(leg, console)
    if told.merged:
        _print_merge(told.merged, console)
    if told.second_stage is not None:
        _print_stage(told.second_stage, console)
    _print_times(told, console)


def _print_question(told: Explanation, console: Console) -> None:
    question, route = told.question, told.route
    rows = [
        ("question", question.asked),
        ("searched as", question.text if question.words == question.text else f"{question.text} | {question.words}"),
        *(("understood", note) for note in question.notes),
        ("place", f"{told.place.engine}, {told.place.embedder}" + ("" if question.embedded else " (words alone)")),
        ("strategy", told.strategy),
    ]
    if route is not None:
        rows.append(
            ("route", f"{route.route}, {route.confidence:.2f} sure, by {route.reason} {route.version}".rstrip())
        )
    _print_table(console, "", ("", ""), rows)


def _print_leg(leg: ExplainedLeg, console: Console) -> None:
    state = f"{leg.status} {leg.reason}".strip()
    title = f"leg {leg.name}: {state}, {len(leg.hits)} hits in {leg.took_ms:.1f} ms, weight {leg.weight:.2f}"
    title += ", asked twice" if leg.hedged else ""
    title += f", breaker {leg.breaker}" if leg.breaker != "closed" else ""
    rows = [
        (f"{hit.score:.3f}", f"{hit.words:.3f}", f"{hit.meaning:.3f}", hit.modality, hit.title, hit.excerpt)
        for hit in leg.hits[:MOST_ROWS]
    ]
    _print_table(console, title, (">score", ">words", ">meaning", "kind", "title", "text"), rows)


def _print_merge(merged: Iterable[ExplainedMerge], console: Console) -> None:
    rows = [
        (
            f"{hit.score:.3f}",
            f"{hit.relevance:.3f}",
            ", ".join(f"{leg} {score:.3f}" for leg, score in hit.leg_scores.items()),
            hit.title,
            "; ".join(f"{each.leg}: {each.title}" for each in hit.joined),
        )
        for hit in list(merged)[:MOST_ROWS]
    ]
    _print_table(console, "merged", (">score", ">fits", "before", "title", "the same as"), rows)


def _print_stage(stage: ExplainedStage, console: Console) -> None:
    rows = [
        (_place(each.after), _place(each.before), f"{each.score_after:.3f}", f"{each.score_before:.3f}", each.title)
        for each in stage.moved[:MOST_ROWS]
    ]
    title = f"second stage {stage.name}: {stage.status} in {stage.took_ms:.1f} ms"
    _print_table(console, title, (">place", ">before", ">score", ">before", "title"), rows)


def _print_times(told: Explanation, console: Console) -> None:
    rows = [(step.name, f"{step.began_ms:.1f}", f"{step.took_ms:.1f}") for step in told.steps]
    title = f"{told.took_ms:.0f} of {told.deadline_ms} ms"
    _print_table(console, title, ("step", ">began ms", ">took ms"), rows)
    for note in told.notes:
        console.print(note, style="dim", markup=False)


def _print_table(console: Console, title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """A column whose name begins with `>` is set to the right."""
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=any(columns))
    for column in columns:
        table.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if title:
        console.print(title, style="bold", markup=False)
    if table.row_count:
        console.print(table)
    console.print()


def _place(place: int) -> str:
    return str(place) if place else "-"
