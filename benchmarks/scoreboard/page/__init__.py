"""Figures about the widget on its page: markup that fires, and policies that are kept."""
