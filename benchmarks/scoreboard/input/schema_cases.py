"""S-15: schemathesis asks every HTTP door what its OpenAPI document allows and forbids, one by one and in sequences.

All of its checks are on, and every door has to answer some of it well: one that refuses everybody would refuse
correctly. A case costs 20 ms, so the small form has 120 of them and not the 600 of the fault model's small column, and
leaves out the phase that covers every bound of the document. Where a door may refuse what the document allows, the
reason stands in `_MAY_REFUSE`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine.events import NonFatalError, ScenarioFinished
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi.checks import UseAfterFree

from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.input.visitor import Visitor
from benchmarks.scoreboard.scene.doors import Doors
from benchmarks.scoreboard.scene.stage import stage
from scripts.contract import openapi

CASES: dict[Form, int] = {"small": 120, "full": 10_000}
EXAMPLES: dict[Form, int] = {"small": 2, "full": 60}
"""Made up for each door and each sequence in one round."""
PHASES: dict[Form, tuple[str, ...]] = {"small": ("fuzzing", "stateful"), "full": ("coverage", "fuzzing", "stateful")}
_MAY_REFUSE = {
    # A call needs consent of the version that stands on the page, an offer for voice and a key: by mode, which no
    # schema of ours says.
    "open_session": ["422"],
    "open_video": ["422"],
    # Arguments are those of the tool that is named, and a form's values those of its tool; neither has a size.
    "run_tool": ["413", "422"],
    "confirm_tool": ["413", "422"],
    "deliver_tool": ["413", "422"],
    # Of a name or an address only what people see is kept; where that is nothing, nothing was said.
    "introduce": ["422"],
    # What a vendor tells has any shape.
    "tavus_webhook": ["413"],
}
_USUAL = ["2xx", "401", "403", "404", "409", "429"]
_REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
"""schemathesis's own list, without answers that no door gives to bad input, and with one that is too large."""


@dataclass
class Asked:
    """What was asked so far, and what was answered otherwise than the document says."""

    cases: int = 0
    by_phase: Counter[str] = field(default_factory=Counter)
    by_door: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    """By door, of its cases those that it answered well."""
    failures: list[str] = field(default_factory=list)

    def add(self, phase: str, recorder: ScenarioRecorder) -> None:
        self.cases += len(recorder.interactions)
        self.by_phase[phase] += len(recorder.interactions)
        for case_id, interaction in recorder.interactions.items():
            door, answer = recorder.cases[case_id].value.operation.label, interaction.response
            self.by_door[door] += 1
            self.taken[door] += answer is not None and answer.status_code < 300
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None and not _ended_the_call(recorder, check.failure_info.failure):
                    self.failures.append(_told(recorder, case_id, check.name, check.failure_info.failure))


def measure(form: Form) -> Figure:
    asked = Asked()
    with stage() as set_up:
        doors = Doors()
        visitor = Visitor(set_up, doors)
        rounds = 0
        while asked.cases < CASES[form] and not asked.failures and rounds < 50:
            _ask(visitor, _configuration(form, seed=rounds + 1), asked, CASES[form])
            rounds += 1
    phases, shut = PHASES[form], [door for door in asked.by_door if not asked.taken[door]]
    whole = asked.cases >= CASES[form] and all(asked.by_phase[phase] for phase in phases)
    return Figure(
        f"{len(asked.failures)} failures of {asked.cases:,} cases",
        f"0 of {CASES[form]:,}",
        not asked.failures and whole and (form == "small" or not shut),
        {
            "cases": asked.cases,
            "phases": dict(asked.by_phase),
            "doors": dict(asked.by_door),
            "answered_well": dict(asked.taken),
            "failures": asked.failures[:200],
        },
    )


def _ask(visitor: Visitor, config: SchemathesisConfig, asked: Asked, most: int) -> None:
    """One round, or what is left of it until there are enough."""
    schema = schemathesis.openapi.from_dict(openapi(), config=config)
    schema.app = visitor
    visitor.accompany(schema)
    events = engine.from_schema(schema).execute()
    for event in events:
        if isinstance(event, ScenarioFinished):
            asked.add(event.phase.value, event.recorder)
            if asked.cases >= most and asked.by_phase["stateful"]:
                events.stop()
        elif isinstance(event, NonFatalError):
            asked.failures.append(f"{event.label}: {event.info.title}")


def _configuration(form: Form, seed: int) -> SchemathesisConfig:
    generation = {"max-examples": EXAMPLES[form], "deterministic": False, "database": "none", "no-shrink": True}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "generation": generation,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": _USUAL},
                "negative_data_rejection": {"expected-statuses": _REFUSED},
            },
            "phases": {"coverage": {"enabled": "coverage" in PHASES[form]}},
            "operations": list(_operations()),
        }
    )


def _operations() -> Iterator[dict[str, Any]]:
    for operation, statuses in _MAY_REFUSE.items():
        expected = {"expected-statuses": [*_USUAL, *statuses]}
        yield {"include-operation-id": operation, "checks": {"positive_data_acceptance": expected}}


def _ended_the_call(recorder: ScenarioRecorder, failure: Any) -> bool:
    """Whether a conversation was taken for gone of which only the call was ended: no schema says what a query means."""
    if not isinstance(failure, UseAfterFree) or failure.deleted_case_id is None:
        return False
    return bool((recorder.cases[failure.deleted_case_id].value.query or {}).get("call") == "only")


def _told(recorder: ScenarioRecorder, case_id: str, check: str, failure: Any) -> str:
    interaction = recorder.interactions.get(case_id)
    asked = answered = "nothing"
    if interaction is not None:
        request, response = interaction.request, interaction.response
        asked = f"{request.method} {request.uri} {request.body!r:.500}"
        answered = f"{response.status_code} {response.content!r:.300}" if response else answered
    found = f"{recorder.label}: {check}: {failure.title}: {failure.message!s:.200}"
    return f"{found}\n  asked: {asked}\n  answered: {answered}"
