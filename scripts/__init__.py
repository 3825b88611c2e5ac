"""The operator's command: one file per verb, gathered in `__main__`."""
