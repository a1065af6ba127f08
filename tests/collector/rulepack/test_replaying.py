"""A record through another pack: what it finds, what differs, and always the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hotline_collector.console.cli import hotline
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.loader import load_files
from hotline_collector.rulepack.replaying import differences, original_digest, replay
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.record import Entry, EntryKind, pack_entry, write_file
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder

CATALOGUE = load_catalogue()
START = 1_700_000_000_000_000
RULE = """\
id: {id}
status: stable
severity: {severity}
title: {{en: Title, de: Titel}}
symptom: {{en: Symptom, de: Zeichen}}
when: system.cpu.utilization > {limit}
confidence: 0.9
fixes: [{{steps: [s]}}]
"""


def files(**limits: float) -> dict[str, bytes]:
    """Return the files of a pack with a rule a limit."""
    rules = {
        f"{name}.yaml": RULE.format(id=f"cpu.{name}", severity="warning", limit=limit).encode()
        for name, limit in limits.items()
    }
    return {"pack.yaml": b'{name: t, version: "1"}', "steps.yaml": b"s: {en: Do it, de: Tun}", **rules}


def pack(**limits: float) -> RuleSet:
    return load_files(files(**limits), CATALOGUE)


@pytest.fixture
def record() -> Callable[..., list[Entry]]:
    """Return a function that makes the record of a machine with these processor uses, one a second."""

    def make(rules: RuleSet, *used: float) -> list[Entry]:
        opened = rec.CallOpened(call_id="c", pack_digest=rules.pack.digest)
        link = rec.LinkChanged(target=1, up=True, session_id="s", boot_id="b", clock_offset_us=START)
        entries = [
            Entry(EntryKind.CALL_OPENED, 0, START, opened.SerializeToString()),
            Entry(EntryKind.TARGET_ADDED, 1, START, rec.TargetAdded(target=1).SerializeToString()),
            Entry(EntryKind.LINK_CHANGED, 1, START, link.SerializeToString()),
        ]
        encoder = ReadingEncoder(CATALOGUE)
        for second, value in enumerate(used, 1):
            run = SourceRun("cpu", SourceStatus.OK, second, 0.0, [Fact("system.cpu.utilization", value)])
            entries += [
                Entry(EntryKind.PROBE_FRAME, 1, START + second * 1_000_000, frame.SerializeToString())
                for frame in encoder.encode([run], second)
            ]
        return entries

    return make


def test_a_record_is_judged_by_any_pack(record: Any) -> None:
    entries = record(pack(high=0.9), 0.5, 0.95, 0.2)
    assert original_digest(entries) == pack(high=0.9).pack.digest
    played = replay(entries, pack(low=0.4), CATALOGUE)
    assert [(f.rule, f.onset, f.changed, f.state, f.rank) for f in played.findings] == [
        ("cpu.low", 1.0, 3.0, "cleared", 0)
    ]
    assert played.refused == ()


def test_a_replay_is_always_the_same(record: Any) -> None:
    entries = record(pack(high=0.9), 0.5, 0.95, 0.2, 0.99)
    assert repr(replay(entries, pack(high=0.9, low=0.4), CATALOGUE)) == repr(
        replay(entries, pack(high=0.9, low=0.4), CATALOGUE)
    )


def test_differences_say_what_is_added_gone_and_changed(record: Any) -> None:
    entries = record(pack(high=0.9), 0.5, 0.95)
    old = replay(entries, pack(high=0.9, old=0.1), CATALOGUE)
    new = replay(entries, pack(high=0.4, new=0.2), CATALOGUE)
    told = {(d.new or d.old).rule: d.kind for d in differences(old, new)}
    assert told == {"cpu.high": "changed", "cpu.old": "gone", "cpu.new": "added"}
    assert differences(old, old) == []


def test_a_pack_that_changed_during_the_call_does_not_matter(record: Any) -> None:
    entries = record(pack(high=0.9), 0.95)
    switch = Entry(
        EntryKind.PACK_CHANGED, 0, START + 1, rec.PackChanged(pack_digest="gone").SerializeToString()
    )
    assert replay([*entries[:3], switch, *entries[3:]], pack(high=0.9), CATALOGUE) == replay(
        entries, pack(high=0.9), CATALOGUE
    )


def test_what_fits_the_pack_no_more_is_told(record: Any) -> None:
    entries = record(pack(high=0.9), 0.95)
    plan = Entry(
        EntryKind.PLAN_FOLLOWED, 1, START + 2_000_000, rec.PlanFollowed(plan="plan.x").SerializeToString()
    )
    played = replay([*entries, plan], pack(high=0.9), CATALOGUE)
    assert played.refused == ("2.0 s: there is no plan plan.x",)
    assert [f.rule for f in played.findings] == ["cpu.high"]


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Two packs in folders."""
    out = {}
    for name, limits in (("old", {"high": 0.9}), ("new", {"high": 0.4})):
        folder = out[name] = tmp_path / name
        folder.mkdir()
        for file, raw in files(**limits).items():
            (folder / file).write_bytes(raw)
    return out


def run(*words: object) -> Any:
    return CliRunner().invoke(hotline, ["rules", "replay", *map(str, words)])


def test_the_command_shows_the_difference(record: Any, folders: Any, tmp_path: Path) -> None:
    file = tmp_path / "call.hotline"
    file.write_bytes(write_file(pack_entry(*entry) for entry in record(pack(high=0.9), 0.5)))
    result = run(file, "--pack", folders["new"], "--against", folders["old"])
    assert result.exit_code == 1
    assert "+ cpu.high: from 1 s, active since 1 s, cause 1" in result.stdout
    assert run(file, "--pack", folders["old"], "--against", folders["old"]).exit_code == 0
    alone = run(file, "--pack", folders["new"])
    assert (alone.exit_code, "not at hand" in alone.stderr) == (0, True)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda raw: raw[:-5],
    "flip": lambda raw: raw[:40] + bytes([raw[40] ^ 1]) + raw[41:],
    "foreign": lambda _raw: b"PK\x03\x04",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_gives_one_clear_error(
    record: Any, folders: Any, tmp_path: Path, damage: str
) -> None:
    raw = write_file(pack_entry(*entry) for entry in record(pack(high=0.9), 0.5))
    file = tmp_path / "call.hotline"
    file.write_bytes(DAMAGES[damage](raw))
    result = run(file, "--pack", folders["new"])
    assert result.exit_code == 2
    assert "call.hotline: " in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("what", ["gone.hlb", "no/where", "."])
def test_a_file_that_is_not_there_is_not_taken_for_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(hotline, ["rules", "replay", what])
    assert done.exit_code == 2 and f"{what}: there is no such file, and no call" in done.output
