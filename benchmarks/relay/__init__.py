"""Load on the relay, from a thousand sockets to the tables and back, beside a relay that does nothing."""
