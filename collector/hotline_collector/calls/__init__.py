"""The call layer: what agents and probes may do to a call, and what follows from it."""
