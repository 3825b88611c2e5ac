"""How well we find: one leg and two, second stage, languages, near-duplicates and routing, beside what others find."""
