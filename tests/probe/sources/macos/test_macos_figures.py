"""Memory, heat and kind of a Mac, through the sources themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.machine import CommandResult
from hotline_probe.sources.cpu import Cpu
from hotline_probe.sources.host import Host
from hotline_probe.sources.macos import figures
from hotline_probe.sources.memory import Memory
from hotline_proto.facts import UnknownReason


def test_memory(macbook: Any, read: Any) -> None:
    told = read(Memory())
    assert told["system.memory.total"] == 2.0**34 and told["system.memory.available_ratio"] == 0.62
    assert told["system.memory.available"] == pytest.approx(0.62 * 2**34)
    assert told["system.paging.total"] == 2.0**31
    assert told["system.paging.out_rate"] is UnknownReason.PENDING
    assert "system.paging.utilization" not in told, "swap files grow with the need"


def test_swapping(macbook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(figures, "monotonic", lambda: now[0])
    memory = figures.MacMemory()
    list(memory.facts(macbook))
    later = type(macbook)(macbook.root)
    text = macbook.programs["vm_stat"].out.replace(" 2000.", " 2500.")
    later.programs = {**macbook.programs, "vm_stat": CommandResult(0, text, "")}
    now[0] += 4.0
    told = {fact.name: fact.value for fact in memory.facts(later)}
    assert (told["system.paging.in_rate"], told["system.paging.out_rate"]) == (0.0, 500 * 16384 / 4)


def test_a_mac_without_vm_stat(imac: Any, read: Any) -> None:
    told = read(Memory())
    assert told["system.memory.available_ratio"] == 0.04
    assert told["system.paging.total"] == 0.0
    assert told["system.paging.in_rate"] is UnknownReason.MISSING_TOOL


def test_heat(imac: Any, read: Any) -> None:
    assert read(Cpu())["system.cpu.frequency_ratio"] == 0.45


def test_apples_processors_do_not_tell_their_speed(macbook: Any, read: Any) -> None:
    assert read(Cpu())["system.cpu.frequency_ratio"] is UnknownReason.UNSUPPORTED


def test_heat_is_asked_for_now_and_then(imac: Any, macbook: Any) -> None:
    now = [0.0]
    limit = figures.SpeedLimit(lambda: now[0])
    other = type(imac)(imac.root)
    other.prints("pmset -g therm", "")
    imac.prints("pmset -g therm", "\tCPU_Speed_Limit \t= 45\n")
    assert limit.of(imac) == 0.45 and limit.of(other) == 0.45
    now[0] += figures.ASK_EVERY
    assert limit.of(other) is UnknownReason.UNSUPPORTED


def test_virtual_or_not(macbook: Any, read: Any) -> None:
    assert read(Host())["host.virtual"] is False
    macbook.prints("sysctl -n kern.hv_vmm_present", "", "sysctl: unknown oid", 1)
    assert figures.is_virtual(type(macbook)(macbook.root)) is UnknownReason.MISSING_TOOL


def test_a_virtual_mac(imac: Any, read: Any) -> None:
    told = read(Host())
    assert (told["host.virtual"], told["host.os.type"]) == (True, "macos")
    assert told["system.reboot_required"] is UnknownReason.UNSUPPORTED


@pytest.mark.parametrize("text", ["", "The system has 5 pages", "System-wide memory free percentage: 62%"])
def test_what_does_not_tell(text: str) -> None:
    with pytest.raises(SourceFailed):
        figures.parse_pressure(text)
