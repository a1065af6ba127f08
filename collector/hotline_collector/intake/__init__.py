"""Takes what probes send."""
