"""Live calls: one contract, one file per vendor. A vendor's words never leave its file."""
