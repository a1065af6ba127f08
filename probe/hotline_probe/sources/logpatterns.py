"""Which lines of a Linux log mean what: the pattern of each `log.*` fact.

Only the fact that a line matched leaves this package, never the line. A line is first searched for fixed
words, which is fast and linear; the expression, where there is one, only looks at lines that have them.
Sources: the kernel's own messages, loghub templates, the templates of netdata and Zabbix.
"""

from __future__ import annotations

from collections.abc import Iterator

from hotline_probe.sources.logkernel import KERNEL_PATTERNS
from hotline_probe.sources.logprograms import PROGRAM_PATTERNS
from hotline_probe.sources.logtypes import MAX_MESSAGE, LogEntry, Pattern, kernel_pattern, program_pattern

_BASIC = (
    kernel_pattern(
        "log.kernel.oops",
        ("Oops: ", "BUG: ", "kernel BUG at", "Kernel panic - ", "general protection fault, "),
        r"Oops: |BUG: (?:unable to handle|soft lockup|kernel NULL)|kernel BUG at|Kernel panic - "
        r"|^general protection fault, (?:probably|maybe)",
    ),
    kernel_pattern(
        "log.kernel.hung_task", (" blocked for more than ",), r"blocked for more than \d+ seconds"
    ),
    kernel_pattern(
        "log.memory.oom_kill",
        ("out of memory: Kill", "Out of memory: Kill"),
        r"ut of memory: Kill(?:ed)? process (?P<pid>\d+)",
    ),
    program_pattern(
        "log.memory.oom_kill",
        ("due to memory ",),
        r"^Killed \S+ due to memory (?:used|pressure)",
        "systemd-oomd",
    ),
    kernel_pattern(
        "log.memory.hardware",
        ("EDAC ", "section_type: memory error", "Memory failure: 0x"),
        r"EDAC \S+ \d+ (?:CE|UE) |section_type: memory error|Memory failure: 0x\w+: (?:recovery|unhandlable)",
    ),
    # Floppy and optical drives without a medium complain at every look.
    kernel_pattern(
        "log.disk.io_error",
        ("I/O error, dev ", "critical medium error, dev ", "mmcblk"),
        r"(?:I/O|critical medium) error, dev (?!fd\d|sr\d)|mmcblk\d+: (?:error|timed out)",
    ),
    kernel_pattern(
        "log.disk.link_reset",
        ("hard resetting link", "nvme", "reset SuperSpeed", "uas_eh_device_reset_handler start"),
        r"hard resetting link|nvme\S* .*timeout, (?:aborting|reset|disable)"
        r"|nvme\S* .*controller is down; will reset|reset SuperSpeed|uas_eh_device_reset_handler start",
    ),
    kernel_pattern(
        "log.fs.error",
        ("EXT4-fs", "EXT3-fs", "JBD2: Error -", "XFS (", "BTRFS ", "FAT-fs (", "F2FS-fs (", "ntfs3"),
        r"EXT[34]-fs (?:error|\(\S+\): error (?:count since|loading journal))|JBD2: Error -\d+ detected when "
        r"|XFS \(\S+\): .*(?:[Cc]orrupt|run xfs_repair)|BTRFS (?:error|critical)"
        r"|BTRFS warning .*csum failed|FAT-fs \(\S+\): error|F2FS-fs \(\S+\): .*(?:[Ii]nconsistent|corrupt)"
        r"|ntfs3\S* .*(?:is corrupt|It is recommened to use chkdsk)",
    ),
    kernel_pattern(
        "log.fs.remounted_read_only",
        ("Remounting filesystem read-only", "forced readonly", "Filesystem has been set read-only"),
    ),
    program_pattern(
        "log.fs.no_space",
        ("No space left on device", "Auf dem Gerät ist kein Speicherplatz mehr verfügbar", "ENOSPC"),
    ),
    kernel_pattern(
        "log.cpu.throttled",
        ("temperature above threshold, cpu clock throttled", "ritical temperature reached"),
    ),
    kernel_pattern(
        "log.usb.enumeration_failed",
        ("device descriptor read/", "device not accepting address", "unable to enumerate USB device"),
        r"device descriptor read/\w+, error -\d+|device not accepting address|unable to enumerate USB device",
    ),
    kernel_pattern("log.usb.over_current", ("over-current condition", "over-current change")),
    # Only the kernel's line: the network services write another about the same loss.
    kernel_pattern(
        "log.net.link_down",
        ("ink is Down", "ink is down", "ink down"),
        r"(?<!SATA [lL])ink (?:is )?[Dd]own",
    ),
    kernel_pattern("log.net.conntrack_full", ("table full, dropping packet",)),
    program_pattern(
        "log.net.address_conflict",
        ("uplicate address", "DAD failed", "onflict"),
        r"IPv6 duplicate address \S+ (?:used by \S+ )?detected|[Dd]uplicate address detected|DAD failed"
        r"|(?:ARP|[Aa]ddress) conflict|conflict detected for IP",
    ),
    kernel_pattern(
        "log.app.crash",
        ("segfault at ", "traps: "),
        r"\[(?P<pid>\d+)\]:? (?:segfault at |general protection|trap )",
    ),
    program_pattern(
        "log.app.crash",
        (" dumped core",),
        r"^Process (?P<pid>\d+) \(.*\) of user \d+ .*dumped core",
        "systemd-coredump",
    ),
    program_pattern(
        "log.auth.failure",
        ("Failed password for", "Failed keyboard-interactive"),
        programs="sshd sshd-session",
    ),
    program_pattern("log.auth.failure", ("Bad password attempt for ",), programs="dropbear"),
    # sshd says it once more in its own words.
    program_pattern(
        "log.auth.failure",
        ("authentication failure;",),
        r"^pam_\w+\((?!sshd)[^)]*\): authentication failure;",
    ),
    program_pattern(
        "log.update.key",
        ("NO_PUBKEY", "EXPKEYSIG", "REVKEYSIG", "KEYEXPIRED"),
        programs="apt apt-get apt.systemd.daily packagekitd PackageKit unattended-upgrade gnome-software",
    ),
    program_pattern(
        "log.update.source_gone",
        (" have a Release file", " has a Release file"),
        r"does not have a Release file|no longer has a Release file",
        "apt apt-get apt.systemd.daily packagekitd PackageKit unattended-upgrade gnome-software",
    ),
    program_pattern(
        "log.service.failed", ("Failed with result '", "entered failed state"), programs="systemd"
    ),
    program_pattern(
        "log.time.jump",
        ("stepped by ", "Time jumped", "System clock time unset or jumped"),
        programs="chronyd ntpd ntpsec systemd-journald systemd-timesyncd systemd",
    ),
)

PATTERNS = (*_BASIC, *KERNEL_PATTERNS, *PROGRAM_PATTERNS)
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
    for pattern in _candidates(entry):
        if not any(word in message for word in pattern.words):
            continue
        found = pattern.expression.search(message) if pattern.expression else None
        if pattern.expression is None:
            yield pattern.fact, ""
        elif found:
            yield pattern.fact, found.groupdict().get("pid") or ""


# Most lines need not be searched for what only the kernel or another program writes.
_OF_KERNEL = tuple(pattern for pattern in PATTERNS if pattern.kernel)
_OF_ANYBODY = tuple(pattern for pattern in PATTERNS if not pattern.kernel and not pattern.programs)
_OF_PROGRAM: dict[str, tuple[Pattern, ...]] = {
    program: tuple(pattern for pattern in PATTERNS if program in pattern.programs)
    for program in {program for pattern in PATTERNS for program in pattern.programs}
}


def _candidates(entry: LogEntry) -> Iterator[Pattern]:
    yield from _OF_KERNEL if entry.kernel else ()
    yield from _OF_ANYBODY
    yield from _OF_PROGRAM.get(entry.program, ())
