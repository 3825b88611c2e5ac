"""A soak of seconds: the same visitors, mishaps and proofs as `make soak`, without what takes a minute to be mended."""

import pytest

from benchmarks.soak.faults import MISHAPS
from benchmarks.soak.proofs import Proof
from benchmarks.soak.run import Soak, soak
from dev import aws


@pytest.mark.slow
@pytest.mark.skipif(not aws.PYTHON.exists(), reason="the AWS emulator is not installed: run `make setup`")
def test_visitors_in_all_modes_come_through_mishaps_and_everything_adds_up() -> None:
    outcome = soak(Soak(seconds=5, visitors=4, seed=3, environments=1, mishap_every=1.0, short=True))

    assert [proof for proof in outcome.proofs if not proof.holds] == [], outcome.told.broken[:5]
    assert sum(outcome.told.visits.values()) >= 4
    assert any(each.answered for each in outcome.told.promised)
    assert set(outcome.happened) <= {mishap.name for mishap in MISHAPS if not mishap.slow}
    assert outcome.happened
    assert Proof("calls that live at a vendor", "0", True) in outcome.proofs
