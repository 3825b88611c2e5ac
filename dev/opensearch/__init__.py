"""A real OpenSearch node on loopback, assembled from Maven artifacts: no container, no account."""
