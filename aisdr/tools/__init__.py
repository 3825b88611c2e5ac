"""What the representative can do besides talking: one file per tool, one registry, every door runs the same code."""
