"""A program without rights that switches the loopback adapter on, and off again."""

from __future__ import annotations

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
