"""The outgoing queue: what its files are, who submitted them, and what to do with each. No I/O."""
