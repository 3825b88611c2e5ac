"""Figures about the code itself: what scanners find in it, and which faults in it the tests notice."""
