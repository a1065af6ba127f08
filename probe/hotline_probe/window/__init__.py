"""The caller's window: the same call as at the terminal, for who has none."""
