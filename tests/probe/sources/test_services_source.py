from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import MissingTool, SourceFailed
from hotline_probe.sources import services
from hotline_probe.sources.services import Services
from hotline_proto.facts import UnknownReason

LIST = "systemctl --no-pager --no-ask-password list-units"
SHOW = "systemctl --no-pager --no-ask-password show"
SCAN = f"{SHOW} --property=Id,NRestarts"


def unit(
    name: str, active: str, sub: str = "x", kind: str = "simple", restarts: int = 0, code: str = "1"
) -> str:
    return (
        f"Id={name}\nLoadState=loaded\nActiveState={active}\nSubState={sub}\nType={kind}\nResult=exit-code\n"
        f"NRestarts={restarts}\nExecMainCode={code}\nExecMainStatus=203\n"
    )


@pytest.fixture
def systemd(captured: Any) -> Any:
    captured.path("/run/systemd/system").mkdir(parents=True)
    captured.prints(LIST)
    captured.prints(SCAN)
    return captured


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clock to turn; returns a function that lets seconds pass."""
    now = [1000.0]
    monkeypatch.setattr(services, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def test_without_systemd(read: Any) -> None:
    assert read(Services()) == {
        "system.service.manager": "none",
        "system.service.failed_count": UnknownReason.UNSUPPORTED,
    }


def test_all_well(systemd: Any, read: Any) -> None:
    assert read(Services()) == {"system.service.manager": "systemd", "system.service.failed_count": 0}


def test_a_failed_unit_and_its_recovery(systemd: Any, read: Any) -> None:
    source = Services()
    systemd.prints(LIST, "cups.service loaded failed failed CUPS Scheduler\n")
    systemd.prints(SHOW, unit("cups.service", "failed"))
    facts = read(source)
    assert facts["system.service.failed_count"] == 1
    assert facts["service.state[cups.service]"] == "failed"
    assert facts["service.result[cups.service]"] == "exit-code"
    assert facts["service.exit_code[cups.service]"] == 203
    systemd.prints(LIST)
    systemd.prints(SHOW, unit("cups.service", "active"))
    facts = read(source)
    assert (facts["system.service.failed_count"], facts["service.state[cups.service]"]) == (0, "active")
    systemd.prints(SHOW, "Id=cups.service\nLoadState=not-found\nActiveState=inactive\n")
    assert "service.state[cups.service]" not in read(source)


def test_a_mount_has_no_restarts_and_a_killed_process_no_status(systemd: Any, read: Any) -> None:
    systemd.prints(LIST, "data.mount loaded failed failed /data\nweb.service loaded failed failed Web\n")
    mount = "Id=data.mount\nLoadState=loaded\nActiveState=failed\nResult=exit-code\n"
    systemd.prints(SHOW, mount + "\n" + unit("web.service", "failed", code="2"))
    facts = read(Services())
    assert facts["service.restarts[data.mount]"] is UnknownReason.UNSUPPORTED
    assert facts["service.exit_code[web.service]"] is UnknownReason.UNSUPPORTED


def test_a_loop_is_noticed_between_two_starts(systemd: Any, read: Any, hours: Any) -> None:
    source = Services()
    systemd.prints(SCAN, "Id=web.service\nNRestarts=40\n\nId=old.service\nNRestarts=3\n")
    systemd.prints(SHOW, unit("web.service", "activating", "auto-restart", restarts=47))
    assert not any("web" in name for name in read(source))
    hours(services.SCAN_EVERY)
    systemd.prints(SCAN, "Id=web.service\nNRestarts=47\n\nId=old.service\nNRestarts=3\n")
    facts = read(source)
    assert facts["service.restarts[web.service]"] == 47
    assert not any("old" in name for name in facts)


def test_slow_starters_by_kind(systemd: Any, read: Any, hours: Any) -> None:
    source = Services()
    systemd.prints(LIST, "db.service loaded activating start DB\nbackup.service loaded activating start B\n")
    systemd.prints(
        SHOW, unit("db.service", "activating") + "\n" + unit("backup.service", "activating", kind="oneshot")
    )
    assert not any("service.state" in name for name in read(source))
    hours(services.STUCK_AFTER + 1)
    assert [name for name in read(source) if "service.state" in name] == ["service.state[db.service]"]
    hours(services.STUCK_ONESHOT_AFTER)
    assert len([name for name in read(source) if "service.state" in name]) == 2


def test_what_goes_wrong_is_said(captured: Any, read: Any) -> None:
    captured.path("/run/systemd/system").mkdir(parents=True)
    with pytest.raises(MissingTool):
        read(Services())
    captured.prints(LIST, err="Failed to connect to bus: Host is down\n", code=1)
    with pytest.raises(SourceFailed, match="Host is down"):
        read(Services())
