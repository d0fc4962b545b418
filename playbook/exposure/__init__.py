"""What the world sees of the server. Deciding does no I/O; `lookup` alone asks."""
