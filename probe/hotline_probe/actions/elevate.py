"""One action with the rights of an administrator, which the system asks for; the probe stays without them.

The system's own dialog (polkit's, or sudo where no password is needed) starts this program anew with
`--run-action ID`. That child does this one action of the catalogue, says how it went, and waits, because only
it can take the action back: `undo` on its standard input does, the end of it means that nobody will.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from hotline_proto.catalogue import load_catalogue

from hotline_probe.actions.base import Performed
from hotline_probe.errors import ActionError, UsageError
from hotline_probe.machine import LocalMachine

OPTION = "--run-action"
_MAX_REQUEST = 16 * 1024
# pkexec(1): 126 the dialog was dismissed, 127 not authorised; sudo(8): 1.
_REFUSED = (1, 126, 127)


def can_elevate() -> bool:
    """Tell whether this process lacks rights that the system could give."""
    return os.name == "posix" and os.geteuid() != 0 and bool(elevation())


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
    return (sys.executable, "-m", "hotline_probe")


def perform_elevated(action_id: str, parameters: Mapping[str, str]) -> Performed:
    """Have a child with more rights do an action; it lives until that is taken back or this program ends.

    Raises:
        ActionError: "permission" if that was refused, else what the child says; nothing is changed.
    """
    child = subprocess.Popen(
        [*elevation(), *own_command(), OPTION, action_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    answer = _ask(child, json.dumps(parameters))
    if answer is None:
        code = _end(child)
        word = "permission" if code in _REFUSED else "error"
        raise ActionError(word, "the rights of an administrator were refused")
    if "error" in answer:
        _end(child)
        raise ActionError(answer["error"], answer["detail"])

    def undo() -> None:
        told = _ask(child, "undo")
        _end(child)
        if told is None or "error" in told:
            raise ActionError("error", told["detail"] if told else "the program that did it has ended")

    if not answer["undoable"]:
        _end(child)
    return Performed(answer["detail"], undo, answer["undoable"])


def _ask(child: subprocess.Popen[str], line: str) -> dict[str, Any] | None:
    try:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(line + "\n")
        child.stdin.flush()
        answer = json.loads(child.stdout.readline())
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _end(child: subprocess.Popen[str]) -> int:
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
    return child.wait()


# ---- the child ------------------------------------------------------------------------------------
def run_action(words: Sequence[str], requests: TextIO, answers: TextIO) -> int:
    """Do one action as the elevated child; return the exit code.

    Raises:
        UsageError: the words are not the name of one action.
    """
    from hotline_probe.actions.registry import Actions  # noqa: PLC0415 - it imports this module

    if len(words) != 1 or words[0] not in load_catalogue().actions:
        raise UsageError(f"{OPTION} takes the name of one action")
    try:
        parameters = _parameters(requests.readline(_MAX_REQUEST))
        # Which entities there are the parent has checked; each action checks again what it touches.
        keys = parameters.values()
        actions = Actions(LocalMachine(), load_catalogue(), lambda _kind: keys, may_elevate=False)
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
