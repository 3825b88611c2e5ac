"""Reconciler: every minute, ends overdue calls, finishes what was agreed to, closes conversations, sends what waits."""

from typing import Any

from aisdr.services import services


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """EventBridge schedule. Returns how much of each was done."""
    return {
        "calls": services().calls.reconcile(),
        # Before conversations close, so that their messages name the leads that were agreed to in them.
        "confirmations": services().writing_tools.carry_out_abandoned(services().companies),
        "conversations": services().closing.close_due(),
        "messages": services().webhooks.deliver_due(),
        "documents": services().documents.follow(),
    }
