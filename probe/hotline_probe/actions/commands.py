"""Actions that are programs of the system: which, with which words, and whether they were allowed to."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hotline_probe.actions.remote import RemoteMachine
from hotline_probe.errors import ActionError, MissingTool
from hotline_probe.machine import Machine

Argv = tuple[str, ...]
_DENIED = (
    "not permitted",
    "permission denied",
    "access denied",
    "access is denied",
    "zugriff verweigert",
    "accès refusé",
    "acceso denegado",
    "0x80070005",
    "must be root",
    "requires admin",
    "superuser",
    "requires elevation",
    "erhöhte rechte",
    "nécessite une élévation",
    "requiere elevación",
    "interactive authentication required",
    "authentication is required",
    "not authorized",
)
_MAX_MESSAGE = 200


def must_be_root() -> None:
    """Let nobody without the rights of an administrator begin; programs say so in many ways, or not at all.

    Raises:
        ActionError: "permission".
    """
    if os.geteuid() != 0:
        raise ActionError("permission", "only an administrator may do this")


def run(machine: Machine, argv: Argv, patience: float) -> str:
    """Run a program that changes something, on a device with the rights for it, and return what it printed.

    Raises:
        ActionError: it was not allowed to, or failed.
        MissingTool: it is not installed.
    """
    act = machine.act if isinstance(machine, RemoteMachine) else machine.run
    result = act(argv, patience)
    if result.code == 0:
        return result.out
    message = (result.err.strip() or result.out.strip())[:_MAX_MESSAGE]
    denied = any(word in message.lower() for word in _DENIED)
    raise ActionError("permission" if denied else "error", message or f"{argv[0]} ended with {result.code}")


def run_first(machine: Machine, choices: Sequence[Argv], patience: float) -> str:
    """Run the programs in turn until one has done it; return its name.

    Several may be installed of which only one looks after the matter, so a failure is no end.

    Raises:
        ActionError: none has; what is said comes from the last one that was there.
    """
    last: ActionError | None = None
    for argv in choices:
        try:
            run(machine, argv, patience)
        except MissingTool:
            continue
        except ActionError as error:
            last = error
        else:
            return argv[0]
    if last is not None:
        raise last
    raise ActionError("precondition", f"none of {', '.join(argv[0] for argv in choices)} is installed")
