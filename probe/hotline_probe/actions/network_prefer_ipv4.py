"""network.prefer_ipv4: has programs try IPv4 before IPv6."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.commands import Argv, run
from hotline_probe.actions.textfile import TextFile
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

GAI_CONF = "/etc/gai.conf"
# RFC 6724 section 2.1 gives IPv4 the precedence 35 and IPv6 40; gai.conf(5) shows this line for the opposite.
_MAPPED, _PREFERRED = "::ffff:0:0/96", 100
_SHOW: Argv = ("netsh", "interface", "ipv6", "show", "prefixpolicies")
_POLICY = re.compile(
    r"^[ \t]*(\d{1,9})\s+(\d{1,9})\s+([0-9a-fA-F:.]{2,45}/\d{1,3})\s*$", re.MULTILINE | re.ASCII
)
_PATIENCE = 10.0
_LINE = b"precedence ::ffff:0:0/96  100"


class NetworkPreferIpv4:
    """Prefers IPv4."""

    name = "network.prefer_ipv4"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Add the precedence to gai.conf(5), or to Windows' own table, and make sure that it stands there."""
        if machine.system == "windows":
            return _on_windows(machine)
        file = TextFile(machine, GAI_CONF)
        if prefers_ipv4(file.content):
            raise ActionError("precondition", "IPv4 is preferred already")
        file.write(with_preference(file.content), prefers_ipv4)
        return Performed("programs that start now try IPv4 first", file.restore)


def _on_windows(machine: LocalMachine) -> Performed:
    before = parse_policies(run(machine, _SHOW, _PATIENCE)).get(_MAPPED)
    if before is None:
        raise ActionError("precondition", "this system has no table of precedences")
    if before[0] >= _PREFERRED:
        raise ActionError("precondition", "IPv4 is preferred already")
    run(machine, setting(_PREFERRED, before[1]), _PATIENCE)
    if parse_policies(run(machine, _SHOW, _PATIENCE)).get(_MAPPED) != (_PREFERRED, before[1]):
        run(machine, setting(*before), _PATIENCE)
        raise ActionError("error", "the precedence did not stay")

    def undo() -> None:
        run(machine, setting(*before), _PATIENCE)

    return Performed("programs try IPv4 first", undo)


def setting(precedence: int, label: int) -> Argv:
    """Return what gives IPv4 a precedence in Windows' table: netsh."""
    return (
        *("netsh", "interface", "ipv6", "set", "prefixpolicy"),
        *(f"prefix={_MAPPED}", f"precedence={precedence}", f"label={label}"),
    )


def parse_policies(text: str) -> dict[str, tuple[int, int]]:
    r"""Return precedence and label by prefix in what `netsh interface ipv6 show prefixpolicies` prints.

    >>> parse_policies("Vorgänger   Label  Präfix\n--------  -----  ----\n        35      4  ::ffff:0:0/96\n")
    {'::ffff:0:0/96': (35, 4)}
    """
    return {prefix: (int(one), int(other)) for one, other, prefix in _POLICY.findall(text)}


def prefers_ipv4(content: bytes) -> bool:
    """Tell whether the line is there and not commented out."""
    wanted = _LINE.split()
    return any(line.partition(b"#")[0].split() == wanted for line in content.splitlines())


def with_preference(content: bytes) -> bytes:
    r"""Return the file with the line, and with the whole table, because a single precedence replaces it.

    >>> with_preference(b"# empty\n").splitlines()[-1]
    b'precedence ::ffff:0:0/96  100'
    """
    end = b"" if not content or content.endswith(b"\n") else b"\n"
    return content + end + b"".join(line + b"\n" for line in (*_TABLE, _LINE))


# The default table of gai.conf(5) but for IPv4.
_TABLE = (
    b"precedence ::1/128       50",
    b"precedence ::/0          40",
    b"precedence 2002::/16     30",
    b"precedence ::/96         20",
)
