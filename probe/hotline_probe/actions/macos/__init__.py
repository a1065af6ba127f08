"""How actions are done on macOS, where that is more than another program."""
