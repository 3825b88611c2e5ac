"""The arithmetic: from steps to one conversation, from conversations to a busy minute, and to the walls around it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from aisdr.closing import RUN_SECONDS
from benchmarks.load_model import assumed
from benchmarks.load_model.assumed import CONVERSATIONS, PRICES, Conversation, Mode
from benchmarks.load_model.measured import OWN_MS, OWN_MS_OTHERWISE, STEPS

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Demand:
    """What something asks of AWS: a conversation, or a second of many."""

    http: float = 0.0
    frames: float = 0.0
    posts: float = 0.0
    opened: float = 0.0
    connected_minutes: float = 0.0
    invocations: float = 0.0
    seconds: float = 0.0
    calls: float = 0.0
    reads: float = 0.0
    writes: float = 0.0
    open_writes: float = 0.0
    """To the one partition of the index of what is open."""
    log: float = 0.0

    def __add__(self, other: "Demand") -> "Demand":
        return Demand(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def __mul__(self, times: float) -> "Demand":
        return Demand(**{each.name: getattr(self, each.name) * times for each in fields(self)})


@dataclass(frozen=True)
class Wall:
    """A limit, what a day at a given size asks of it, and what to do before it is reached."""

    name: str
    limit: float
    demand: float
    remedy: str

    @property
    def share(self) -> float:
        return self.demand / self.limit


def of_step(name: str) -> Demand:
    step = STEPS[name]
    streams = name == assumed.STREAMING
    posts = step.posts + (assumed.STREAM_SECONDS / assumed.DELTA_SECONDS - 1 if streams else 0)
    waited = assumed.STREAM_SECONDS if streams else assumed.VENDOR_SECONDS if name in assumed.WAITING else 0.0
    busy = step.calls * assumed.DYNAMODB_MS + OWN_MS.get(name, OWN_MS_OTHERWISE)
    # While a model writes, its pieces are posted: that time is not waited twice.
    busy += 0 if streams else step.posts * assumed.POST_MS
    return Demand(
        http=float(name in assumed.HTTP_STEPS),
        frames=float(name in assumed.SOCKET_STEPS),
        posts=posts,
        opened=float(name == "connect"),
        invocations=float(name != "close"),
        seconds=waited + busy / 1000,
        calls=step.calls,
        reads=step.reads,
        writes=step.writes,
        open_writes={"session": 1, "close": 1, "call": 3, "hang up": 2}.get(name, 0),
        log=step.log,
    )


def of_conversation(conversation: Conversation) -> Demand:
    each = Demand(connected_minutes=conversation.minutes)
    for name, times in conversation.steps.items():
        each += of_step(name) * times
    return each


def of_mix(mix: Mapping[Mode, float]) -> Demand:
    total = Demand()
    for mode, share in mix.items():
        total += of_conversation(CONVERSATIONS[mode]) * share
    return total


def money(demand: Demand) -> dict[str, float]:
    """US dollars by service, without what costs the same whether anybody comes or not."""

    def price(name: str, amount: float) -> float:
        return PRICES[name].of(amount)

    return {
        "API Gateway": price("HTTP API request", demand.http)
        + price("WebSocket message", demand.frames + demand.posts)
        + price("WebSocket minute", demand.connected_minutes),
        "Lambda": price("Lambda request", demand.invocations)
        + price("Lambda GB-second, arm64", demand.seconds * assumed.MEMORY_GB),
        "DynamoDB": price("DynamoDB write", demand.writes) + price("DynamoDB read", demand.reads),
        "logs": price("log GB", demand.log),
        "edge": sum(price(name, demand.http + demand.opened) for name in ("CloudFront request", "firewall request")),
    }


def vendors(conversation: Conversation) -> dict[str, float]:
    """US dollars to those who think and speak."""
    return {
        "models": PRICES["model token in"].of(conversation.tokens_in)
        + PRICES["model token out"].of(conversation.tokens_out),
        "speech": PRICES["spoken character"].of(conversation.characters),
        "calls": PRICES["voice minute"].of(conversation.voice_minutes)
        + PRICES["video minute"].of(conversation.video_minutes),
    }


def busiest_second(per_day: float, mix: Mapping[Mode, float], peak: float) -> Demand:
    return of_mix(mix) * (per_day / DAY_SECONDS * peak)


def walls(per_day: float, mix: Mapping[Mode, float], peak: float) -> list[Wall]:
    """The nearest first. Limits are AWS's defaults for an account and region, and ours."""
    second = busiest_second(per_day, mix, peak)
    begun = per_day / DAY_SECONDS * peak
    found = [
        Wall(
            "API Gateway: requests and posts a second",
            10_000,
            second.http + second.opened + second.frames + second.posts,
            "post an answer's pieces less often (DELTA_SECONDS = .25 in aisdr/reply.py: a quarter of the posts), then "
            "raise the quota",
        ),
        Wall(
            "Lambda: at the same time",
            1_000,
            second.seconds,
            "raise the quota; nine tenths of it wait for a model, which a container does cheaper",
        ),
        Wall("API Gateway: new sockets a second", 500, second.opened, "raise the quota; a second region halves it"),
        Wall(
            "Reconciler: conversations closed a minute",
            RUN_SECONDS / of_step("close").seconds,
            per_day / DAY_SECONDS * 60,  # a rush is caught up with afterwards: closing may be late
            "more than RUN_SECONDS of each minute (aisdr/closing.py), then several groups in place of one, each with a "
            "reconciler",
        ),
        Wall(
            "DynamoDB: writes a second, a table",
            40_000,
            second.writes,
            "raise the quota; warm the table up before a known rush",
        ),
        Wall(
            "DynamoDB: writes a second to the index of what is open",
            1_000,
            second.open_writes,
            "cannot be raised: spread open_group over several values, and ask each (aisdr/table/table.py query_open)",
        ),
        Wall(
            "Tavus: video calls at the same time",
            assumed.TAVUS_AT_ONCE,
            begun * mix.get("video", 0) * CONVERSATIONS["video"].video_minutes * 60,
            "a plan with more; limits.concurrentCalls offers voice or text before Tavus refuses",
        ),
    ]
    return sorted(found, key=lambda wall: wall.share, reverse=True)
