"""Figures about text that would command a model, and tools that are called in every wrong way."""
