"""S-21: faults that are put into the security core, and how many of them the tests notice.

The small form makes some twenty by hand: a wall between companies, a filter, a condition of the ledger, the compare of
websites, each taken away alone. The full form has mutmut change the functions that `security_core.py` names, line by
line, as well. Left out are lines that raise, log or say something to people, and what DynamoDB reads in any case.
"""

from benchmarks.scoreboard.code.hand_mutants import MUTANTS, UNCHANGED, caught
from benchmarks.scoreboard.code.mutmut_run import Outcome, equivalent, mutated, unneeded
from benchmarks.scoreboard.figure import Figure, Form

TARGET = 0.9


def measure(form: Form) -> Figure:
    by_hand = caught()
    sound = by_hand.pop(UNCHANGED) is False
    noticed = sum(found is True for found in by_hand.values())
    facts = {
        "by_hand": len(by_hand),
        "by_hand_caught": noticed,
        "by_hand_missed": sorted(name for name, found in by_hand.items() if not found),
        "tests_pass_without_a_fault": sound,
    }
    value, met = f"{noticed} of {len(MUTANTS)} made by hand caught", sound and noticed == len(MUTANTS) > 0
    if form == "small":
        return Figure(value, "all", met, facts)
    known, outcomes = equivalent(), mutated()
    counted = [each for each in outcomes if not each.is_known(known)]
    strict = [each for each in counted if each.strict]
    facts |= {
        "mutants": len(outcomes),
        "equivalent": len(outcomes) - len(counted),
        "excuses_of_nothing": unneeded(outcomes),
        "caught": sum(each.caught for each in counted),
        "strict": len(strict),
        "strict_caught": sum(each.caught for each in strict),
        "survivors": [f"{each.function}: {each.change[0]} → {each.change[1]}" for each in counted if not each.caught],
    }
    score, strict_score = _share(counted), _share(strict)
    value += (
        f"; mutmut: {score:.1%} of {len(counted):,} in the core, {strict_score:.1%} of {len(strict)} where all must be"
        f" ({facts['equivalent']} equivalent ones left out)"
    )
    met = met and score >= TARGET and strict_score == 1 and not facts["excuses_of_nothing"]
    return Figure(value, "all; 90 % and 100 %", met, facts)


def _share(outcomes: list[Outcome]) -> float:
    return sum(each.caught for each in outcomes) / len(outcomes) if outcomes else 0.0
