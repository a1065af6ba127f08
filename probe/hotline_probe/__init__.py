"""The probe: reads facts of the caller's machine, with consent, and sends them to the collector."""

__version__ = "0.1.0"
