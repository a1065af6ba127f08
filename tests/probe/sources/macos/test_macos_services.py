"""Jobs of launchd and the unified log of a Mac, through the sources themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import Denied, SourceFailed
from hotline_probe.machine import CommandResult
from hotline_probe.sources.logs import Logs
from hotline_probe.sources.macos.launchd import Job, domain_of, parse_system
from hotline_probe.sources.macos.unifiedlog import PATTERNS, PREDICATE, UnifiedLogReader, matches
from hotline_probe.sources.services import Services
from hotline_proto.facts import Events, UnknownReason

NOW = 1e9  # 2001-09-09 01:46:40 UTC


def test_jobs_that_are_in_trouble(macbook: Any, read: Any) -> None:
    told = read(Services())
    assert (told["system.service.manager"], told["system.service.failed_count"]) == ("launchd", 3)
    shown = {key[14:-1] for key in told if key.startswith("service.state[")}
    assert shown == {"org.example.backupd", "com.vendor.scannerd", "org.example.agent"}
    assert told["service.state[org.example.backupd]"] == "activating", "it is started over and over"
    assert told["service.restarts[org.example.backupd]"] == 56
    assert told["service.exit_code[org.example.backupd]"] == 78
    assert told["service.state[com.vendor.scannerd]"] == "failed"
    assert told["service.result[com.vendor.scannerd]"] == "core-dump"
    assert told["service.exit_code[com.vendor.scannerd]"] is UnknownReason.UNSUPPORTED
    assert told["service.restarts[org.example.agent]"] is UnknownReason.UNSUPPORTED, "it is not kept alive"
    assert told["service.result[org.example.agent]"] == "exit-code"


def test_a_healthy_mac_has_no_failed_jobs(imac: Any, read: Any) -> None:
    assert read(Services()) == {"system.service.manager": "launchd", "system.service.failed_count": 0}


def test_a_job_that_recovered_stays(macbook: Any, read: Any) -> None:
    source = Services()
    read(source)
    later = type(macbook)(macbook.root)
    later.programs = {
        **macbook.programs,
        "launchctl print system": CommandResult(
            0, "x = {\n\tservices = {\n\t 9  0  com.vendor.scannerd\n\t}\n}\n", ""
        ),
    }
    told = {fact.name + fact.key: fact.value for fact in source._on_macos().facts(later)}
    assert told["system.service.failed_count"] == 1, "the agent still fails"
    assert told["service.statecom.vendor.scannerd"] == "active"
    assert "service.stateorg.example.backupd" not in told, "it was taken away"


def test_labels(macbook: Any) -> None:
    jobs = parse_system(macbook.programs["launchctl print system"].out)
    assert jobs["com.vendor.idle"] == Job(False, -9, "system") and not jobs["com.vendor.idle"].failed
    assert jobs["com.vendor.pending"].status is None and jobs["com.vendor.vpn.helper"].running
    assert domain_of(macbook, "org.example.agent") == "gui/501"
    assert domain_of(macbook, "org.example.backupd") == "system"


def test_the_log_is_counted(macbook: Any) -> None:
    logs = UnifiedLogReader(lambda: NOW)
    entries = logs.read(macbook, 3600.0)
    assert len(entries) == 9 and entries[0].age == 40.0
    assert macbook.started[-1].startswith(
        "log show --style ndjson --start @999996400 --predicate eventMessage"
    )
    assert logs.read(macbook, 3600.0) == [], "the same entries are not new"
    assert "--start @999999977" in macbook.started[-1]


def test_what_the_log_means(macbook: Any, read: Any) -> None:
    told = read(Logs())
    # A clock that was never set counts from 1970, and events are never older than what was looked at.
    counted = {key: len(value) for key, value in told.items() if isinstance(value, Events)}
    assert counted == {pattern.fact: 0 for pattern in PATTERNS} | {}, "those of 2001 are long gone"
    assert told["log.kernel.oops"] is UnknownReason.UNSUPPORTED


def test_patterns(macbook: Any) -> None:
    source = Logs()
    entries = UnifiedLogReader(lambda: NOW).read(macbook, 3600.0)
    counted = {fact: len(ages) for fact, ages in source._count(entries, matches, 3600.0).items()}
    assert counted == {
        "log.disk.io_error": 1,
        "log.memory.oom_kill": 1,
        "log.net.link_down": 1,
        "log.app.crash": 1,
        "log.auth.failure": 1,
    }


def test_where_an_hour_takes_too_long_a_minute_does(macbook: Any) -> None:
    class Slow(type(macbook)):  # type: ignore[misc]
        def run(self, argv: Any, timeout: float) -> CommandResult:
            if f"@{int(NOW) - 3600}" in argv:
                raise SourceFailed("log took longer than 5 s")
            return CommandResult(0, *(macbook.run(argv, timeout).out, ""))

    entries = UnifiedLogReader(lambda: NOW).read(Slow(macbook.root), 3600.0)
    assert len(entries) == 9 and f"--start @{int(NOW) - 60}" in macbook.started[-1]


def test_who_may_not_read_the_log(macbook: Any, read: Any) -> None:
    macbook.prints(
        "log show --style ndjson", "", "log: Could not open local log store: Operation not permitted", 64
    )
    with pytest.raises(Denied):
        read(Logs())


def test_the_predicate_holds_no_quotation_marks_of_ours() -> None:
    words = [word for pattern in PATTERNS for word in pattern.words]
    assert not [word for word in words if '"' in word or "\\" in word]
    assert PREDICATE.count('"') == 2 * len(set(words))
