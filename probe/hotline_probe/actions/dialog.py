"""What Windows and macOS have in common where their own dialog starts this program anew."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from typing import TextIO

from hotline_probe import programs
from hotline_probe.errors import ActionError, SourceError

# As long as somebody may look at the dialog and type a password.
DIALOG_PATIENCE = 120.0


def ask_system(words: Sequence[str]) -> None:
    """Have the system ask whether this may be done, by a program that fails if it refuses.

    Raises:
        ActionError: "permission" if it was refused or nobody answered.
    """
    try:
        code, _, _ = programs.run(words, DIALOG_PATIENCE, os.environ)
    except SourceError as error:
        raise ActionError("permission", "nobody answered whether this may be done") from error
    if code:
        raise ActionError("permission", "the rights of an administrator were refused")


@contextlib.contextmanager
def lines_of(channel: socket.socket) -> Iterator[tuple[TextIO, TextIO]]:
    """Open both directions of a connection as text: what is asked, and where to answer."""
    with (
        channel.makefile("r", encoding="utf-8", newline="\n") as requests,
        channel.makefile("w", encoding="utf-8", newline="\n") as answers,
    ):
        yield requests, answers
