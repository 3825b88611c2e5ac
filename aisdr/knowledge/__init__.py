"""Hybrid search: the company's own index merged with what its Tavus knowledge base knows."""
