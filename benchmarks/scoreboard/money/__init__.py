"""Figures about calls that cost money: bought once, within every cap, ended in time, and never lost."""
