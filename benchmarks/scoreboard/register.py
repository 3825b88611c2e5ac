"""Which module measures which figure. Modules are imported when they are asked, for some need much."""

from dataclasses import dataclass
from importlib import import_module

from benchmarks.scoreboard.figure import Measure


@dataclass(frozen=True)
class Entry:
    """A figure's name, what it tells, and the module below this package whose `measure(form)` finds it."""

    number: str
    title: str
    module: str

    @property
    def measure(self) -> Measure:
        measure: Measure = import_module(f"benchmarks.scoreboard.{self.module}").measure
        return measure


ENTRIES = (
    Entry("S-01", "duplicate paid creates", "money.paid_creates"),
    Entry("S-02", "hostile creates over a cap", "money.hostile_creates"),
    Entry("S-03", "longest call past its cap", "money.past_the_cap"),
    Entry("S-04", "orphans after a crash at every yield point", "money.orphans"),
    Entry("S-05", "leaks from one company to another", "tenants.tenant_leaks"),
    Entry("S-06", "cells of the fault matrix that hold", "faults.fault_matrix"),
    Entry("S-07", "recovery after a vendor's outage", "faults.recovery"),
    Entry("S-08", "time to a usable lower mode", "faults.lower_mode"),
    Entry("S-09", "the relay under load and forced reconnects", "relay.relay_load"),
    Entry("S-10", "tickets raced for by fifty sockets", "relay.ticket_race"),
    Entry("S-11", "markup that fires, is left over, or fetches", "page.markup"),
    Entry("S-12", "injections that an obedient model carries out", "injection.injections"),
    Entry("S-13", "abuse of tools that is refused", "injection.tool_abuse"),
    Entry("S-14", "malformed input that costs a 5xx", "input.malformed"),
    Entry("S-15", "schemathesis cases", "input.schema_cases"),
    Entry("S-16", "fuzz executions", "input.fuzzing"),
    Entry("S-17", "audited decisions, and secrets in any output", "privacy.audit_and_secrets"),
    Entry("S-18", "addresses and origins", "input.addresses"),
    Entry("S-19", "findings of the scanners", "code.scanners"),
    Entry("S-20", "the widget on a strict page", "page.strict_page"),
    Entry("S-21", "mutants of the security core", "code.mutants"),
    Entry("S-22", "contacts before consent", "privacy.before_consent"),
    Entry("T-NBR-01", "a neighbour who is twenty times as loud", "tenants.noisy_neighbour"),
    Entry("T-TOK-02", "texts that are nearly a token of ours", "input.mutated_tokens"),
)


def entry(number: str) -> Entry:
    """Raises: LookupError, with the numbers that there are."""
    for each in ENTRIES:
        if each.number == number:
            return each
    raise LookupError(
        f"{number} is no figure of the scoreboard; there are {', '.join(each.number for each in ENTRIES)}"
    )
