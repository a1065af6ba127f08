"""The rights of an administrator on macOS: its own dialog (osascript(1)) starts this program anew.

What is started that way has no pipes to the one that asked, so the two meet at a socket in a folder that
nobody else may enter; what travels is the same as through the pipes elsewhere. The script holds the words
that start this program and nothing that came over the network.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from hotline_probe.actions.dialog import ask_system, lines_of
from hotline_probe.errors import ActionError, UsageError

PROGRAM = "osascript"
# For the child's start, once it may.
START_PATIENCE = 30.0
# Whatever an action does ends before that.
_PATIENCE = 180.0
_PROMPT = "Hotline changes one thing on this Mac. Hotline ändert etwas auf diesem Mac."
# The shell must not wait for the child (Apple's Technical Note TN2065, "do shell script").
_IN_BACKGROUND = " </dev/null >/dev/null 2>&1 &"


def can_ask() -> bool:
    """Tell whether this is a Mac that can ask."""
    return shutil.which(PROGRAM) is not None


def literal(text: str) -> str:
    r"""Return a text as AppleScript takes it word by word, whatever is in it.

    >>> print(literal('say "no" \\ yes'))
    "say \"no\" \\ yes"
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def asking(command: Sequence[str]) -> tuple[str, ...]:
    """Return the words that have macOS ask, and then start a command through sh(1) as an administrator."""
    line = shlex.join(command) + _IN_BACKGROUND
    script = f"do shell script {literal(line)} with prompt {literal(_PROMPT)} with administrator privileges"
    return (PROGRAM, "-e", script)


class Meeting:
    """The place where the child is awaited; to be closed."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-"))
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._folder / "s"))
        self._server.listen(1)

    @property
    def words(self) -> tuple[str, ...]:
        """What the child's command line must end with."""
        return (str(self._folder / "s"),)

    def close(self) -> None:
        """Await nobody any more."""
        self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self, command: Sequence[str]) -> socket.socket:
        """Have macOS ask, start the child and return the connection to it.

        Raises:
            ActionError: "permission" if that was refused, "error" if the child did not come.
        """
        ask_system(asking(command))
        self._server.settimeout(START_PATIENCE)
        try:
            channel, _ = self._server.accept()
        except OSError as error:
            raise ActionError(
                "error", "the program with the rights of an administrator did not start"
            ) from error
        channel.settimeout(_PATIENCE)
        return channel


@contextlib.contextmanager
def connected(path: str) -> Iterator[tuple[TextIO, TextIO]]:
    """Open the way to the parent: what it asks, and where to answer.

    Raises:
        UsageError: there is no parent.
    """
    with socket.socket(socket.AF_UNIX) as channel:
        try:
            channel.connect(path)
        except (OSError, ValueError) as error:
            raise UsageError("the program that asked for rights is gone") from error
        with lines_of(channel) as lines:
            yield lines
