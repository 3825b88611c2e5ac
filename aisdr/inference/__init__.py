"""Language models and embedders: one contract each, one file per provider."""
