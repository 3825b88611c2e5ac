"""Figures about what fails outside, and how soon a visitor has an answer all the same."""
