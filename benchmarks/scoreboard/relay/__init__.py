"""Figures about the sockets of the relay: their tickets, their load and their loss."""
