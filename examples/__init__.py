"""Two sample companies with real content, and the scripts that draw it."""
