"""The same product and browser as in the walks: what a visitor sees is clicked by role and name there."""

from tests.walks.conftest import chromium, page, stack

__all__ = ["chromium", "page", "stack"]
