"""Parsers of the files that Linux shows for each process."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hotline_probe.errors import SourceFailed

# The kernel cuts a program's name to 15 bytes (TASK_COMM_LEN).
COMM_LENGTH = 15


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """What /proc/<pid>/stat tells; `ticks` and `started` (since boot) in hundredths, `rss` in pages."""

    name: str
    state: str
    ticks: int
    nice: int
    threads: int
    started: int
    rss: int


def parse_process_stat(text: str) -> ProcessStat:
    """Return what /proc/<pid>/stat says (proc_pid_stat(5)); a name may contain spaces and brackets.

    >>> parse_process_stat("7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 30 12 0 0 20 5 3 0 812 9000 250 0 0 0 0")
    ProcessStat(name='a (b) c', state='S', ticks=42, nice=5, threads=3, started=812, rss=250)

    Raises:
        SourceFailed: it is not such a file.
    """
    head, _, tail = text.rpartition(") ")
    _, bracket, name = head.partition(" (")
    fields = tail.split(" ", 23)
    try:
        ticks, nice = int(fields[11]) + int(fields[12]), int(fields[16])
        threads, started, rss = int(fields[17]), int(fields[19]), int(fields[21])
    except (ValueError, IndexError):
        raise SourceFailed("a process's stat file is broken") from None
    if not bracket or min(ticks, threads, started) < 0 or not -100 <= nice <= 100:
        raise SourceFailed("a process's stat file is broken")
    return ProcessStat(name, fields[0], ticks, nice, threads, started, max(rss, 0))


def parse_status_uid(text: str) -> int | None:
    """Return the real user id of /proc/<pid>/status (proc_pid_status(5)), None if it is not there.

    >>> parse_status_uid("Name:\\tbash\\nUid:\\t1000\\t1000\\t1000\\t1000\\n")
    1000
    """
    match = re.search(r"^Uid:\t(\d{1,10})\t", text, re.MULTILINE | re.ASCII)
    return int(match[1]) if match else None


def parse_open_files_limit(text: str) -> int | None:
    """Return the soft limit of open files in /proc/<pid>/limits, None without one (proc_pid_limits(5)).

    >>> parse_open_files_limit("Max open files            1024                 524288            files \\n")
    1024
    """
    match = re.search(r"^Max open files +(\d{1,19}) ", text, re.MULTILINE | re.ASCII)
    return int(match[1]) if match else None


def parse_file_nr(text: str) -> tuple[int, int]:
    """Return the allocated and the most possible file handles of /proc/sys/fs/file-nr (proc_sys_fs(5)).

    >>> parse_file_nr("636\\t0\\t2466177\\n")
    (636, 2466177)

    Raises:
        SourceFailed: it is not such a file.
    """
    match = re.match(r"(\d{1,20})\s\d{1,20}\s(\d{1,20})\s*$", text, re.ASCII)
    if not match:
        raise SourceFailed("/proc/sys/fs/file-nr does not hold three numbers")
    return int(match[1]), int(match[2])


def full_name(comm: str, cmdline: str) -> str:
    """Return a program's name, completed from its command line where the kernel cut it.

    >>> full_name("gnome-system-mo", "/usr/bin/gnome-system-monitor\\0--help\\0")
    'gnome-system-monitor'
    >>> full_name("kworker/0:1", "")
    'kworker/0:1'
    """
    if len(comm.encode("utf-8", "replace")) < COMM_LENGTH:
        return comm
    program = cmdline.partition("\0")[0].rpartition("/")[2]
    return program if program.startswith(comm) else comm
