"""hosts.disable_overrides: comments out entries of the hosts file that send public names elsewhere."""

from __future__ import annotations

import re
import socket
from collections.abc import Collection, Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.textfile import TextFile
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

HOSTS = "/etc/hosts"
WINDOWS_HOSTS = "C:/Windows/System32/drivers/etc/hosts"
MARKER = b"# switched off by hotline: "
# Names that only a local network gives: RFC 6761, 6762, 8375, 9476, and what home routers use.
_LOCAL_ENDINGS = set(
    "local localhost localdomain lan home internal intranet corp private test "
    "invalid example arpa box alt".split()
)
_PUBLIC = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)


class HostsDisableOverrides:
    """Switches off odd entries of the hosts file."""

    name = "hosts.disable_overrides"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Comment them out and make sure that none is left."""
        path = WINDOWS_HOSTS if machine.system == "windows" else HOSTS
        file = TextFile(machine, path)
        own = {socket.gethostname().lower(), socket.getfqdn("").lower()}
        changed, count = disable(file.content, own)
        if not count:
            raise ActionError("precondition", f"{path} has no odd entries")
        file.write(changed, lambda now: now == changed and disable(now, own)[1] == 0)
        return Performed(f"{count} entries of {path} are switched off", file.restore)


def disable(content: bytes, own: Collection[str] = ()) -> tuple[bytes, int]:
    r"""Return the file without odd entries, and how many there were; local names of a line stay.

    >>> disable(b"127.0.0.1 localhost bank.example.com\n")
    (b'# switched off by hotline: 127.0.0.1 localhost bank.example.com\n127.0.0.1 localhost\n', 1)
    """
    lines: list[bytes] = []
    count = 0
    for line in content.splitlines(keepends=True):
        address, *names = line.partition(b"#")[0].split() or [b""]
        odd = [name for name in names if is_public(name, own)]
        if not odd:
            lines.append(line)
            continue
        count += 1
        lines.append(MARKER + line)
        kept = [name for name in names if name not in odd]
        if kept:
            end = line[len(line.rstrip(b"\r\n")) :] or b"\n"
            # A last line without an end must not swallow what follows it.
            lines[-1] = MARKER + line.rstrip(b"\r\n") + end
            lines.append(b" ".join([address, *kept]) + end)
    return b"".join(lines), count


def is_public(name: bytes, own: Collection[str] = ()) -> bool:
    """Tell whether a name is one that the public name system should answer."""
    text = name.decode("ascii", "replace").lower().rstrip(".")
    if _PUBLIC.fullmatch(text) is None or text in own:
        return False
    return text.rpartition(".")[2] not in _LOCAL_ENDINGS
