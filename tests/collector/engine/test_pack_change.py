"""Another rule pack in the middle of a call: what goes on, what ends, and how proofs end."""

from hotline_proto.facts import Events

CPU = "system.cpu.utilization"
HOT = {"id": "cpu.hot", "when": f"{CPU} > 0.9"}
BUSY = {"id": "cpu.busy", "when": f"{CPU} > 0.5"}


def test_findings_of_rules_that_remain_carry_on(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    before = call.finding("cpu.hot")
    onset = before.onset
    call.now += 5_000_000
    edited = build({**HOT, "when": f"{CPU} > 0.8", "severity": "warning"}, BUSY)
    call.change_pack(edited)
    after = call.finding("cpu.hot")
    assert (after.id, after.onset, after.state.value) == (before.id, onset, "active")
    assert (after.pack_digest, after.pack_version) == (edited.pack.digest, "1")
    assert call.state("cpu.busy") == "active", "a new rule looks at what is known already"
    assert call.engine.rule(after).severity == "warning"
    call.run("cpu", (CPU, 0.7))
    assert call.state("cpu.hot") == "cleared"


def test_a_finding_ends_when_the_edited_rule_is_known_not_to_hold(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.change_pack(build({**HOT, "when": f"{CPU} > 0.99"}))
    assert call.state("cpu.hot") == "cleared"


def test_findings_of_a_rule_that_is_gone_end(build, bench):
    call = bench(build(HOT, {**BUSY, "hold": "10s"}))
    call.run("cpu", (CPU, 0.95))
    assert (call.state("cpu.hot"), call.state("cpu.busy")) == ("active", "confirming")
    call.change_pack(build({"id": "net.other", "when": "net.route.default"}))
    assert (call.state("cpu.hot"), call.state("cpu.busy")) == ("cleared", "none")
    assert call.causes() == []
    assert call.engine.rule(call.finding("cpu.hot")).title.en == "T", "people may still look at it"
    call.run("cpu", (CPU, 0.99))
    call.wait(20)
    assert (call.state("cpu.hot"), call.state("cpu.busy")) == ("cleared", "none")


def test_a_rule_that_comes_back_makes_a_new_finding(build, bench):
    rules = build(HOT)
    call = bench(rules)
    call.run("cpu", (CPU, 0.95))
    first = call.finding("cpu.hot").id
    call.now += 1_000_000
    call.change_pack(build(BUSY))
    call.now += 1_000_000
    call.change_pack(rules)
    assert call.state("cpu.hot") == "active"
    assert call.finding("cpu.hot").id != first


def test_a_rule_that_binds_something_else_is_another_rule(build, bench):
    call = bench(build(HOT))
    call.run("cpu", (CPU, 0.95))
    call.change_pack(
        build({"id": "cpu.hot", "for_each": "filesystem", "when": "filesystem.utilization > 0.9"})
    )
    assert call.state("cpu.hot") == "cleared"


def test_the_time_of_a_hold_that_has_passed_counts(build, bench):
    call = bench(build({**HOT, "hold": "6s"}))
    call.run("cpu", (CPU, 0.95))
    call.wait(4)
    call.change_pack(build({**HOT, "hold": "6s"}, BUSY))
    call.wait(1.9)
    assert call.state("cpu.hot") == "confirming"
    call.wait(0.2)
    assert call.state("cpu.hot") == "active"


def test_a_hold_that_became_shorter_than_what_has_passed_is_over(build, bench):
    call = bench(build({**HOT, "hold": "10s"}))
    call.run("cpu", (CPU, 0.95))
    call.wait(4)
    call.change_pack(build({**HOT, "hold": "3s"}))
    call.wait(0.001)
    assert call.state("cpu.hot") == "active"


def test_a_hold_of_the_old_pack_confirms_nothing_that_the_new_one_denies(build, bench):
    call = bench(build({**HOT, "hold": "5s"}))
    call.run("cpu", (CPU, 0.95))
    call.change_pack(build({**HOT, "hold": "60s"}))
    call.wait(6)
    assert call.state("cpu.hot") == "confirming"


def test_a_release_goes_on(build, bench):
    call = bench(build({**HOT, "release": "6s"}))
    call.run("cpu", (CPU, 0.95))
    call.run("cpu", (CPU, 0.1))
    call.wait(4)
    call.change_pack(build({**HOT, "release": "6s"}, BUSY))
    assert call.state("cpu.hot") == "clearing"
    call.wait(2.1)
    assert call.state("cpu.hot") == "cleared"


def test_windows_keep_what_they_have_seen(build, bench):
    window = {"id": "cpu.long", "when": f'min({CPU}, "10s") > 0.5'}
    call = bench(build(window))
    for _ in range(12):
        call.run("cpu", (CPU, 0.7))
        call.wait(1)
    assert call.state("cpu.long") == "active"
    call.change_pack(build(BUSY, {**window, "when": f'min({CPU}, "10s") > 0.6'}))
    assert call.state("cpu.long") == "active"
    assert not call.finding("cpu.long").stale


def test_a_window_of_a_rule_that_is_gone_disturbs_nobody(build, bench):
    counting = {"id": "log.errors", "when": 'count(log.disk.io_error, "5s") > 0'}
    call = bench(build(counting))
    call.run("logs", ("log.disk.io_error", Events([0.0])))
    assert call.state("log.errors") == "active"
    # The window would have run dry after five seconds and flipped the first leaf of the first rule.
    call.change_pack(build({"id": "a.first", "when": f"{CPU} > 0.5"}))
    call.run("cpu", (CPU, 0.9))
    call.wait(10)
    assert call.state("a.first") == "active"


def test_a_proof_goes_on_with_the_edited_rule(build, bench):
    rule = {**HOT, "expect": f"{CPU} < 0.5", "within": "30s"}
    call = bench(build(rule))
    call.run("cpu", (CPU, 0.95))
    call.fix(call.finding("cpu.hot"))
    call.change_pack(build({**rule, "expect": f"{CPU} < 0.3"}))
    call.now += 1_000_000
    call.run("cpu", (CPU, 0.4))
    assert call.engine.verifications()["fix"].state.value == "verifying"
    call.now += 1_000_000
    call.run("cpu", (CPU, 0.2))
    assert call.engine.verifications()["fix"].state.value == "verified"


def test_a_proof_whose_rule_is_gone_ends_unproven(build, bench):
    call = bench(build({**HOT, "within": "30s"}))
    call.run("cpu", (CPU, 0.95))
    call.fix(call.finding("cpu.hot"))
    call.change_pack(build(BUSY))
    proof = call.engine.verifications()["fix"]
    assert (proof.state.value, proof.reason) == ("could_not_verify", "its rule was taken out of the pack")
    assert proof.settled == call.now
    call.now += 1_000_000
    call.run("cpu", (CPU, 0.1))
    call.wait(60)
    assert proof.state.value == "could_not_verify"


def test_a_disabled_rule_is_not_judged_and_still_joins_what_it_explains(catalogue, bench, build):
    from dataclasses import replace

    from hotline_collector.engine.ruleset import RuleSet

    chain = build(
        {**HOT, "explains": "cpu.middle"},
        {"id": "cpu.middle", "when": f"{CPU} > 0.8", "explains": "cpu.busy"},
        BUSY,
    )
    rules = RuleSet(replace(chain.pack, disabled=frozenset({"cpu.middle"})), catalogue)
    call = bench(rules)
    call.run("cpu", (CPU, 0.95))
    assert call.state("cpu.middle") == "none"
    assert call.causes() == ["cpu.hot"]
