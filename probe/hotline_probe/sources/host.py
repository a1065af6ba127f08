"""What computer this is and how long it has been running."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import MissingTool, SourceError
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.basics import exists, reason, uptime

TOOL_TIMEOUT = 2.0
# Update tools leave these behind: those of Debian and Ubuntu, and libzypp of openSUSE.
REBOOT_MARKS = ("/run/reboot-required", "/run/reboot-needed")
# Where one of these is, the mark's absence means that no restart is due.
REBOOT_MARKERS = (
    "/usr/share/update-notifier/notify-reboot-required",
    "/etc/kernel/postinst.d/unattended-upgrades",
    "/etc/kernel/postinst.d/reboot-notifier",
    "/usr/bin/zypper",
)
_LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE | re.ASCII)


def parse_os_release(text: str) -> dict[str, str]:
    r"""Return the values of os-release(5), without quotes.

    >>> parse_os_release('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n# a remark\n')
    {'PRETTY_NAME': 'Debian GNU/Linux 12 (bookworm)', 'ID': 'debian'}
    """
    found = {}
    for key, raw in _LINE.findall(text):
        value = raw.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = re.sub(r"\\([\"$`\\])", r"\1", value[1:-1])
        found[key] = value
    return found


def parse_cpuinfo_virtual(text: str) -> bool | None:
    """Return whether the processor says that it is a virtual one, None if it does not say.

    >>> parse_cpuinfo_virtual("processor : 0\\nflags : fpu vme hypervisor\\n")
    True
    >>> parse_cpuinfo_virtual("processor : 0\\nFeatures : fp asimd\\n") is None
    True
    """
    match = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return "hypervisor" in match[1].split() if match else None


class Host:
    """Reads os-release, /proc/sys/kernel asks uname and systemd-detect-virt; the interpreter elsewhere."""

    name = "host"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield what is known; each fact fails by itself."""
        if context.machine.system != "linux":
            yield from _elsewhere(context.machine)
            return
        machine = context.machine
        release = _os_release(machine)
        yield Fact("host.os.type", _os_type(machine, release))
        yield Fact(
            "host.os.name", release.get("PRETTY_NAME") or release.get("NAME") or UnknownReason.UNSUPPORTED
        )
        yield Fact("host.kernel.version", _text(machine, "/proc/sys/kernel/osrelease"))
        yield Fact("host.arch", _arch(machine))
        yield Fact("host.name", _text(machine, "/proc/sys/kernel/hostname"))
        yield Fact("host.virtual", _virtual(machine))
        try:
            yield Fact("system.uptime", uptime(machine))
        except SourceError as error:
            yield Fact("system.uptime", reason(error))
        yield Fact("system.reboot_required", _reboot_required(machine))


def _elsewhere(machine: Machine) -> Iterator[Fact]:
    yield from portable.host_facts(machine.system)
    if machine.system == "windows":
        from hotline_probe.sources.windows.host import host_facts  # noqa: PLC0415 - not on Linux

        yield from host_facts(machine)
    if machine.system == "macos":
        from hotline_probe.sources.macos.figures import is_virtual  # noqa: PLC0415 - not on Linux

        yield Fact("host.virtual", is_virtual(machine))


def _text(machine: Machine, path: str) -> str | UnknownReason:
    try:
        return machine.read(path).strip() or UnknownReason.UNSUPPORTED
    except SourceError as error:
        return reason(error)


def _os_release(machine: Machine) -> Mapping[str, str]:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        text = _text(machine, path)
        if isinstance(text, str):
            return parse_os_release(text)
    return {}


def _os_type(machine: Machine, release: Mapping[str, str]) -> str:
    kinds = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    if kinds & {"openwrt", "lede"}:
        return "openwrt"
    # Synology's DSM and QNAP's QTS keep their settings there.
    return (
        "nas"
        if any(exists(machine, path) for path in ("/etc/synoinfo.conf", "/etc/config/uLinux.conf"))
        else "linux"
    )


def _arch(machine: Machine) -> str | UnknownReason:
    known = _text(machine, "/proc/sys/kernel/arch")  # since Linux 6.1
    if isinstance(known, str):
        return known
    try:
        result = machine.run(["uname", "-m"], TOOL_TIMEOUT)
    except SourceError as error:
        return reason(error)
    return result.out.strip() or UnknownReason.UNSUPPORTED


def _virtual(machine: Machine) -> FactValue:
    """Ask systemd-detect-virt(1), which prints "none" on bare metal; else look at the processor's flags."""
    try:
        printed = machine.run(["systemd-detect-virt"], TOOL_TIMEOUT).out.strip()
        if printed:
            return printed != "none"
    except MissingTool:
        pass
    except SourceError as error:
        return reason(error)
    if any(exists(machine, path) for path in ("/.dockerenv", "/run/.containerenv", "/sys/hypervisor/type")):
        return True
    cpuinfo = _text(machine, "/proc/cpuinfo")
    told = parse_cpuinfo_virtual(cpuinfo) if isinstance(cpuinfo, str) else None
    return UnknownReason.UNSUPPORTED if told is None else told


def _reboot_required(machine: Machine) -> bool | UnknownReason:
    if any(exists(machine, path) for path in REBOOT_MARKS):
        return True
    return False if any(exists(machine, path) for path in REBOOT_MARKERS) else UnknownReason.UNSUPPORTED
