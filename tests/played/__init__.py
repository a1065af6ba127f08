"""Devices that cannot stand on a test machine: their programs answer in their real, documented forms."""
