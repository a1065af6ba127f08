"""Devices that the collector itself reads: each in a process of its own, because a device is hostile."""
