"""Holds the scripted conversations with one model and prints what the rules say."""

import argparse
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from aisdr.configuration import ModelChoice
from aisdr.observability import logger
from benchmarks.conversations.script import Script, scripts
from benchmarks.conversations.stage import Stage, stage

FLOORS = {"extractive": 0.80, "scripted": 0.95}
"""Share of turns that must pass. For other models there is a table and no verdict."""
KEY = "sk-local"


@dataclass
class Tally:
    """How many turns of each kind passed, and which rules were broken."""

    passed: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    rules_held: Counter[str] = field(default_factory=Counter)
    rules_asked: Counter[str] = field(default_factory=Counter)
    held_out_passed: int = 0
    held_out_asked: int = 0
    whole: int = 0
    scripts: int = 0

    @property
    def share(self) -> float:
        return sum(self.passed.values()) / max(1, sum(self.asked.values()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversations", description=__doc__)
    parser.add_argument("--model", default="extractive", help="extractive, scripted, openai:NAME or bedrock:NAME")
    parser.add_argument("--only", help="one script, by its id")
    parser.add_argument("--show", action="store_true", help="print what was said")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    chosen = [script for script in scripts() if options.only in (None, script.id)]
    if not chosen:
        parser.error(f"there is no script '{options.only}'")
    logger.setLevel(logging.ERROR)
    console = Console(stderr=options.json)
    with _model(options.model, chosen) as played:
        tally = _play(played, chosen, console, show=options.show)
    _print(tally, options.model, console)
    ok = tally.share >= FLOORS.get(options.model, 0)
    if options.json:
        figures = {"model": options.model, "scripts": tally.scripts, "scripts_passed": tally.whole}
        shares = {rule: tally.rules_held[rule] / asked for rule, asked in sorted(tally.rules_asked.items())}
        turns = {"turns": sum(tally.asked.values()), "turns_passed": sum(tally.passed.values())}
        turns |= {"held_out": tally.held_out_asked, "held_out_passed": tally.held_out_passed}
        print(json.dumps(figures | turns | {"rules": shares, "ok": ok}))
    sys.exit(0 if ok else 1)


@contextmanager
def _model(name: str, chosen: list[Script]) -> Iterator[Stage]:
    provider, _, model = name.partition(":")
    if name == "scripted":
        from benchmarks.conversations.scripted import scripted_model  # the look-alike's server is not always needed

        with scripted_model(chosen) as url, stage(ModelChoice(provider="openai", model="scripted"), url, KEY) as ready:
            yield ready
        return
    if provider not in ("extractive", "openai", "bedrock") or (provider != "extractive" and not model):
        raise SystemExit(f"--model {name}: write extractive, scripted, openai:NAME or bedrock:NAME")
    choice = ModelChoice.model_validate({"provider": provider, "model": model})
    with stage(choice, os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY")) as ready:
        yield ready


def _play(played: Stage, chosen: list[Script], console: Console, *, show: bool) -> Tally:
    tally = Tally()
    for script in chosen:
        tally.scripts += 1
        flawless = True
        for turn, answer, verdict in played.play(script):
            tally.asked[script.kind] += 1
            tally.passed[script.kind] += verdict.passed
            tally.held_out_asked += script.held_out
            tally.held_out_passed += script.held_out and verdict.passed
            tally.rules_asked.update(verdict.rules.keys())
            tally.rules_held.update(rule for rule, held in verdict.rules.items() if held)
            flawless &= verdict.passed
            broken = [rule for rule, held in verdict.rules.items() if not held]
            if show or broken:
                console.print(f"{script.id}: {turn.say}", style="bold", markup=False)
                console.print(f"  {answer.text}", markup=False)
                console.print(f"  cites {[each.title for each in answer.citations]}", style="dim", markup=False)
            if broken:
                console.print(f"  broken: {', '.join(broken)}", style="red", markup=False)
        tally.whole += flawless
    return tally


def _print(tally: Tally, model: str, console: Console) -> None:
    table = Table("kind", "turns", "passed", title=f"Conversations with {model}")
    for kind, asked in tally.asked.items():
        table.add_row(kind, str(asked), str(tally.passed[kind]))
    table.add_row("all", str(sum(tally.asked.values())), f"{sum(tally.passed.values())} ({tally.share:.0%})")
    table.add_row("of these held out", str(tally.held_out_asked), str(tally.held_out_passed))
    console.print(table)
    rules = Table("rule", "asked", "held", title=f"{tally.whole} of {tally.scripts} conversations without a fault")
    for rule, asked in sorted(tally.rules_asked.items()):
        rules.add_row(rule, str(asked), str(tally.rules_held[rule]))
    console.print(rules)


if __name__ == "__main__":
    main()
