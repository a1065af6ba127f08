"""A program without rights that switches the loopback adapter on, and off again; and how it is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534
ACTS = """
import os, sys
from hotline_probe.actions.registry import Actions
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
assert os.geteuid() != 0
it = Actions(LocalMachine(), load_catalogue(), lambda kind: ["lo"])
flags = lambda: int(open("/sys/class/net/lo/flags").read(), 16) & 1
try:
    performed = it.perform("interface.enable", {"interface": "lo"})
except ActionError as error:
    print(error.code, flags())
    sys.exit()
print("done", flags())
performed.undo()
print("undone", flags())
"""


def as_nobody(folder: Path) -> list[str]:
    """Run the program in a network of its own as somebody without rights, with `folder` first in PATH."""
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("needs root, unshare and setpriv")
    folder.chmod(0o755)
    drop = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups"
    inside = f'mount -t sysfs none /sys && exec {drop} "$@"'
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", inside, "sh", sys.executable, "-c", ACTS],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "Permission denied" in done.stderr and "python" in done.stderr:
        pytest.skip("the interpreter cannot be read by other users here")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
