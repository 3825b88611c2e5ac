"""One soak from the first program to the last proof."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.soak.faults import go_wrong, mend
from benchmarks.soak.proofs import Proof, proofs, wait_until_settled
from benchmarks.soak.stack import Stack, running
from benchmarks.soak.visitor import Told, Visitor


@dataclass(frozen=True)
class Soak:
    """How long, how many at once, and which. A short one leaves out what takes the reconciler a minute to mend."""

    seconds: float
    visitors: int
    seed: int
    environments: int = 2
    mishap_every: float = 4.0
    short: bool = False

    @property
    def patience(self) -> float:
        """Seconds in which every call must be settled: a company's call lasts a minute, a lost create is looked for
        twice."""
        return 30.0 if self.short else 200.0


@dataclass
class Outcome:
    """All that was seen."""

    told: Told
    happened: Counter[str]
    settled_after: float
    proofs: list[Proof] = field(default_factory=list)
    kills: int = 0

    @property
    def ok(self) -> bool:
        return all(proof.holds for proof in self.proofs)


def soak(wish: Soak, folder: Path | None = None) -> Outcome:
    """`folder` keeps logs and data; without one they are removed."""
    with TemporaryDirectory(prefix="soak-") as name:
        place = folder or Path(name)
        minute = 2.0 if wish.short else 5.0
        with running(place, environments=wish.environments, minute_seconds=minute) as stack:
            return _soaked(stack, wish)


def _soaked(stack: Stack, wish: Soak) -> Outcome:
    told, happened = Told(), Counter[str]()
    middle = asyncio.run(_visit(stack, wish, told, happened))
    end = stack.memory()
    settled_after = wait_until_settled(stack, wish.patience)
    found = list(proofs(stack, told, None if wish.short else middle, end))
    return Outcome(told, happened, settled_after, found, stack.kills)


async def _visit(stack: Stack, wish: Soak, told: Told, happened: Counter[str]) -> dict[str, int]:
    """Returns what the programs held in memory in the middle of it."""
    began = time.monotonic()

    def is_over() -> bool:
        return time.monotonic() - began > wish.seconds

    async def weigh() -> dict[str, int]:
        await asyncio.sleep(wish.seconds / 2)
        return await asyncio.to_thread(stack.memory)

    seats = [Visitor(stack, told, n, wish.seed, leaves_calls=not wish.short) for n in range(wish.visitors)]
    weighing = asyncio.create_task(weigh())
    breaking = asyncio.create_task(
        go_wrong(stack, wish.seed, happened, is_over, every=wish.mishap_every, slow=not wish.short)
    )
    await asyncio.gather(*(seat.stay(is_over) for seat in seats))
    await breaking
    await mend(stack)
    return await weighing
