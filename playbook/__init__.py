"""The engine that runs a runbook against a mail server; it knows no step by name."""
