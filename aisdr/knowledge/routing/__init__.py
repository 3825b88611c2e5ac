"""What the router of strategy `smart` decides by: signals, exemplars, and a model trained on both."""
