"""network.prefer_ipv4: has programs try IPv4 before IPv6."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.textfile import TextFile
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

GAI_CONF = "/etc/gai.conf"
# RFC 6724 section 2.1 gives IPv4 the precedence 35 and IPv6 40; gai.conf(5) shows this line for the opposite.
_LINE = b"precedence ::ffff:0:0/96  100"


class NetworkPreferIpv4:
    """Prefers IPv4."""

    name = "network.prefer_ipv4"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Add the precedence to gai.conf(5) and make sure that it stands there."""
        file = TextFile(machine, GAI_CONF)
        if prefers_ipv4(file.content):
            raise ActionError("precondition", "IPv4 is preferred already")
        file.write(with_preference(file.content), prefers_ipv4)
        return Performed("programs that start now try IPv4 first", file.restore)


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
