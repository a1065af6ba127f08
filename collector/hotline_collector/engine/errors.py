"""Errors of the engine."""


class FrameError(Exception):
    """A probe's frame breaks the protocol; the message says how."""


class InputError(Exception):
    """An input that does not come from a probe makes no sense; the message says why."""
