"""Conversations with the sample companies, held by the real representative and judged by rules."""
