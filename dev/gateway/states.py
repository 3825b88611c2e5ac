"""Whether the look-alikes are up, and what their accounts say, for the start page."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

PATIENCE_SECONDS = 1.0


@dataclass(frozen=True)
class LookAlike:
    """What it stands in for, and the door of it that tells how it is."""

    title: str
    door: str
    account: Callable[[Any], str] = lambda told: ""


def _calls(told: list[dict[str, Any]]) -> str:
    running = sum(call["state"] == "open" for call in told)
    return f"{len(told)} calls, {running} running"


KNOWN = {
    "tavus": LookAlike(
        "Tavus (video calls)",
        "/_lookalike/meter",
        lambda told: (
            f"{told['billed_seconds']} of {told['credit_seconds']} s billed, "
            f"{told['active']} of {told['concurrency']} calls running"
        ),
    ),
    "daily": LookAlike("Daily (video rooms)", "/"),
    "openai": LookAlike("OpenAI (voice calls, models)", "/_lookalike/calls", _calls),
    "speech": LookAlike("Polly (spoken answers)", "/v1/voices"),
    "aws": LookAlike("AWS (tables, media)", "/_ministack/health"),
}


async def states_of(addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    """One record for each name of `KNOWN`: `address` is None where the real vendor is asked."""
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        return list(await asyncio.gather(*(_state(client, name, addresses.get(name)) for name in KNOWN)))


async def _state(client: httpx.AsyncClient, name: str, address: str | None) -> dict[str, Any]:
    known = KNOWN[name]
    state = {"name": name, "title": known.title, "address": address, "up": None, "account": ""}
    if address is None:
        return state
    try:
        answer = await client.get(f"{address}{known.door}")
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        account = known.account(answer.json()) if is_json and answer.is_success else ""
    except (httpx.HTTPError, KeyError, TypeError, ValueError):
        return state | {"up": False}
    return state | {"up": answer.status_code < 500, "account": account}
