"""What the look-alike can be told to be: who may call, how fast its clock runs, what its plan allows."""

from dataclasses import dataclass
from typing import Literal

Names = Literal["both", "new", "legacy"]
Manner = Literal["plain", "twice", "swapped"]


@dataclass(frozen=True)
class TavusConfig:
    keys: tuple[str, ...] = ("tvsk_*",)  # exact keys, or a beginning followed by a star
    names: Names = "both"  # replica/persona, face/pal, or both in every answer
    daily_url: str = ""  # REST address of the Daily look-alike; empty: rooms have a name but nobody can enter
    daily_key: str = "daily-local"
    clock_speed: float = 1.0  # 60: a minute of the vendor's time passes in a second of ours
    concurrency: int = 3
    credit_seconds: int = 20 * 60
    longest_call: int = 3600  # the plan's cap; longer wishes are lowered without a word
    ignore_timeouts: bool = False  # no timer ends a call, neither the longest nor the one for absent visitors
    document_seconds: float = 6.0  # from registered to ready (the vendor: minutes)
    document_callback: Literal["object", "short"] = (
        "object"  # the vendor publishes no example; receivers must take both
    )
    crawl_documents: int = 100
    webhooks: Manner = "plain"

    def accepts(self, key: str) -> bool:
        return any(key == rule or (rule.endswith("*") and key.startswith(rule[:-1])) for rule in self.keys)
