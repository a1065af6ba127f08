"""Which lines of a Linux log mean what: the pattern of each `log.*` fact.

Only the fact that a line matched leaves this package, never the line. A line is first searched for fixed
words, which is fast and linear; the expression, where there is one, only looks at lines that have them.
Sources: the kernel's own messages, loghub templates, the templates of netdata and Zabbix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of a log; `age` in seconds, `program` as in syslog, `kernel` if the kernel itself wrote it."""

    age: float
    kernel: bool
    program: str
    message: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lines of one kind.

    One of `words` must be in the message; then `expression`, if any, must match. Its group `pid` names
    the process that the event is about: several lines about the same one are one event. `kernel` limits
    the pattern to the kernel's messages, `programs` to those of some programs, so that a name in a user's
    own message raises no alarm.
    """

    fact: str
    words: tuple[str, ...]
    expression: re.Pattern[str] | None = None
    kernel: bool = True
    programs: frozenset[str] = field(default_factory=frozenset)


def _kernel(fact: str, words: tuple[str, ...], expression: str = "") -> Pattern:
    return Pattern(fact, words, re.compile(expression, re.ASCII) if expression else None)


def _user(fact: str, words: tuple[str, ...], expression: str = "", programs: str = "") -> Pattern:
    compiled = re.compile(expression, re.ASCII) if expression else None
    return Pattern(fact, words, compiled, kernel=False, programs=frozenset(programs.split()))


PATTERNS = (
    _kernel(
        "log.kernel.oops",
        ("Oops: ", "BUG: ", "kernel BUG at", "Kernel panic - ", "general protection fault, "),
        r"Oops: |BUG: (?:unable to handle|soft lockup|kernel NULL)|kernel BUG at|Kernel panic - "
        r"|^general protection fault, (?:probably|maybe)",
    ),
    _kernel("log.kernel.hung_task", (" blocked for more than ",), r"blocked for more than \d+ seconds"),
    _kernel(
        "log.memory.oom_kill",
        ("out of memory: Kill", "Out of memory: Kill"),
        r"ut of memory: Kill(?:ed)? process (?P<pid>\d+)",
    ),
    _user(
        "log.memory.oom_kill",
        ("due to memory ",),
        r"^Killed \S+ due to memory (?:used|pressure)",
        "systemd-oomd",
    ),
    _kernel(
        "log.memory.hardware",
        ("EDAC ", "section_type: memory error", "Memory failure: 0x"),
        r"EDAC \S+ \d+ (?:CE|UE) |section_type: memory error|Memory failure: 0x\w+: (?:recovery|unhandlable)",
    ),
    # Floppy and optical drives without a medium complain at every look.
    _kernel(
        "log.disk.io_error",
        ("I/O error, dev ", "critical medium error, dev ", "mmcblk"),
        r"(?:I/O|critical medium) error, dev (?!fd\d|sr\d)|mmcblk\d+: (?:error|timed out)",
    ),
    _kernel(
        "log.disk.link_reset",
        ("hard resetting link", "nvme", "reset SuperSpeed", "uas_eh_device_reset_handler start"),
        r"hard resetting link|nvme\S* .*timeout, (?:aborting|reset|disable)"
        r"|nvme\S* .*controller is down; will reset|reset SuperSpeed|uas_eh_device_reset_handler start",
    ),
    _kernel(
        "log.fs.error",
        ("EXT4-fs", "EXT3-fs", "XFS (", "BTRFS ", "FAT-fs (", "F2FS-fs (", "ntfs3"),
        r"EXT[34]-fs (?:error|\(\S+\): error count since)|XFS \(\S+\): .*[Cc]orrupt|BTRFS (?:error|critical)"
        r"|BTRFS warning .*csum failed|FAT-fs \(\S+\): error|F2FS-fs \(\S+\): .*(?:[Ii]nconsistent|corrupt)"
        r"|ntfs3\S* .*(?:is corrupt|It is recommened to use chkdsk)",
    ),
    _kernel(
        "log.fs.remounted_read_only",
        ("Remounting filesystem read-only", "forced readonly", "Filesystem has been set read-only"),
    ),
    _user(
        "log.fs.no_space",
        ("No space left on device", "Auf dem Gerät ist kein Speicherplatz mehr verfügbar", "ENOSPC"),
    ),
    _kernel(
        "log.cpu.throttled",
        ("temperature above threshold, cpu clock throttled", "ritical temperature reached"),
    ),
    _kernel(
        "log.usb.enumeration_failed",
        ("device descriptor read/", "device not accepting address", "unable to enumerate USB device"),
        r"device descriptor read/\w+, error -\d+|device not accepting address|unable to enumerate USB device",
    ),
    _kernel("log.usb.over_current", ("over-current condition", "over-current change")),
    # Only the kernel's line: the network services write another about the same loss.
    _kernel(
        "log.net.link_down",
        ("ink is Down", "ink is down", "ink down"),
        r"(?<!SATA [lL])ink (?:is )?[Dd]own",
    ),
    _kernel("log.net.conntrack_full", ("table full, dropping packet",)),
    _user(
        "log.net.address_conflict",
        ("uplicate address", "DAD failed", "onflict"),
        r"IPv6 duplicate address \S+ (?:used by \S+ )?detected|[Dd]uplicate address detected|DAD failed"
        r"|(?:ARP|[Aa]ddress) conflict|conflict detected for IP",
    ),
    _kernel(
        "log.app.crash",
        ("segfault at ", "traps: "),
        r"\[(?P<pid>\d+)\]:? (?:segfault at |general protection|trap )",
    ),
    _user(
        "log.app.crash",
        (" dumped core",),
        r"^Process (?P<pid>\d+) \(.*\) of user \d+ .*dumped core",
        "systemd-coredump",
    ),
    _user(
        "log.auth.failure",
        ("Failed password for", "Failed keyboard-interactive"),
        programs="sshd sshd-session",
    ),
    # sshd says it once more in its own words.
    _user(
        "log.auth.failure",
        ("authentication failure;",),
        r"^pam_\w+\((?!sshd)[^)]*\): authentication failure;",
    ),
    _user(
        "log.update.key",
        ("NO_PUBKEY", "EXPKEYSIG", "REVKEYSIG", "KEYEXPIRED"),
        programs="apt apt-get apt.systemd.daily packagekitd PackageKit unattended-upgrade gnome-software",
    ),
    _user(
        "log.update.source_gone",
        (" have a Release file", " has a Release file"),
        r"does not have a Release file|no longer has a Release file",
        "apt apt-get apt.systemd.daily packagekitd PackageKit unattended-upgrade gnome-software",
    ),
    _user("log.service.failed", ("Failed with result '", "entered failed state"), programs="systemd"),
    _user(
        "log.time.jump",
        ("stepped by ", "Time jumped", "System clock time unset or jumped"),
        programs="chronyd ntpd ntpsec systemd-journald systemd-timesyncd systemd",
    ),
)

FACTS = tuple(dict.fromkeys(pattern.fact for pattern in PATTERNS))
# What the kernel's own buffer can tell without the rest of the log.
KERNEL_FACTS = frozenset(pattern.fact for pattern in PATTERNS if pattern.kernel)


def matches(entry: LogEntry) -> Iterator[tuple[str, str]]:
    """Yield the facts that an entry is an event of, each with the pid it is about, if any.

    >>> list(matches(LogEntry(0, True, "kernel", "a.out[41]: segfault at 0 ip 0 sp 0 error 4 in a.out")))
    [('log.app.crash', '41')]
    >>> list(matches(LogEntry(0, False, "bash", "a.out[41]: segfault at 0 ip 0 sp 0 error 4 in a.out")))
    []
    """
    message = entry.message[:MAX_MESSAGE]
    for pattern in PATTERNS:
        if (pattern.kernel and not entry.kernel) or not any(word in message for word in pattern.words):
            continue
        if pattern.programs and entry.program not in pattern.programs:
            continue
        found = pattern.expression.search(message) if pattern.expression else None
        if pattern.expression is None:
            yield pattern.fact, ""
        elif found:
            yield pattern.fact, found.groupdict().get("pid") or ""
