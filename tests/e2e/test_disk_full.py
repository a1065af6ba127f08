"""No room left under the store: nothing is acknowledged, nothing is lost, the operator is told."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

# A probe doubles its waits up to 15 s, and a busy machine starts a collector slowly.
RECONNECT = 45.0


def fill_up(folder: Path) -> Path:
    """Take all the room that there is, also what has become free since the last time."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * size) == size:
                    pass
    return filler


def reason(system: Any) -> str | None:
    """Return why the collector is not ready, None if it is."""
    status, body = system.web("/readyz")
    said = json.loads(body)
    assert (status == 200) == (said["status"] == "ready")
    return None if status == 200 else str(said["reason"])


def numbers(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["seq"] for frame in frames]


@pytest.mark.root
@pytest.mark.parametrize("killed", [False, True], ids=["goes on", "killed meanwhile"])
def test_full_disk_under_the_store(tmpfs: Any, make_system: Any, killed: bool) -> None:
    data = tmpfs("data", "16m") / "store"
    system = make_system(data_dir=data)
    system.start()
    call = system.open("slow")
    probe = system.probe(call.link)
    probe.event("first_look")
    system.settle(call, probe)

    filler = fill_up(data.parent)
    assert "journal cannot be written" in call.wait(lambda _: reason(system))
    # A commit that fails closes its connection, which gives some room back.
    fill_up(data.parent)
    assert "journal cannot be written" in call.wait(lambda _: reason(system))
    durable = system.journal(call.id)
    ahead = max(probe.sent()) + 3
    call.wait(lambda _: max(probe.sent()) >= ahead)  # the call goes on in memory
    assert numbers(system.journal(call.id)) == numbers(durable)
    assert system.web("/healthz")[0] == 200
    assert call.linked("connected")
    if killed:
        system.kill()
        mark = len(probe.lines())
        filler.unlink()
        system.start()
        probe.event("link", RECONNECT, after=mark, state="connected")
    else:
        filler.unlink()
    call.wait(lambda _: reason(system) is None)
    call.wait(lambda _: numbers(system.journal(call.id))[-1] > ahead)

    kept, sent = system.journal(call.id), probe.sent()
    assert numbers(kept) == list(range(1, len(kept) + 1)), "every number once, none missing"
    assert kept[: len(durable)] == durable
    assert kept == [sent[number] for number in numbers(kept)]
    assert "Traceback" not in system.collector.log.read_text()
