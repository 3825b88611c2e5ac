"""Tavus look-alike: the vendor's REST interface with its real errors, clocks, webhooks and bill, for local use only."""
