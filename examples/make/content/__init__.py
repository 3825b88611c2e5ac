"""Makes what is not written by hand of the content that readers are tested with: tests/data/content."""
