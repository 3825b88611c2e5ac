"""Figures about input that nobody means well: bodies, frames, addresses, origins."""
