"""One action with the rights of an administrator, which the system asks for; the probe stays without them.

The system's own dialog (polkit's, Windows', macOS's; or sudo where no password is needed) starts this program
anew with `--run-action ID`. That child does this one action of the catalogue, says how it went, and waits,
because only it can take the action back: `undo` on its input does, the end of it means that nobody will.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any, Protocol, TextIO

from hotline_proto.catalogue import load_wordless_catalogue

from hotline_probe.actions import osadialog, uac
from hotline_probe.actions.base import Performed
from hotline_probe.errors import ActionError, UsageError
from hotline_probe.machine import LocalMachine

OPTION = "--run-action"
_MAX_REQUEST = 16 * 1024
# pkexec(1): 126 the dialog was dismissed, 127 not authorised; sudo(8): 1.
_REFUSED = (1, 126, 127)


def can_elevate() -> bool:
    """Tell whether this process lacks rights that the system could give."""
    if os.name == "nt":
        return uac.can_ask()
    return os.name == "posix" and os.geteuid() != 0 and (osadialog.can_ask() or bool(elevation()))


def needs_rights(system: str, action_id: str) -> bool:
    """Tell whether it is no use to try an action without the rights of an administrator."""
    return system == "windows" and action_id in uac.NEEDS_ADMINISTRATOR


def elevation() -> Sequence[str]:
    """Return the words before a command that has the system ask; empty if there is no way."""
    if pkexec := shutil.which("pkexec"):
        return (pkexec, "--disable-internal-agent")
    if sudo := shutil.which("sudo"):
        return (sudo, "-n", "--")
    return ()


def own_command() -> Sequence[str]:
    """Return the words that start this program: a one-file build itself, else Python with the package."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    if sys.argv[0].endswith(".pyz"):
        return (sys.executable, os.path.abspath(sys.argv[0]))  # noqa: PTH100 - a text, not a file to look at
    # Without -P the folder that it is started in would come before the installed packages.
    return (sys.executable, "-P", "-m", "hotline_probe")


class Child(Protocol):
    """The program with more rights, as this one sees it."""

    def ask(self, line: str) -> dict[str, Any] | None:
        """Send a line and return the answer, None if there is none."""
        ...

    def end(self) -> int:
        """Let it end; return 1, 126 or 127 if it never came to life because that was refused."""
        ...


def perform_elevated(action_id: str, parameters: Mapping[str, str]) -> Performed:
    """Have a child with more rights do an action; it lives until that is taken back or this program ends.

    Raises:
        ActionError: "permission" if that was refused, else what the child says; nothing is changed.
    """
    command = [*own_command(), OPTION, action_id]
    return perform_by(_child(command), parameters)


def _child(command: Sequence[str]) -> Child:
    if os.name == "nt":
        return MetChild(command)
    return MetChild(command, osadialog.Meeting()) if osadialog.can_ask() else PipedChild(command)


def perform_by(child: Child, parameters: Mapping[str, str]) -> Performed:
    """Have a child do its action; raises like `perform_elevated`."""
    answer = child.ask(json.dumps(parameters))
    if answer is None:
        code = child.end()
        word = "permission" if code in _REFUSED else "error"
        raise ActionError(word, "the rights of an administrator were refused")
    if "error" in answer:
        child.end()
        raise ActionError(answer["error"], answer["detail"])

    def undo() -> None:
        told = child.ask("undo")
        child.end()
        if told is None or "error" in told:
            raise ActionError("error", told["detail"] if told else "the program that did it has ended")

    if not answer["undoable"]:
        child.end()
    return Performed(answer["detail"], undo, answer["undoable"])


class PipedChild:
    """A child of pkexec or sudo, with pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [*elevation(), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, line: str) -> dict[str, Any] | None:
        """Send a line and return the answer."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        return _exchange(process.stdin, process.stdout, line)

    def end(self) -> int:
        """Close its pipes, wait for it, and return its code."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        return self._process.wait()


class MetChild:
    """A child that Windows or macOS has started, met at a place of this computer."""

    def __init__(self, command: Sequence[str], place: osadialog.Meeting | None = None) -> None:
        with contextlib.closing(place or uac.Meeting()) as meeting:
            self._channel = meeting.start([*command, *meeting.words])
        self._requests = self._channel.makefile("w", encoding="utf-8", newline="\n")
        self._answers = self._channel.makefile("r", encoding="utf-8", newline="\n")

    def ask(self, line: str) -> dict[str, Any] | None:
        """Send a line and return the answer."""
        return _exchange(self._requests, self._answers, line)

    def end(self) -> int:
        """Close the connection; that it was refused was known before there was one."""
        for stream in (self._requests, self._answers, self._channel):
            with contextlib.suppress(OSError):
                stream.close()
        return 0


def _exchange(requests: IO[str], answers: IO[str], line: str) -> dict[str, Any] | None:
    try:
        requests.write(line + "\n")
        requests.flush()
        answer = json.loads(answers.readline(_MAX_REQUEST))
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


# ---- the child ------------------------------------------------------------------------------------
def run_action(words: Sequence[str], requests: TextIO, answers: TextIO) -> int:
    """Do one action as the elevated child; return the exit code.

    On Windows two more words, on macOS one more tell where the parent is met.

    Raises:
        UsageError: the words are not the name of one action, or there is no parent where they say.
    """
    if len(words) == 3 and words[0] in load_wordless_catalogue().actions:
        with uac.connected(words[1], words[2]) as (asked, answering):
            return run_action(words[:1], asked, answering)
    if len(words) == 2 and words[0] in load_wordless_catalogue().actions and words[1].startswith("/"):
        with osadialog.connected(words[1]) as (asked, answering):
            return run_action(words[:1], asked, answering)
    from hotline_probe.actions.registry import Actions  # noqa: PLC0415 - it imports this module

    if len(words) != 1 or words[0] not in load_wordless_catalogue().actions:
        raise UsageError(f"{OPTION} takes the name of one action")
    try:
        parameters = _parameters(requests.readline(_MAX_REQUEST))
        # Which entities there are the parent has checked; each action checks again what it touches.
        keys = parameters.values()
        actions = Actions(LocalMachine(), load_wordless_catalogue(), lambda _kind: keys, may_elevate=False)
        performed = actions.perform(words[0], parameters)
    except ActionError as error:
        _say(answers, error=error.code, detail=str(error))
        return 1
    _say(answers, detail=performed.detail, undoable=performed.undoable)
    if requests.readline(_MAX_REQUEST).strip() == "undo":
        try:
            performed.undo()
        except ActionError as error:
            _say(answers, error=error.code, detail=str(error))
            return 1
        _say(answers, detail="undone")
    return 0


def _parameters(line: str) -> dict[str, str]:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise ActionError("bad_parameter", "the parameters are no JSON") from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ActionError("bad_parameter", "the parameters are no texts by name")
    return given


def _say(answers: TextIO, **answer: object) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
