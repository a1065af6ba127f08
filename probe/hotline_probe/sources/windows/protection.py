"""What protects Windows: its firewall, a virus scanner, updates; and programs that let others in.

Scanners and firewalls of other makers register in SecurityCenter2, which editions for servers have not.
"""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.machine import Machine
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.shell import Row, flag, integer, number, rows, text

_TIMEOUT = 9.0
_CENTER = "@(Get-CimInstance -Namespace root/SecurityCenter2 -ClassName {}|Select-Object productState)"
_SERVICE = "(Get-CimInstance Win32_Service -Filter 'Name=''{}''')"
SCRIPT = (
    "$p='HKLM:\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\';"
    "$f=@(foreach($n in @('DomainProfile','StandardProfile','PublicProfile')){"
    "(Get-ItemProperty -LiteralPath ($p+$n)).EnableFirewall});"
    "$m=Get-CimInstance -Namespace root/Microsoft/Windows/Defender -ClassName MSFT_MpComputerStatus;"
    "$a=$null;if($m.AntivirusSignatureLastUpdated){"
    "$a=((Get-Date)-$m.AntivirusSignatureLastUpdated).TotalSeconds};"
    "$u=Get-ItemProperty -LiteralPath 'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU';"
    "$r=@{profiles=$f;firewall=[string]"
    + _SERVICE.format("mpssvc")
    + ".State;update=[string]"
    + _SERVICE.format("wuauserv")
    + ".StartMode;noauto=$u.NoAutoUpdate;defender=@{enabled=$m.AntivirusEnabled;"
    "realtime=$m.RealTimeProtectionEnabled;age=$a};scanners="
    + _CENTER.format("AntiVirusProduct")
    + ";walls="
    + _CENTER.format("FirewallProduct")
    + "}"
)
# Bit of productState in SecurityCenter2 that is set while the product is on; Microsoft documents it nowhere.
_ON = 0x1000
# As their processes are called on Windows; those that only wait in the background say nothing.
REMOTE = frozenset(
    "anydesk dwagent nxplayer quickassist msra remotepc rustdesk screenconnect.windowsclient supremo "
    "teamviewer ultraviewer_desktop".split()
)
_UNTOLD = (
    *("security.authority.added", "security.authority.intercepting", "security.authority.debugging"),
    *("security.listening.count", "security.listening.unprotected"),
    *("security.ssh.everywhere", "security.ssh.password", "security.ssh.root_password"),
)


def protection_facts(machine: Machine) -> Iterator[Fact]:
    """Yield what PowerShell and the names of processes tell.

    Raises:
        SourceError: PowerShell cannot tell.
    """
    told = shell.ask(machine, SCRIPT, _TIMEOUT)
    expected, enabled, manager = firewall(told)
    yield Fact("security.firewall.manager", manager)
    yield Fact("security.firewall.expected", _or_unsupported(expected))
    yield Fact("security.firewall.enabled", _or_unsupported(enabled))
    yield Fact("security.antivirus.enabled", _or_unsupported(antivirus(told)))
    yield Fact("security.antivirus.database_age", _database_age(told))
    remote = sorted(REMOTE & _running())
    yield Fact("security.remote.running", len(remote))
    yield Fact("security.remote.programs", ", ".join(remote))
    yield Fact("security.updates.automatic", _or_unsupported(automatic(told)))
    yield from unknown(_UNTOLD, UnknownReason.UNSUPPORTED)


def firewall(told: Row) -> tuple[bool | None, bool | None, str]:
    """Return whether a firewall is set up to be on, whether one is, and whose it is."""
    if _registered(told, "walls"):
        return True, True, "other"
    profiles = told.get("profiles")
    states = [state for state in profiles if state in (0, 1)] if isinstance(profiles, list) else []
    running = text(told, "firewall")
    if not states or not running:
        return None, None, "windows"
    expected = all(states)
    return expected, expected and running == "Running", "windows"


def antivirus(told: Row) -> bool | None:
    """Tell whether a virus scanner watches, None if nobody can tell.

    >>> antivirus({"scanners": [{"productState": 266240}], "defender": {"realtime": False}})
    True
    """
    defender = told.get("defender")
    own = isinstance(defender, dict) and flag(defender, "realtime") is True
    if own or _registered(told, "scanners"):
        return True
    # On a server another maker's scanner is registered nowhere.
    return False if any(True for _ in rows(told, "scanners")) else None


def automatic(told: Row) -> bool | None:
    """Tell whether updates come by themselves, as they do unless somebody has switched that off."""
    mode = text(told, "update")
    if not mode:
        return None
    return mode != "Disabled" and integer(told, "noauto") != 1


def _registered(told: Row, name: str) -> bool:
    return any((integer(row, "productState") or 0) & _ON for row in rows(told, name))


def _database_age(told: Row) -> FactValue:
    """Defender's, as long as it is the scanner: makers of others tell Windows no dates."""
    defender = told.get("defender")
    if not isinstance(defender, dict) or flag(defender, "enabled") is not True:
        return UnknownReason.UNSUPPORTED
    age = number(defender, "age")
    return UnknownReason.UNSUPPORTED if age is None else max(age, 0.0)


def _running() -> set[str]:
    import psutil  # noqa: PLC0415 - costs memory, and Linux needs it nowhere

    names = (process.info["name"] or "" for process in psutil.process_iter(["name"]))
    return {name.lower().removesuffix(".exe") for name in names}


def _or_unsupported(value: bool | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value
