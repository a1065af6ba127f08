"""Services of a captured Windows."""

from __future__ import annotations

import pytest
from hotline_probe.sources.services import Services
from hotline_probe.sources.windows import services
from hotline_probe.sources.windows.services import SCRIPT, parse_services
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

UNSUPPORTED = UnknownReason.UNSUPPORTED


def service(
    name: str, state: str = "Running", mode: str = "Auto", code: int = 0, own: int = 0
) -> dict[str, object]:
    return {"Name": name, "State": state, "StartMode": mode, "ExitCode": code, "ServiceSpecificExitCode": own}


# What a healthy Windows 11 has: services that Windows starts when something needs them, and ends again.
HEALTHY = [
    service("Dnscache"),
    service("Spooler"),
    service("edgeupdate", "Stopped"),
    service("MapsBroker", "Stopped", code=1077),
    service("sppsvc", "Stopped"),
    service("WSearch", "Stopped", "Disabled", 1077),
    service("wuauserv", "Stopped", "Manual", 1077),
    service("CDPUserSvc_5f3a1", "Stopped", code=1067),
]


def test_a_healthy_one_has_no_failures(tells, read) -> None:
    tells(SCRIPT, {"services": HEALTHY})
    assert read(Services()) == {"system.service.manager": "windows", "system.service.failed_count": 0}


@pytest.mark.parametrize(
    ("code", "own", "result", "told"),
    [
        (1067, 0, "exit-code", 1067),
        (2, 0, "exit-code", 2),
        (1066, 2147500037, "exit-code", 2147500037),
        (1053, 0, "timeout", UNSUPPORTED),
        (1068, 0, "dependency", UNSUPPORTED),
        (1069, 0, "logon", UNSUPPORTED),
    ],
)
def test_a_print_spooler_that_failed(tells, read, code, own, result, told) -> None:
    tells(SCRIPT, {"services": [*HEALTHY[2:], service("Spooler", "Stopped", code=code, own=own)]})
    assert read(Services()) == {
        "system.service.manager": "windows",
        "system.service.failed_count": 1,
        "service.state[Spooler]": "failed",
        "service.result[Spooler]": result,
        "service.restarts[Spooler]": UNSUPPORTED,
        "service.exit_code[Spooler]": told,
    }


def failing(tells, read) -> Services:
    source = Services()
    tells(SCRIPT, {"services": service("Spooler", "Stopped", code=1067)})  # a single one is no list
    assert read(source)["service.state[Spooler]"] == "failed"
    return source


@pytest.fixture
def at_once(monkeypatch) -> None:
    """Have every reading ask anew."""
    monkeypatch.setattr(services._SERVICES, "_keep", 0.0)


@pytest.mark.usefixtures("at_once")
def test_its_recovery_is_seen(tells, read, captured) -> None:
    source = failing(tells, read)
    tells(SCRIPT, {"services": [service("Spooler")]})
    read(source)  # begins to ask anew
    while (facts := read(source))["service.state[Spooler]"] != "active":
        pass
    assert facts["system.service.failed_count"] == 0
    assert facts["service.result[Spooler]"] == "success"


@pytest.mark.usefixtures("at_once")
def test_one_that_was_disabled_is_gone(tells, read) -> None:
    source = failing(tells, read)
    tells(SCRIPT, {"services": [service("Spooler", "Stopped", "Disabled", 1067)]})
    while "service.state[Spooler]" in read(source):
        pass


def test_states(tells, read) -> None:
    told = {"services": [service("a", "Start Pending"), service("b", "Paused"), service("c", "Stopped")]}
    found = parse_services(told)
    assert [found[name].state for name in "abc"] == ["activating", "other", "inactive"]
    tells(SCRIPT, told)
    assert "service.state[a]" not in read(Services())  # it may take a while


@given(st.data())
def test_whatever_is_told_the_parser_makes_something_of_it(hostile, data) -> None:
    told = data.draw(hostile)
    for name, found in parse_services({"services": told}).items():
        assert name == found.name and found.state
