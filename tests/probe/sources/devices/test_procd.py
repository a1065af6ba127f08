"""Services of a router that runs OpenWrt, as `ubus call service list` tells them (procd, instance.c)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hotline_probe.errors import Denied
from hotline_probe.source import Context
from hotline_probe.sources.devices.netifd import read_connections
from hotline_probe.sources.devices.procd import Service, read_services
from hotline_probe.sources.services import Services
from hotline_proto.facts import FactValue
from hypothesis import given
from hypothesis import strategies as st

RESPAWN = {"threshold": 3600, "timeout": 5, "retry": 5}
RUNS = {"running": True, "pid": 1204, "command": ["/usr/sbin/uhttpd", "-f"], "respawn": RESPAWN}
DOWN = {"running": False, "command": ["/usr/sbin/uhttpd", "-f"], "exit_code": 127, "respawn": RESPAWN}
JOB = {"running": False, "command": ["/sbin/urngd"], "exit_code": 0}


def listed(**instances: Any) -> str:
    return json.dumps({name: {"instances": {"instance1": one}} for name, one in instances.items()})


def test_what_procd_keeps_and_does_not_run_has_failed(captured: Any) -> None:
    captured.put({"/etc/openwrt_release": "DISTRIB_ID='OpenWrt'\n"})
    source = Services()

    def look(text: str) -> dict[tuple[str, str], FactValue]:
        captured.prints("ubus call service list", text)
        return {(fact.name, fact.key): fact.value for fact in source.read(Context(captured))}

    told = look(listed(uhttpd=RUNS, dnsmasq=RUNS, boot=JOB))
    assert told == {("system.service.manager", ""): "procd", ("system.service.failed_count", ""): 0}
    told = look(listed(uhttpd=DOWN, dnsmasq=RUNS, boot=JOB))
    assert told["system.service.failed_count", ""] == 1
    assert (told["service.state", "uhttpd"], told["service.exit_code", "uhttpd"]) == ("failed", 127)
    assert ("service.state", "dnsmasq") not in told
    assert look(listed(uhttpd=RUNS))["service.state", "uhttpd"] == "active"
    assert ("service.state", "uhttpd") not in look(listed(dnsmasq=RUNS))


def test_who_may_not_ask_is_told_so(captured: Any) -> None:
    captured.put({"/etc/openwrt_release": ""})
    captured.prints("ubus call", err="Failed to connect to ubus", code=255)
    with pytest.raises(Denied):
        list(Services().read(Context(captured)))


def test_a_service_of_several_parts_runs_only_as_a_whole() -> None:
    told = {"wpad": {"instances": {"hostapd": RUNS, "supplicant": DOWN, "once": JOB}}}
    assert read_services(told) == {"wpad": Service(False, 127)}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=20), _JSON, max_size=5))
def test_anything_is_read(told: dict[str, Any]) -> None:
    wrapped = {name: {"instances": {"a": one, "b": {"respawn": one or 1}}} for name, one in told.items()}
    for one in (told, wrapped):
        for name in read_services(one):
            assert name.isascii() and "/" not in name and not name.startswith(("-", "."))
    for connection in read_connections({"interface": list(told.values())}):
        assert connection.name and not connection.name.startswith(("-", "."))
