"""The contract between probe and collector: catalogue, wire and record format, join codes."""

__version__ = "0.1.0"

PROTOCOL_VERSION = 1
