"""How macOS tells what sources want to know: its own commands, and parsers of what they print."""
