"""Programs of this machine: where they lie, how they end with all that they started, what they print.

Linux and macOS have process groups. Windows has none, looks for programs beside the running one and in the
current folder before its own, and prints in the character set of old consoles.
"""

from __future__ import annotations

import contextlib
import ntpath
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from hotline_probe.errors import Denied, MissingTool, SourceFailed

# subprocess knows this one on Windows only: no console window flashes up over the caller's work.
_CREATE_NO_WINDOW = 0x08000000
_OWN_FOLDERS = {"powershell": ("System32", "WindowsPowerShell", "v1.0")}


def run(argv: Sequence[str], timeout: float, environment: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    """Run a program without a shell; return how it ended and what it printed.

    Raises:
        MissingTool: it is not installed.
        Denied: it may not be run.
        SourceFailed: it did not end in time; it is killed with everything it has started.
    """
    windows = os.name == "nt"
    words = [windows_path(argv[0], os.environ), *argv[1:]] if windows else list(argv)
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=not windows,
            creationflags=_CREATE_NO_WINDOW if windows else 0,
        )
    except FileNotFoundError as error:
        raise MissingTool(f"{argv[0]} is not installed") from error
    except PermissionError as error:
        raise Denied(f"{argv[0]} may not be run") from error
    with process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            if windows:
                end_tree(process.pid)
            raise SourceFailed(f"{argv[0]} took longer than {timeout:g} s") from error
        finally:
            if not windows:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out, err


def windows_path(name: str, environment: Mapping[str, str]) -> str:
    r"""Return where a program of Windows lies, so that none in the current folder can stand for it.

    >>> windows_path("netsh", {"SystemRoot": r"C:\Windows"})
    'C:\\Windows\\System32\\netsh.exe'
    >>> windows_path(r"C:\Tools\own.exe", {})
    'C:\\Tools\\own.exe'
    """
    if ntpath.isabs(name):
        return name
    root = environment.get("SystemRoot") or environment.get("SYSTEMROOT") or r"C:\Windows"
    return ntpath.join(root, *_OWN_FOLDERS.get(name, ("System32",)), f"{name}.exe")


def end_tree(pid: int) -> None:
    """Kill a process and everything it has started and that it has started in turn."""
    import psutil  # noqa: PLC0415 - costs memory, and only Windows needs it

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.Error):
                one.kill()


def decoded(printed: bytes) -> str:
    """Return what a program printed as text: UTF-8, or on Windows the character set of its consoles."""
    try:
        return printed.decode("utf-8")
    except UnicodeDecodeError:
        return printed.decode("oem" if os.name == "nt" else "utf-8", "replace")
