"""From templates to a deployment: what `make bootstrap`, `make diff`, `make deploy` and `make destroy` do."""
