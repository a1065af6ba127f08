"""The wire format: small, announced once, complete after a resume."""

from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, NetworkPath, SourceRun, SourceStatus, UnknownReason
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.wire import ReadingEncoder
from hypothesis import given
from hypothesis import strategies as st

CATALOGUE = load_catalogue()
GAUGES = [f.name for f in CATALOGUE.facts_of_source["memory"] if f.type == "double"]
GAUGES += [f.name for f in CATALOGUE.facts_of_source["cpu"] if f.type == "double"]
PATH = NetworkPath("eth0", "gw")


def run(
    source: str, *facts: Fact, status: SourceStatus = SourceStatus.OK, path: NetworkPath | None = None
) -> SourceRun:
    return SourceRun(source, status, 10.0, 0.002, facts, path)


def readings(frames: list[pb.ProbeFrame]) -> list[pb.Readings]:
    return [frame.readings for frame in frames if frame.HasField("readings")]


def test_a_steady_reading_of_ten_changed_facts_fits_in_120_bytes() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    names = GAUGES[:10]
    encoder.encode([run("memory", *(Fact(name, 0.1) for name in names))], 10.05)
    frames = encoder.encode([run("memory", *(Fact(name, 0.123456789) for name in names))], 10.05)
    assert len(frames) == 1
    frames[0].seq = 36_000
    assert len(frames[0].SerializeToString()) <= 120


def test_unchanged_facts_do_not_travel_but_the_run_does() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    fact = Fact("system.cpu.utilization", 0.5)
    encoder.encode([run("cpu", fact)], 10.0)
    (again,) = readings(encoder.encode([run("cpu", fact)], 11.0))
    assert not again.double_slots
    assert list(again.run_statuses) == [SourceStatus.OK]


def test_true_and_one_are_different_values() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    encoder.encode([run("filesystems", Fact("system.filesystem.utilization", 1.0, "/"))], 1.0)
    (changed,) = readings(
        encoder.encode(
            [run("filesystems", Fact("system.filesystem.utilization", UnknownReason.PERMISSION, "/"))], 2.0
        )
    )
    assert list(changed.unknown_reasons) == [UnknownReason.PERMISSION]


def test_an_entity_that_is_gone_is_said_so_and_gets_a_new_number_later() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    one = Fact("net.interface.carrier", True, "eth0")
    first = encoder.encode([run("interfaces", one)], 1.0)
    number = first[0].announcement.entities[0].id
    (gone,) = readings(encoder.encode([run("interfaces")], 2.0))
    assert list(gone.gone_entities) == [number]
    back = encoder.encode([run("interfaces", one)], 3.0)
    assert back[0].announcement.entities[0].id != number
    assert list(back[1].readings.true_slots) == [back[0].announcement.slots[0].id]


def test_a_fact_that_a_run_no_longer_tells_becomes_unknown() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    both = (Fact("system.cpu.utilization", 0.5), Fact("system.cpu.iowait_ratio", 0.1))
    encoder.encode([run("cpu", *both)], 1.0)
    (partial,) = readings(encoder.encode([run("cpu", both[0], status=SourceStatus.PARTIAL)], 2.0))
    assert list(partial.unknown_reasons) == [UnknownReason.STALE]


def test_a_failed_run_says_nothing_about_facts() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    encoder.encode([run("cpu", Fact("system.cpu.utilization", 0.5))], 1.0)
    frames = encoder.encode([run("cpu", status=SourceStatus.TIMEOUT)], 2.0)
    (failed,) = readings(frames)
    assert not failed.unknown_slots
    assert not failed.gone_entities


def test_runs_on_different_paths_never_share_a_reading() -> None:
    encoder = ReadingEncoder(CATALOGUE)
    frames = encoder.encode(
        [
            run("lookups", Fact("net.dns.lookup.ok", True), path=PATH),
            run("ping", Fact("net.gateway.reachable", True), path=NetworkPath("wlan0", "phone")),
        ],
        1.0,
    )
    assert sorted(r.path for r in readings(frames)) == [1, 2]


def test_two_runs_of_a_source_at_once_never_share_a_reading() -> None:
    # In one reading nobody could tell which of two values of a fact is the newer one.
    encoder = ReadingEncoder(CATALOGUE)
    name, other = "net.gateway.reachable", NetworkPath("wlan0", "gw2")
    unknown, known = Fact(name, UnknownReason.UNSUPPORTED), Fact(name, True)
    cpu = run("cpu", Fact("system.cpu.utilization", 0.5), path=other)
    runs = [cpu, run("ping", unknown, path=PATH), run("ping", known, path=other)]
    first, second, third = readings(encoder.encode(runs, 10.0))
    assert (list(first.unknown_slots), list(first.true_slots)) == ([], [])
    assert (len(second.unknown_slots), list(second.true_slots)) == (1, [])
    assert (list(third.true_slots), list(third.unknown_slots)) == (list(second.unknown_slots), [])


@given(st.lists(st.dictionaries(st.sampled_from(GAUGES), st.floats(0, 1)), min_size=1, max_size=6))
def test_after_forget_everything_is_told_again(states: list[dict[str, float]]) -> None:
    encoder = ReadingEncoder(CATALOGUE)
    for state in states:
        encoder.encode([run("memory", *(Fact(n, v) for n, v in state.items()))], 1.0)
    encoder.forget()
    frames = encoder.encode([run("memory", *(Fact(n, v) for n, v in states[-1].items()))], 2.0)
    told = {slot.id: slot.fact for frame in frames for slot in frame.announcement.slots}
    (whole,) = readings(frames)
    assert {told[s]: v for s, v in zip(whole.double_slots, whole.doubles, strict=True)} == states[-1]
