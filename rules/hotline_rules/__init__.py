"""The rule pack that Hotline ships."""

__version__ = "0.1.0"
