"""S-04: a process is killed at every step of a call's life, before and after it; what runs two minutes later?

Four stories of one visitor cover create, end, settle and reconcile. In each, every life of our functions is killed once
at every step; what follows goes on undisturbed, and the clock ticks every minute.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aisdr.company import Companies
from aisdr.ledger import Ledger, operation_id
from aisdr.session import Session, Sessions
from aisdr.table import Table
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.money.front_desk import lasted, moment
from benchmarks.scoreboard.money.killed_processes import Processes, processes
from benchmarks.scoreboard.money.mishaps import CREATE
from benchmarks.scoreboard.scene.serial_dynamodb import COMPANIES, CONVERSATIONS
from tests.fate import KILLED, When
from tests.material import KEYS, ORIGIN, Clock, a_company
from tests.mortal import CALL_KEY

START = 1_800_057_600.0
MINUTE = 60
WITHIN_SECONDS = 120
EVERY = {"small": 20, "full": 1}
"""Each how manieth step a process is killed at."""

NOBODY = "nobody was killed"
ATTEMPTS = 3
"""On a busy machine a request is asked twice: then a step may belong to a life that is over."""


@dataclass(frozen=True)
class Story:
    """Lives by the second at which each begins, beside the clock's. `arrange` is done before."""

    name: str
    lives: tuple[tuple[int, str], ...]
    ticks: int
    """Runs of the reconciler in which it is killed as well."""
    arrange: Callable[[Processes], None] = lambda _: None


def _lost(*, handled: bool) -> Callable[[Processes], None]:
    return lambda world: world.tavus.fault(**CREATE, reset=True, handled=handled)


STORIES = (
    Story("a call that its visitor ends", ((1, "caller"), (21, "leaver")), ticks=1),
    Story("a call that its visitor leaves without a word", ((1, "caller"),), ticks=1),
    Story("a create whose answer is lost", ((1, "caller"),), ticks=1, arrange=_lost(handled=True)),
    Story("a create that never arrives", ((1, "caller"),), ticks=2, arrange=_lost(handled=False)),
)


@dataclass
class Scene:
    """One world, and who is looked after in it."""

    world: Processes
    clock: Clock = field(default_factory=lambda: Clock(START))

    def begin(self, story: Story) -> Session:
        self.world.forget()
        self.clock.now = START
        table = Table(self.world.dynamodb, CONVERSATIONS, self.clock)  # type: ignore[arg-type]  # speaks like a client
        self.ledger = Ledger(table, self.clock)
        self.sessions = Sessions(table, KEYS, self.clock)
        company = a_company()
        Companies(Table(self.world.dynamodb, COMPANIES, self.clock)).put(company, expected_version=0)  # type: ignore[arg-type]
        session = self.sessions.open(company, ORIGIN, "1")
        story.arrange(self.world)
        return session

    def until(self, second: int) -> None:
        """Our time and Tavus's."""
        ahead = START + second - self.clock.now
        self.clock.advance(ahead)
        self.world.tavus.advance(ahead)

    def live(self, kind: str, session: Session) -> int:
        token = self.sessions.issue(session).token
        lives: dict[str, dict[str, Any]] = {
            "caller": {"caller": token},
            "leaver": {"leaver": token, "session": session.session_id},
            "tick": {"tick": True},
        }
        return self.world.live(self.clock.now, **lives[kind])


def measure(form: Form) -> Figure:
    kills, orphans, unbalanced, points = 0, list[str](), list[str](), dict[str, int]()
    with processes() as world:
        scene = Scene(world)
        for story in STORIES:
            steps, alive, wrong = told(scene, story, None)
            points[story.name] = len(steps)
            orphans += [f"{story.name}: {NOBODY}"] * alive
            unbalanced += [f"{story.name}: {NOBODY}, {wrong}"] * bool(wrong)
            for number in range(1, len(steps) + 1, EVERY[form]):
                for when in ("before", "after"):
                    where = f"{story.name}: killed {when} step {number}, {steps[number - 1]}"
                    left = outlived(scene, story, (number, when))
                    if left is None:
                        continue
                    alive, wrong = left
                    kills += 1
                    orphans += [where] * alive
                    unbalanced += [f"{where}: {wrong}"] * bool(wrong)
    return Figure(
        f"{len(orphans)} alive {WITHIN_SECONDS} s after {kills} kills at {sum(points.values())} steps, "
        f"{len(unbalanced)} books that do not balance",
        "0; 0",
        not orphans and not unbalanced and kills > 0,
        {"kills": kills, "points": points, "orphans": orphans, "unbalanced": unbalanced},
    )


def outlived(scene: Scene, story: Story, death: tuple[int, When]) -> tuple[int, str] | None:
    """What still runs after this death, and what is wrong then. None: the story had no such step this time."""
    for _ in range(ATTEMPTS):
        seen, alive, wrong = told(scene, story, death)
        if wrong != NOBODY:
            return alive, wrong
    return None if len(seen) < death[0] else (alive, wrong)


def told(scene: Scene, story: Story, death: tuple[int, When] | None) -> tuple[list[str], int, str]:
    """Tells a story. Returns the steps that could be died at, what still runs in the end, and what is wrong then."""
    session = scene.begin(story)
    world = scene.world
    timeline = sorted((*story.lives, *((MINUTE * each, "tick") for each in range(1, story.ticks + 1))))
    world.fate.death, died_at = death, None
    for second, kind in timeline:
        scene.until(second)
        ended = scene.live(kind, session)
        died_at = second if ended == KILLED else died_at
        if ended not in (0, KILLED):
            return [], 0, f"{kind} ended with {ended}"
    steps = list(world.fate.steps)
    world.fate.death = None
    if death is not None and died_at is None:
        return steps, 0, NOBODY
    last = timeline[-1][0]
    for second in range((last // MINUTE + 1) * MINUTE, (died_at or last) + WITHIN_SECONDS + 1, MINUTE):
        scene.until(second)
        if scene.live("tick", session) != 0:
            return steps, 0, "a tick failed"
    scene.until((died_at or last) + WITHIN_SECONDS)
    return steps, world.tavus.running(), _unbalanced(scene)


def _unbalanced(scene: Scene) -> str:
    """What does not add up: lines, seconds, money, or more than one call for one wish."""
    calls = scene.world.tavus.conversations()
    today = scene.ledger.today("acme")
    operation = scene.ledger.get("acme", operation_id("acme", CALL_KEY))
    if len(calls) > 1:
        return f"{len(calls)} calls for one wish"
    if operation is None:
        return "a call without an operation" if calls or any(today.values()) else ""
    if operation.is_open:
        return f"the operation is still {operation.state}"
    used = operation.used_seconds or 0
    expected = {
        "calls": int(operation.state == "settled"),
        "seconds": used,
        "cents": operation.spent_cents,
        "active": 0,
    }
    if today != expected:
        return f"the account says {today} and the operation {expected}"
    ran = max((lasted(each, moment(scene.world.tavus.now())) for each in calls), default=0.0)
    return f"{used} s billed of {ran:.0f}" if used < int(ran) else ""
