"""Programs for development and tests: look-alikes of the vendors, and the local gateway."""
