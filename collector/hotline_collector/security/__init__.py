"""Keys, certificates, passwords, tokens and join codes."""
