"""The collector: intake, engine, calls, store and the faces of the agent."""

__version__ = "0.1.0"
