"""Makes the C library keep little memory that nobody uses."""

from __future__ import annotations

import contextlib
import ctypes
import sys

# mallopt(3); the number is that of glibc's malloc.h.
_M_ARENA_MAX = -8


def save_memory() -> None:
    """Give back what is free by now, and let new threads share one arena (mallopt(3), malloc_trim(3)).

    glibc gives every thread an arena of its own so that they need not wait for each other; ours wait for
    the interpreter's lock anyway. Other C libraries have no such functions: nothing happens.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.malloc_trim(0)
