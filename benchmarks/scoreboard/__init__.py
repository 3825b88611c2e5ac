"""The security scoreboard: each figure S-01 to S-22 of docs/security.md is a module here that measures it anew."""
