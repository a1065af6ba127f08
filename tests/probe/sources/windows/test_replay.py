"""Every source on two captured computers with Windows: a German laptop and an English virtual machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import SourceError
from hotline_probe.source import Context, Settings, Source
from hotline_probe.sources import all_sources
from hotline_probe.sources.windows import host, network, proxy, services, shell, storage
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Events, Fact, UnknownReason

FOLDER = Path(__file__).parent
CATALOGUE = load_catalogue()
TYPES: dict[str, type] = {"double": float, "int": int, "bool": bool, "text": str, "events": Events}
SCRIPTS = {
    "network": network.SCRIPT,
    "proxy": proxy.SCRIPT,
    "services": services.SCRIPT,
    "host": host.SCRIPT,
    "storage": storage.SCRIPT,
}
# These tell something without leave to send packets; a desktop has neither Wi-Fi nor, here, a lease.
TELLING = (
    "interfaces routes addresses resolvers lookups proxy filesystems memory cpu host logs services processes"
).split()
LAPTOP_ONLY = {"wifi", "leases"}


@pytest.fixture(params=["laptop_de", "desktop_en"])
def windows(request: pytest.FixtureRequest, captured: Any) -> Any:
    """A captured Windows whose console prints in its old character set, or with a mark before it."""
    told = json.loads((FOLDER / f"{request.param}.json").read_text(encoding="utf-8"))
    captured.system = "windows"
    for name, script in SCRIPTS.items():
        printed = json.dumps(told[name]) + "\r\n"
        assert printed.encode("cp850").decode("cp850") == printed  # plain ASCII, as the script makes it
        captured.prints(" ".join(shell.command(script)), printed)
    captured.prints(" ".join(shell.command("$t=")[:-1]), "\ufeff" + json.dumps(told["events"]))
    status = "\r\n".join(told["w32tm"])
    captured.prints("w32tm", status.encode().decode("cp850"), code=int("(0x" in status[-20:]))
    captured.put({"C:/Windows/System32/drivers/etc/hosts": "127.0.0.1 localhost\r\n"})
    captured.name = request.param
    return captured


def run(source: Source, machine: Any) -> list[Fact]:
    try:
        return list(source.read(Context(machine, Settings(active=False))))
    except SourceError as error:
        assert str(error), "an error must say what is wrong"
        return []


@pytest.mark.parametrize("make", all_sources(), ids=lambda make: make().name)
def test_only_what_the_catalogue_declares_for_windows(make: Callable[[], Source], windows: Any) -> None:
    source = make()
    facts = run(source, windows)
    assert len({(fact.name, fact.key) for fact in facts}) == len(facts)
    for fact in facts:
        spec = CATALOGUE.facts[fact.name]
        assert spec.source == source.name, fact.name
        assert "windows" in spec.platforms or fact.value is UnknownReason.UNSUPPORTED, fact.name
        assert bool(fact.key) == bool(spec.entity), fact
        if not isinstance(fact.value, UnknownReason):
            assert type(fact.value) is TYPES[spec.type], fact
            assert not spec.values or fact.value in spec.values, fact
            assert spec.unit != "1" or (isinstance(fact.value, float) and 0 <= fact.value <= 1), fact


@pytest.mark.parametrize("make", all_sources(), ids=lambda make: make().name)
def test_who_tells_something(make: Callable[[], Source], windows: Any) -> None:
    source = make()
    known = [fact for fact in run(source, windows) if not isinstance(fact.value, UnknownReason)]
    if source.name in TELLING or (source.name in LAPTOP_ONLY and windows.name == "laptop_de"):
        assert known
    elif source.name in LAPTOP_ONLY:
        assert not known


def test_what_is_wrong_with_the_laptop(windows: Any) -> None:
    told = {
        f"{fact.name}[{fact.key}]" if fact.key else fact.name: fact.value
        for make in all_sources()
        for fact in run(make(), windows)
    }
    if windows.name != "laptop_de":
        assert told["system.service.failed_count"] == 0 and told["net.route.default"] is False
        assert told["host.virtual"] is True and told["net.ip.self_assigned_only"] is True
        return
    assert told["service.state[Spooler]"] == "failed"
    assert told["net.proxy.host"] == "proxy.example.net"
    assert told["net.wifi.signal[WLAN]"] == -79.0
    assert told["net.route.interface"] == "WLAN"
    assert told["system.reboot_required"] is True
    assert told["time.synchronized"] is True
    assert told["log.boot.unclean"] == Events([1200.0])
    assert told["log.auth.failure"] is UnknownReason.PERMISSION
