"""Reconciler: every minute, ends the calls whose time is up and settles what a lost webhook or answer left open."""

from typing import Any

from aisdr.services import services


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """EventBridge schedule. Returns how many calls were closed."""
    return {"closed": services().calls.reconcile()}
