"""The company's multimodal index: one contract, an embedded engine now, OpenSearch beside it."""
