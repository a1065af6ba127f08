"""A terminal that shows nothing of what is typed, for passwords."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TextIO

# SetConsoleMode (Microsoft's console functions): what is typed is printed as well.
_ENABLE_ECHO_INPUT = 0x0004
_STD_INPUT_HANDLE = -10


@contextlib.contextmanager
def unseen(stream: TextIO | None) -> Iterator[bool]:
    """Hide what is typed and show it again at the end; yield whether that is possible here."""
    if stream is None:
        yield False
    elif sys.platform == "win32":
        with _console() as works:
            yield works
    else:
        with _terminal(stream) as works:
            yield works


@contextlib.contextmanager
def _terminal(stream: TextIO) -> Iterator[bool]:
    import termios  # noqa: PLC0415 - Windows has none

    number = stream.fileno()
    try:
        before = termios.tcgetattr(number)
        quiet = [*before]
        # The line's end still shows (termios(3), ECHONL), so that the caller sees that it was taken.
        quiet[3] = before[3] & ~termios.ECHO | termios.ECHONL
        termios.tcsetattr(number, termios.TCSADRAIN, quiet)
    except (termios.error, OSError):
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(termios.error, OSError):  # the terminal is gone
            termios.tcsetattr(number, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _console() -> Iterator[bool]:
    import ctypes  # noqa: PLC0415 - only Windows needs it

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle, mode = kernel.GetStdHandle(_STD_INPUT_HANDLE), ctypes.c_uint32()
    known = kernel.GetConsoleMode(handle, ctypes.byref(mode))
    if not known or not kernel.SetConsoleMode(handle, mode.value & ~_ENABLE_ECHO_INPUT):
        yield False
        return
    try:
        yield True
    finally:
        kernel.SetConsoleMode(handle, mode.value)
