"""Other people's code, unchanged: see README.md beside it."""
