"""Measurements of what users run, each beside a named peer; `make bench` runs them all."""
