"""Figures about walls between companies."""
