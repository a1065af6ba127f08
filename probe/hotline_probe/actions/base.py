"""What all actions share."""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from hotline_probe.errors import ActionError, Denied, MachineLost, MissingTool, SourceError, Unsupported
from hotline_probe.machine import LocalMachine

_NOT_ALLOWED = {errno.EPERM, errno.EACCES}
_IMPOSSIBLE = {errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOENT, errno.ESRCH, errno.EBUSY, errno.EXDEV}


class Performed:
    """An action that was done.

    `detail` says what changed, in plain English; `undoable` whether taking it back can be expected to
    succeed with the rights this process has.
    """

    def __init__(self, detail: str, undo: Callable[[], None], undoable: bool = True) -> None:
        self.detail = detail
        self.undoable = undoable
        self._undo = undo
        self._undone = False
        self._lock = threading.Lock()

    def undo(self) -> None:
        """Take it back; after a failure it may be tried again.

        Raises:
            ActionError: that is not possible, or was done already.
        """
        with self._lock, translated():
            if self._undone:
                raise ActionError("precondition", "this was taken back already")
            self._undo()
            self._undone = True


def final() -> None:
    """Take back what cannot be taken back."""
    raise ActionError("precondition", "this cannot be taken back")


def wait_until(condition: Callable[[], bool], patience: float = 2.0, pause: float = 0.005) -> bool:
    """Tell whether a condition becomes true within `patience` seconds, looking every `pause` seconds."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


class Action(Protocol):
    """One operation of the catalogue."""

    name: str

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Do it, having checked that it can be done, and make sure that it had its effect.

        Raises:
            ActionError: it was not done; nothing is changed.
        """
        ...


@runtime_checkable
class Previewing(Protocol):
    """An action that can tell beforehand which files go."""

    def preview(self, machine: LocalMachine, parameters: Mapping[str, str]) -> list[tuple[str, int]]:
        """Return path and size in bytes of each file.

        Raises:
            ActionError: none would go, so the action is no use.
        """
        ...


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what may go wrong inside an action into an `ActionError`."""
    try:
        yield
    except ActionError:
        raise
    except Denied as error:
        raise ActionError("permission", str(error)) from error
    except (Unsupported, MissingTool) as error:
        raise ActionError("precondition", str(error)) from error
    except MachineLost as error:
        raise ActionError("lost", str(error)) from error
    except SourceError as error:
        raise ActionError("error", str(error)) from error
    except OSError as error:
        raise ActionError(_code(error), error.strerror or str(error)) from error
    except Exception as error:
        raise ActionError("error", f"{type(error).__name__}: {error}") from error


def _code(error: OSError) -> str:
    if error.errno in _NOT_ALLOWED:
        return "permission"
    return "precondition" if error.errno in _IMPOSSIBLE else "error"
