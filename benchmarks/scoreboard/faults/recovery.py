"""S-07: what an outage of Tavus costs while it lasts, and how soon after it the avatar is offered again.

A fleet of environments, each with its own count of failures and one visitor at a time, shares the circuits' state in
DynamoDB. Client, circuits and store are the real ones; the wire to Tavus and the time are ours, so that a minute of
outage takes a second. While one environment waits for Tavus, the others go on.
"""

from collections import Counter
from unittest.mock import patch

from moto import mock_aws

from benchmarks.scoreboard.faults.fleet import OUTAGE_SECONDS, Fleet, Outage, a_store
from benchmarks.scoreboard.figure import Figure, Form

OUTAGES: dict[Form, tuple[Outage, ...]] = {
    "small": ("fails", "limps"),
    "full": ("fails", "hangs", "refuses", "nonsense", "limps"),
}
FLEETS: dict[Form, tuple[int, ...]] = {"small": (1, 6), "full": (1, 4, 16)}
SEEDS = {"small": 1, "full": 3}
MOST_SECONDS, MOST_PAID, MOST_PROBES = 25.0, 3, 1


def measure(form: Form) -> Figure:
    runs = [
        _run(outage, environments, seed)
        for outage in OUTAGES[form]
        for environments in FLEETS[form]
        for seed in range(SEEDS[form])
    ]
    again = max(run.offered_again for run in runs)
    paid = max(max(run.paid_during_outage.values(), default=0) for run in runs)
    probes = max(run.most_probes for run in runs)
    outcomes = sum((run.outcomes for run in runs), Counter[str]())
    return Figure(
        value=f"offered again after {again:.1f} s, {paid} paid calls by one environment, {probes} probe at a time",
        target=f"≤ {MOST_SECONDS:.0f} s, ≤ {MOST_PAID}, ≤ {MOST_PROBES}",
        met=again <= MOST_SECONDS and paid <= MOST_PAID and probes <= MOST_PROBES and outcomes["sold"] > 0,
        facts={
            "runs": len(runs),
            "outage_seconds": OUTAGE_SECONDS,
            "environments": list(FLEETS[form]),
            "offered_again_seconds": round(again, 1),
            "most_paid_by_one_environment": paid,
            "most_probes_at_once": probes,
            "probes": sum(run.probes for run in runs),
            "visits": sum(outcomes.values()),
            "outcomes": dict(outcomes),
        },
    )


def _run(outage: Outage, environments: int, seed: int) -> Fleet:
    account = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
    with mock_aws(), patch.dict("os.environ", account):
        fleet = Fleet(a_store(), outage, environments, seed)
        fleet.run()
    return fleet
