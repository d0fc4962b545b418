"""The SMTP log: its lines, its sessions, and the accounts that stand out in them. No I/O."""
