"""A call of each tool, as a visitor means it."""

from typing import Any

CALLS: dict[str, dict[str, Any]] = {
    "search_knowledge": {"query": "What does the Growth plan cost?"},
    "show_visual": {"query": "robots by country"},
    "get_demo_clip": {"query": "dashboard tour"},
    "create_meeting_link": {"name": "Jane Doe", "email": "jane@example.com"},
    "log_lead": {"email": "jane@example.com", "name": "Jane Doe"},
    "request_human": {"reason": "Wants a discount", "email": "jane@example.com"},
    "reserve_demo": {"city": "Lyon", "people": 3},
}
