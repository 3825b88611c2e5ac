"""`aisdr doctor`: looks at everything a visitor will need, from keys and replica ids to a round trip."""
