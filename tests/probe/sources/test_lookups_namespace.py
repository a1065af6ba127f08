"""The system's own resolver, in a network namespace whose only name server is ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSIDE = """
import json, socket, struct, subprocess, sys, threading
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/resolv.conf"], check=True)
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources.lookups import Lookups
from hotline_probe.sources.resolvers import Resolvers

def serve():
    while True:
        query, sender = server.recvfrom(4096)
        known = b"known" in query or sys.argv[2] == "wildcard"
        end = query.index(0, 12) + 5
        address = known and query[end - 3] == 1
        head = query[:2] + struct.pack("!5H", 0x8180 | (0 if known else 3), 1, int(address), 0, 0)
        record = b"\\xc0\\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 7])
        server.sendto(head + query[12:end] + record * address, sender)

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
threading.Thread(target=serve, daemon=True).start()
context = Context(LocalMachine(), Settings(known_names=("known.example.org",)))
facts = [*Lookups().read(context), *Resolvers().read(context)]
print(json.dumps({fact.name: getattr(fact.value, "word", fact.value) for fact in facts}))
"""


@pytest.mark.parametrize("mode", ["honest", "wildcard"])
def test_names_through_the_system(tmp_path: Path, mode: str) -> None:
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "ip", "mount"))):
        pytest.skip("needs root, unshare(1), ip(8) and mount(8) to make a namespace")
    unshare = ["unshare", "--net", "--mount"]
    if subprocess.run([*unshare, "true"], check=False, capture_output=True, timeout=10).returncode:
        pytest.skip("this system allows no namespaces")
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    argv = [*unshare, sys.executable, "-c", INSIDE, str(tmp_path / "resolv.conf"), mode]
    done = subprocess.run(argv, check=True, capture_output=True, timeout=60)
    facts = json.loads(done.stdout)
    assert facts["net.dns.lookup.ok"] is True
    assert facts["net.dns.wildcard"] is (mode == "wildcard")
    assert (facts["net.resolver.answers"], facts["net.resolver.rcode"]) == (True, "noerror")
