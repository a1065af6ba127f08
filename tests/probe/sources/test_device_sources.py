"""Sources that read devices see nothing but their machine's port: no file, socket or program of this one."""

from __future__ import annotations

import json
import subprocess
import sys

from hotline_probe.sources import all_sources, device_sources, platform_sources

# An audit hook cannot be taken away again, so the sources run in a process of their own.
_SCRIPT = """
import json, sys, sysconfig, threading
from hotline_proto.catalogue import load_wordless_catalogue
from hotline_probe.errors import SourceError
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources import device_sources

load_wordless_catalogue()
local, inside, seen, name = LocalMachine(), threading.local(), [], ""
code = tuple(sysconfig.get_paths().values())

class Port:
    system = "linux"
    def __getattr__(self, method):
        def call(*given):
            inside.port = True
            try:
                return getattr(local, method)(*given)
            finally:
                inside.port = False
        return call

def hook(event, given):
    if getattr(inside, "port", False) or not name:
        return
    if event == "open" and str(given[0]).endswith((".py", ".pyc", ".so")):
        return
    imports = "hotline_p" in str(given[:1]) or str(given[0] if given else "").startswith(code)
    if event in ("os.listdir", "os.scandir") and imports:
        return
    files = event in ("open", "os.listdir", "os.scandir")
    if files or event.startswith(("socket.", "subprocess.", "os.fork")):
        seen.append([name, event, repr(given)[:80]])

sources = [make() for make in device_sources()]
sys.addaudithook(hook)
for source in [*sources, *sources]:
    name, facts = source.name, 0
    try:
        facts = len(list(source.read(Context(Port(), Settings(active=True)))))
    except SourceError:
        pass
    name = ""
print(json.dumps([seen, "psutil" in sys.modules]))
"""


def test_they_see_a_machine_only_through_its_port() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], False]


def test_most_are_sources_of_the_computer_too() -> None:
    # Those of another way to read stand in for the computer's under its name.
    general = {make().name for make in device_sources()} - {make().name for make in platform_sources()}
    assert general <= {make().name for make in all_sources()}
    names = [make().name for make in device_sources()]
    assert len(names) == len(set(names))
