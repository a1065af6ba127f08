"""A collector that was killed: the probe resumes the same session by itself, findings continue."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, generate_latest


async def test_the_same_session_goes_on_after_a_crash(desk: Any, restarted: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    await line.tell(0.99)
    await line.acked(line.seq)
    await soon(desk.call().engine.causes)
    await desk.world.saver.flush()
    onset = [(c.finding.id, c.finding.onset) for c in desk.call().engine.causes()]
    desk.world.journal.hold()
    for _ in range(5):
        await line.tell(0.98)
    await soon(lambda: desk.counters.frames == line.seq)
    lost = line.seq - 5

    async with restarted(desk) as after:
        assert after.call().sessions[1].state == "lost"
        again = after.line(token)
        assert (await again.hello()).durable_seq == lost
        again.encoder = line.encoder
        await again.tell(0.97)
        await soon(lambda: after.counters.frames == 1)
        assert [(c.finding.id, c.finding.onset) for c in after.call().engine.causes()] == onset
        assert not after.call().engine.causes()[0].finding.stale
    desk.world.journal.release()


async def test_what_is_counted_can_be_read_by_prometheus(desk: Any) -> None:
    line, _ = await desk.open_line()
    await line.tell(0.5)
    await line.acked(line.seq)
    await line.send_raw(b"\xff")
    await line.refused()
    registry = CollectorRegistry()
    registry.register(desk.counters)
    text = generate_latest(registry).decode()
    assert f"hotline_intake_frames_total {float(line.seq)}" in text
    assert 'hotline_intake_refused_total{kind="malformed"} 1.0' in text
    assert "hotline_intake_joins_total 1.0" in text
