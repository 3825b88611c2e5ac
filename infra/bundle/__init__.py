"""Bundles: what is shipped of each function, as AWS unpacks it into `/var/task`."""
