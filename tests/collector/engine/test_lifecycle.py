"""The life of findings: nothing unknown is healthy, nothing unknown is a fault."""

from hotline_proto.facts import Events, SourceStatus, UnknownReason

HOT = {"id": "cpu.hot", "when": "system.cpu.utilization > 0.9"}
CPU = "system.cpu.utilization"


def test_a_rule_without_hold_fires_at_once(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    assert call.state("cpu.hot") == "active"
    assert [e.condition for e in call.engine.evidence(call.finding("cpu.hot"))] == [
        "system.cpu.utilization > 0.9"
    ]


def test_the_threshold_itself_is_not_above_it(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.9))
    assert call.state("cpu.hot") == "none"
    call.run("cpu", (CPU, 0.9000001))
    assert call.state("cpu.hot") == "active"


def test_hold_confirms_only_after_its_time(build, bench):
    call = bench(build({**HOT, "hold": "3s"}))
    call.run("cpu", (CPU, 0.95))
    assert call.state("cpu.hot") == "confirming"
    call.wait(2.9)
    assert call.state("cpu.hot") == "confirming"
    call.wait(0.2)
    assert call.state("cpu.hot") == "active"


def test_a_dip_during_hold_starts_it_again(build, bench):
    call = bench(build({**HOT, "hold": "3s"}))
    call.run("cpu", (CPU, 0.95))
    call.wait(2)
    call.run("cpu", (CPU, 0.5))
    assert call.state("cpu.hot") == "none"
    call.run("cpu", (CPU, 0.95))
    call.wait(2)
    assert call.state("cpu.hot") == "confirming"
    call.wait(1.1)
    assert call.state("cpu.hot") == "active"


def test_release_clears_only_after_its_time_and_can_be_called_back(build, bench):
    call = bench(build({**HOT, "release": "5s"}))
    call.run("cpu", (CPU, 0.95))
    first = call.finding("cpu.hot").id
    call.run("cpu", (CPU, 0.1))
    assert call.state("cpu.hot") == "clearing"
    call.wait(3)
    call.run("cpu", (CPU, 0.95))
    assert call.state("cpu.hot") == "active"
    assert call.finding("cpu.hot").id == first
    call.run("cpu", (CPU, 0.1))
    call.wait(5.1)
    assert call.state("cpu.hot") == "cleared"


def test_unknown_never_ends_active(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.run("cpu", (CPU, UnknownReason.PERMISSION))
    assert call.state("cpu.hot") == "active"
    assert call.finding("cpu.hot").stale
    call.run("cpu", (CPU, 0.2))
    assert call.state("cpu.hot") == "cleared"


def test_facts_grow_stale_when_their_source_falls_silent(build, bench, catalogue):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.wait(catalogue.sources["cpu"].fresh + 0.1)
    assert call.finding("cpu.hot").stale
    assert call.state("cpu.hot") == "active"
    call.run("cpu", (CPU, 0.95))
    assert not call.finding("cpu.hot").stale


def test_a_failed_run_refreshes_nothing(build, bench, catalogue):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.wait(catalogue.sources["cpu"].fresh - 0.5)
    call.run("cpu", status=SourceStatus.TIMEOUT)
    call.wait(1)
    assert call.finding("cpu.hot").stale


def test_an_unchanged_fact_stays_fresh_with_every_run(build, bench):
    call = bench(build(HOT))
    for _ in range(30):
        call.run("cpu", (CPU, 0.95))
        call.wait(1)
    assert not call.finding("cpu.hot").stale


def test_a_lost_link_keeps_findings_and_marks_them_stale(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.link(False)
    assert call.state("cpu.hot") == "active"
    assert call.finding("cpu.hot").stale
    call.link(True)
    call.run("cpu", (CPU, 0.95))
    assert not call.finding("cpu.hot").stale


def test_a_new_boot_believes_nothing_of_the_old_one(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.link(True, boot="another")
    assert call.finding("cpu.hot").stale
    assert call.engine.is_unknown(1, "cpu.hot")


def test_suspected_needs_support_and_a_reason_worth_pursuing(build, bench):
    rule = {"id": "a.b", "when": "system.cpu.utilization > 0.9 && system.memory.available_ratio < 0.1"}
    call = bench(build(rule))
    call.run("memory", ("system.memory.available_ratio", UnknownReason.PERMISSION))
    assert call.state("a.b") == "none", "nothing supports it"
    call.run("cpu", (CPU, 0.95))
    assert call.state("a.b") == "suspected"
    missing = call.engine.missing(call.finding("a.b"))
    assert [(m.fact, m.reason, m.settle) for m in missing] == [
        ("system.memory.available_ratio", UnknownReason.PERMISSION, "source:memory")
    ]
    call.run("memory", ("system.memory.available_ratio", UnknownReason.UNSUPPORTED))
    assert call.state("a.b") == "none", "an unsupported fact will never come"
    call.run("memory", ("system.memory.available_ratio", UnknownReason.PENDING))
    assert call.state("a.b") == "none", "a pending fact is on its way"


def test_two_missing_facts_are_no_suspicion(build, bench):
    rule = {
        "id": "a.b",
        "when": "system.cpu.utilization > 0.9 && system.memory.available_ratio < 0.1"
        " && system.paging.utilization > 0.9",
    }
    call = bench(build(rule))
    call.run("cpu", (CPU, 0.95))
    no = UnknownReason.PERMISSION
    call.run("memory", ("system.memory.available_ratio", no), ("system.paging.utilization", no))
    assert call.state("a.b") == "none"


def test_false_decides_whatever_is_unknown(build, bench):
    rule = {"id": "a.b", "when": "system.memory.available_ratio < 0.1 && system.cpu.utilization > 0.9"}
    call = bench(build(rule))
    call.run("cpu", (CPU, 0.1))
    assert not call.engine.is_unknown(1, "a.b")


def test_an_entity_that_vanished_is_unknown_not_cured(build, bench):
    rule = {
        "id": "res.dead",
        "for_each": "resolver",
        "when": "!resolver.reachable",
        "expect": "resolver.reachable",
    }
    call = bench(build(rule))
    reachable = "net.resolver.reachable"
    call.run("resolvers", (reachable, False, "10.0.0.1"), (reachable, True, "10.0.0.2"))
    assert call.state("res.dead", "10.0.0.1") == "active"
    call.run("resolvers", (reachable, True, "10.0.0.2"))
    assert call.state("res.dead", "10.0.0.1") == "active"
    assert call.finding("res.dead").stale
    call.run("resolvers", (reachable, True, "10.0.0.1"), (reachable, True, "10.0.0.2"))
    assert call.state("res.dead", "10.0.0.1") == "cleared"


def test_entities_without_findings_are_forgotten_when_they_go(build, bench):
    rule = {"id": "proc.hot", "for_each": "process", "when": "process.cpu > 0.9"}
    call = bench(build(rule))
    for round_ in range(50):
        call.run("processes", *(("process.cpu", 0.1, f"{round_}@{n}") for n in range(40)))
    assert len(call.engine.entity_keys(1, "process")) == 40


def test_a_finding_of_another_onset_has_another_id(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    first = call.finding("cpu.hot").id
    call.run("cpu", (CPU, 0.1))
    call.wait(1)
    call.run("cpu", (CPU, 0.95))
    assert call.finding("cpu.hot").id != first


def test_a_log_that_must_not_be_read_is_unknown_until_it_can(build, bench):
    call = bench(build({"id": "a.b", "when": 'count(log.disk.io_error, "10m") > 1'}))
    call.run("logs", ("log.disk.io_error", UnknownReason.PERMISSION))
    assert call.engine.is_unknown(1, "a.b")
    call.run("logs", ("log.disk.io_error", Events()))
    assert not call.engine.is_unknown(1, "a.b")
    call.run("logs", ("log.disk.io_error", Events([1.0, 0.5])))
    assert call.state("a.b") == "active"
    call.wait(60)
    assert call.state("a.b") == "active"


def test_events_leave_the_window_by_time_alone(build, bench):
    call = bench(build({"id": "a.b", "when": 'count(log.disk.io_error, "30s") > 1'}))
    call.run("logs", ("log.disk.io_error", Events([10.0, 0.0])))
    assert call.state("a.b") == "active"
    call.wait(20.1)
    assert call.state("a.b") == "cleared"
