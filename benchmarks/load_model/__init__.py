"""What a day of conversations asks of AWS: arithmetic from counted figures, no guess about our own code."""
