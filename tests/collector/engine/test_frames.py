"""What a session may announce, and that a refused announcement leaves nothing behind."""

import pytest
from hotline_collector.engine.errors import FrameError
from hotline_proto.v1 import probe_pb2 as pb

HOT = {"id": "proc.hot", "for_each": "process", "when": "process.cpu > 0.9"}


def announce(call, **parts):
    call.engine.apply_frame(1, call.now, pb.ProbeFrame(seq=1, announcement=pb.Announcement(**parts)))


def entity(number, key="a", kind="process"):
    return pb.EntityId(id=number, kind=kind, key=key)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"entities": [entity(1), pb.EntityId(id=0, kind="process", key="b")]}, "no number"),
        ({"entities": [entity(1), pb.EntityId(id=2, kind="", key="b")]}, "no kind"),
        ({"entities": [entity(1), entity(2, "x" * 200)]}, "characters"),
        ({"entities": [entity(n, str(n)) for n in range(1, 1500)]}, "entities of kind process"),
        ({"entities": [entity(n, str(n), f"kind{n}") for n in range(1, 20_000)]}, "more than 10000 entities"),
        (
            {"entities": [entity(1)], "slots": [pb.SlotId(id=1, fact="process.cpu", entity=9)]},
            "never announced",
        ),
        (
            {"entities": [entity(1)], "slots": [pb.SlotId(id=1, fact="net.route.default", entity=1)]},
            "is a fact of",
        ),
        ({"entities": [entity(1)], "slots": [pb.SlotId(id=1, fact="process.cpu")]}, "is a fact of process"),
        ({"entities": [entity(1)], "sources": [pb.SourceId(id=1, name="x" * 500)]}, "characters"),
        ({"entities": [entity(1)], "paths": [pb.PathId(id=n) for n in range(2000)]}, "more than 1000"),
    ],
)
def test_a_refused_announcement_leaves_nothing_behind(build, bench, parts, message):
    call = bench(build(HOT))
    with pytest.raises(FrameError, match=message):
        announce(call, **parts)
    assert call.engine.entity_keys(1, "process") == []
    assert not list(call.engine.facts(1))


def test_entities_that_come_and_go_never_use_up_a_session(build, bench):
    call = bench(build(HOT))
    for round_ in range(600):
        call.run("processes", *(("process.cpu", 0.1, f"{round_}@{n}") for n in range(20)))
    assert len(call.engine.entity_keys(1, "process")) == 20


def test_telling_everything_again_voids_the_old_numbers(build, bench):
    call = bench(build(HOT))
    for _ in range(4000):
        call.encoder.forget()
        call.run("processes", *(("process.cpu", 0.95, f"p@{n}") for n in range(20)))
    assert call.state("proc.hot", "p@3") == "active"


def test_a_name_that_the_catalogue_lacks_is_kept_and_not_judged(build, bench):
    call = bench(build(HOT))
    announce(
        call, sources=[pb.SourceId(id=900, name="future")], slots=[pb.SlotId(id=900, fact="future.fact")]
    )
    readings = pb.Readings(
        run_sources=[900], run_statuses=[1], run_ages_ms=[0], run_durations_us=[0], true_slots=[900]
    )
    call.engine.apply_frame(1, call.now, pb.ProbeFrame(seq=2, readings=readings))
    assert [(f.fact, f.value) for f in call.engine.facts(1)] == [("future.fact", True)]
