"""The entry of the one-file builds: runs the probe, then takes away what the file unpacked."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

from hotline_probe.cli import main as run_probe
from hotline_probe.packed import offer_packed

# Windows keeps a loaded library locked until its process is gone; this waits for that: its standard input
# ends with the probe.
_CLEANER = """
import shutil, sys, time
sys.stdin.read()
for _ in range(50):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    try:
        open(sys.argv[1]).close()
    except FileNotFoundError:
        break
    except OSError:
        time.sleep(0.2)
"""


def main() -> int:
    """Run the probe and return its exit code; nothing that was unpacked stays behind."""
    # What PyInstaller unpacked its own starter takes away.
    offer_packed(Path(__file__).resolve().parent)
    try:
        return run_probe()
    finally:
        folder = unpacked_folder(Path(__file__))
        if folder is not None:
            remove(folder)


def unpacked_folder(module: Path) -> Path | None:
    """Return the folder that shiv unpacked this build into, None for an installed probe.

    shiv unpacks NAME.pyz into ROOT/NAME.pyz_BUILD/site-packages and starts from `_bootstrap`
    (shiv's documentation, "Preamble" and "Bootstrapping").
    """
    site = module.resolve().parents[1]
    if "_bootstrap" not in sys.modules or site.name != "site-packages" or "_" not in site.parent.name:
        return None
    return site.parent


def remove(folder: Path) -> None:
    """Remove an unpacked build, its lock, and the folder around it if nothing else is there."""
    if sys.platform == "win32":
        cleaner = subprocess.Popen(
            [sys.executable, "-c", _CLEANER, str(folder)],
            stdin=subprocess.PIPE,
            creationflags=subprocess.DETACHED_PROCESS,
        )
        del cleaner  # its standard input stays open until this process has ended
        return
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        (folder.parent / f".{folder.name}_lock").unlink()
    with contextlib.suppress(OSError):
        folder.parent.rmdir()
