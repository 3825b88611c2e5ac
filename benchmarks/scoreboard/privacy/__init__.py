"""Figures about visitors: whom the widget contacts before consent, what is recorded and what leaks."""
