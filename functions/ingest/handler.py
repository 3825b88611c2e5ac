"""Ingest: what is dropped into the knowledge bucket, or taken from it, by the queue that tells of it."""

from typing import Any

from aisdr.observability import begin
from aisdr.services import services


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """SQS. Returns the messages that are to come again; all others are done with."""
    begin(event, context)
    again = services().inbox.receive(event["Records"], lambda: context.get_remaining_time_in_millis() / 1000)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
