"""The Event Log of a captured Windows."""

from __future__ import annotations

import json

import pytest
from hotline_probe.errors import Denied, SourceFailed
from hotline_probe.sources.logs import Logs
from hotline_probe.sources.windows import events
from hotline_probe.sources.windows.events import FACTS, KINDS, parse_events, script
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Events, UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NONE = "NoMatchingEventsFound,Microsoft.PowerShell.Commands.GetWinEventCommand"
DENIED = (
    "LogInfoUnavailable,Microsoft.PowerShell.Commands.GetWinEventCommand "
    "NoMatchingLogsFound,Microsoft.PowerShell.Commands.GetWinEventCommand"
)
LOGS = list(dict.fromkeys(kind.log for kind in KINDS))


def event(provider: str, number: int, record: int, age: float = 60.0) -> dict[str, object]:
    return {"Provider": provider, "Id": number, "Record": record, "Age": age}


def told(failures: dict[str, str] | None = None, **found: object) -> dict[str, object]:
    names = {"system": "System", "application": "Application", "security": "Security"}
    by_log = {names[key]: value for key, value in found.items()}
    failing = {"Security": DENIED} if failures is None else failures
    logs = [
        {
            "Log": log,
            "Failure": failing.get(log, "" if log in by_log else NONE),
            "Events": by_log.get(log, []),
        }
        for log in LOGS
    ]
    return {"logs": logs}


@pytest.fixture
def answers(captured):
    """Say what PowerShell tells of the logs."""
    captured.system = "windows"
    return lambda row: captured.prints("powershell", json.dumps(row))


EXAMPLES = {
    ("system", "Microsoft-Windows-WER-SystemErrorReporting", 1001): "log.kernel.oops",
    ("system", "Microsoft-Windows-Kernel-Power", 41): "log.boot.unclean",
    ("system", "disk", 7): "log.disk.io_error",
    ("system", "disk", 51): "log.disk.io_error",
    ("system", "disk", 11): "log.disk.link_reset",
    ("system", "disk", 153): "log.disk.link_reset",
    ("system", "storahci", 129): "log.disk.link_reset",
    ("system", "iaStorAC", 129): "log.disk.link_reset",
    ("system", "Ntfs", 55): "log.fs.error",
    ("system", "Microsoft-Windows-Ntfs", 55): "log.fs.error",
    ("system", "srv", 2013): "log.fs.no_space",
    ("system", "Microsoft-Windows-WHEA-Logger", 47): "log.memory.hardware",
    ("system", "Microsoft-Windows-WHEA-Logger", 19): "log.cpu.hardware",
    ("system", "Microsoft-Windows-Kernel-Processor-Power", 37): "log.cpu.throttled",
    ("system", "Microsoft-Windows-Resource-Exhaustion-Detector", 2004): "log.memory.exhausted",
    ("system", "Tcpip", 4199): "log.net.address_conflict",
    ("system", "Microsoft-Windows-DNS-Client", 1014): "log.net.dns_timeout",
    ("system", "Microsoft-Windows-Dhcp-Client", 1002): "log.dhcp.no_answer",
    ("application", "Application Error", 1000): "log.app.crash",
    ("application", "Application Hang", 1002): "log.app.hang",
    ("system", "Microsoft-Windows-WindowsUpdateClient", 20): "log.update.failed",
    ("system", "Service Control Manager", 7031): "log.service.failed",
    ("system", "Microsoft-Windows-Time-Service", 134): "log.time.no_answer",
    ("security", "Microsoft-Windows-Security-Auditing", 4625): "log.auth.failure",
}
HARMLESS = [
    ("system", "Microsoft-Windows-Time-Service", 37),  # the number of another provider's trouble
    ("system", "Microsoft-Windows-Kernel-General", 41),
    ("application", "MsiInstaller", 1000),
    ("system", "Microsoft-Windows-WHEA-Logger", 17),
    ("system", "Service Control Manager", 7036),
    ("application", "disk", 7),  # whoever may write into this log may call himself so
]


@pytest.mark.parametrize(("written", "fact"), EXAMPLES.items())
def test_events_of_the_providers(answers, read, written, fact) -> None:
    log, provider, number = written
    answers(told(failures={}, **{log: [event(provider, number, 1)]}))
    facts = read(Logs())
    assert facts[fact] == Events([60.0])
    assert [name for name, value in facts.items() if isinstance(value, Events) and len(value)] == [fact]


@pytest.mark.parametrize("written", HARMLESS)
def test_harmless_events(answers, read, written) -> None:
    log, provider, number = written
    answers(told(failures={}, **{log: event(provider, number, 1)}))
    assert not [name for name, value in read(Logs()).items() if isinstance(value, Events) and len(value)]


def test_what_may_not_be_read_or_does_not_exist_is_unknown(answers, read) -> None:
    answers(told())
    facts = read(Logs())
    assert facts["log.auth.failure"] is UnknownReason.PERMISSION
    assert "log.usb.over_current" not in facts
    assert facts["log.app.crash"] == Events()
    # One of its two logs is enough.
    answers(told({"Microsoft-Windows-Dhcp-Client/Admin": "NoMatchingLogsFound,x", "Application": "Other,x"}))
    facts = read(Logs())
    assert facts["log.dhcp.no_answer"] == Events()
    assert facts["log.app.crash"] is UnknownReason.NOT_COLLECTED


def test_where_nothing_may_be_read_it_is_denied(answers, read) -> None:
    answers(told(dict.fromkeys(LOGS, "System.UnauthorizedAccessException,x")))
    with pytest.raises(Denied, match="administrator"):
        read(Logs())


def test_an_event_counts_once(answers, read, captured, monkeypatch) -> None:
    monkeypatch.setattr(events, "ASK_EVERY", 0.0)
    source = Logs()
    answers(told(application=[event("Application Error", 1000, 7, 600.0)]))
    assert read(source)["log.app.crash"] == Events([600.0])
    assert "AddSeconds(-3600)" in captured.started[-1]
    both = [event("Application Error", 1000, 7, 601.0), event("Application Error", 1000, 8, 700.0)]
    answers(told(application=both))
    [age] = read(source)["log.app.crash"]
    assert 0 <= age < 60  # written late, but not before the last look
    assert "AddSeconds(-120)" in captured.started[-1]


def test_one_trouble_of_many_cores_counts_once(answers, read) -> None:
    cores = [event("Microsoft-Windows-Kernel-Processor-Power", 37, n, 90 - n / 10) for n in range(8)]
    answers(told(system=cores))
    assert len(read(Logs())["log.cpu.throttled"]) == 1


def test_powershell_is_not_asked_every_time(answers, read, captured) -> None:
    source = Logs()
    answers(told(application=[event("Application Error", 1000, 7)]))
    read(source)
    assert read(source)["log.app.crash"] == Events()
    assert len(captured.started) == 1


def test_no_answer_is_no_silence(captured, read) -> None:
    captured.system = "windows"
    captured.prints("powershell", "", code=1)
    with pytest.raises(SourceFailed):
        read(Logs())


def test_every_fact_has_a_kind() -> None:
    specs = load_catalogue().facts_of_source["logs"]
    assert set(FACTS) == {spec.name for spec in specs if "windows" in spec.platforms}


def test_no_query_has_more_numbers_than_windows_takes() -> None:
    asked = script(3600.4)
    assert "AddSeconds(-3600)" in asked and '"' not in asked
    assert max(part.count(",") for part in asked.split("@(")) < events.MAX_IDS + 1


@given(st.data())
def test_whatever_is_told_the_parser_makes_something_of_it(hostile, data) -> None:
    rows = st.fixed_dictionaries({"Log": st.sampled_from(LOGS), "Failure": hostile, "Events": hostile})
    found, failures = parse_events({"logs": data.draw(st.lists(rows, max_size=4))})
    assert all(one.age >= 0 for one in found) and set(failures) <= set(LOGS)
