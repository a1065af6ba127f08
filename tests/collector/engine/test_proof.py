"""Proof of a fix: positive, on fresh facts, on the same network path."""

from hotline_proto.facts import UnknownReason

DNS = {
    "id": "dns.dead",
    "for_each": "resolver",
    "when": "!resolver.reachable",
    "expect": "resolver.reachable && net.dns.lookup.ok",
}
REACHABLE = "net.resolver.reachable"
KEY = "10.0.0.1"


def verdict(call, fix="fix"):
    return call.engine.verifications()[fix].state.value


def broken(build, bench, rule=DNS):
    call = bench(build(rule))
    call.run("resolvers", (REACHABLE, False, KEY))
    call.run("lookups", ("net.dns.lookup.ok", False))
    return call


def test_verified_when_what_must_be_seen_is_seen(build, bench):
    call = broken(build, bench)
    call.fix(call.finding("dns.dead"))
    call.run("resolvers", (REACHABLE, True, KEY))
    assert verdict(call) == "verifying", "the lookup has not been seen yet"
    call.run("lookups", ("net.dns.lookup.ok", True))
    assert verdict(call) == "verified"
    assert call.state("dns.dead") == "cleared"


def test_facts_from_before_the_fix_prove_nothing(build, bench):
    call = broken(build, bench)
    call.run("lookups", ("net.dns.lookup.ok", True))
    before = call.now / 1e6
    call.now += 1_000_000
    call.fix(call.finding("dns.dead"))
    call.run("resolvers", (REACHABLE, True, KEY), started=before)
    assert verdict(call) == "verifying"
    call.wait(10.1)
    assert verdict(call) == "could_not_verify"


def test_still_present_only_at_the_end(build, bench):
    call = broken(build, bench)
    call.fix(call.finding("dns.dead"))
    call.run("resolvers", (REACHABLE, False, KEY))
    assert verdict(call) == "verifying"
    call.wait(10.1)
    assert verdict(call) == "still_present"


def test_a_vanished_entity_could_not_be_verified(build, bench):
    call = broken(build, bench)
    call.fix(call.finding("dns.dead"))
    call.run("resolvers")
    call.run("lookups", ("net.dns.lookup.ok", True))
    call.wait(10.1)
    assert verdict(call) == "could_not_verify"
    assert call.state("dns.dead") == "active"


def test_another_network_path_could_not_verify_and_clears_nothing(build, bench):
    call = broken(build, bench)
    finding = call.finding("dns.dead")
    call.fix(finding)
    call.run("resolvers", (REACHABLE, True, KEY), path="phone", interface="wlan0")
    call.run("lookups", ("net.dns.lookup.ok", True), path="phone", interface="wlan0")
    call.wait(10.1)
    assert verdict(call) == "could_not_verify"
    assert "path" in call.engine.verifications()["fix"].reason
    assert finding.state.value == "active"
    assert finding.stale


def test_back_on_the_old_path_the_finding_is_judged_again(build, bench):
    call = broken(build, bench)
    finding = call.finding("dns.dead")
    call.run("resolvers", (REACHABLE, True, KEY), path="phone", interface="wlan0")
    assert finding.stale
    call.run("resolvers", (REACHABLE, False, KEY))
    assert not finding.stale
    call.run("resolvers", (REACHABLE, True, KEY))
    assert finding.state.value == "cleared"


def test_a_fault_on_the_new_path_is_a_finding_of_its_own(build, bench):
    call = broken(build, bench)
    old = call.finding("dns.dead")
    call.run("resolvers", (REACHABLE, False, KEY), path="phone", interface="wlan0")
    new = [f for f in call.engine.findings().values() if f is not old]
    assert [f.state.value for f in new] == ["active"]
    assert old.stale


def test_facts_of_other_sources_wait_until_measured_on_the_new_path(build, bench):
    rule = {"id": "a.b", "when": "!net.dns.lookup.ok && net.gateway.reachable"}
    call = bench(build(rule))
    call.run("lookups", ("net.dns.lookup.ok", False), path="home")
    call.run("ping", ("net.gateway.reachable", True), path="phone")
    assert call.state("a.b") != "active", "the two facts were never true on one path"
    call.run("lookups", ("net.dns.lookup.ok", False), path="phone")
    assert call.state("a.b") == "active"


def test_a_late_run_of_the_old_path_does_not_turn_the_path_back(build, bench):
    call = bench(build(DNS))
    early = call.now / 1e6
    call.now += 2_000_000
    call.run("resolvers", (REACHABLE, True, KEY), path="phone")
    call.run("lookups", ("net.dns.lookup.ok", False), path="home", started=early)
    assert call.engine.path(1).gateway == "phone"


def test_regressed_when_it_comes_back(build, bench):
    call = broken(build, bench)
    call.fix(call.finding("dns.dead"))
    call.run("resolvers", (REACHABLE, True, KEY))
    call.run("lookups", ("net.dns.lookup.ok", True))
    call.wait(2)
    call.run("resolvers", (REACHABLE, False, KEY))
    assert verdict(call) == "regressed"


def test_release_must_pass_before_it_is_verified(build, bench):
    call = broken(build, bench, {**DNS, "release": "3s"})
    call.fix(call.finding("dns.dead"))
    call.run("resolvers", (REACHABLE, True, KEY))
    call.run("lookups", ("net.dns.lookup.ok", True))
    assert verdict(call) == "verifying"
    call.wait(3.1)
    assert verdict(call) == "verified"


def test_without_expect_the_condition_must_be_known_to_be_false(build, bench):
    rule = {"id": "cpu.hot", "when": "system.cpu.utilization > 0.9"}
    call = bench(build(rule))
    call.run("cpu", ("system.cpu.utilization", 0.95))
    call.fix(call.finding("cpu.hot"))
    call.run("cpu", ("system.cpu.utilization", UnknownReason.PERMISSION))
    assert verdict(call) == "verifying"
    call.run("cpu", ("system.cpu.utilization", 0.2))
    assert verdict(call) == "verified"


def test_a_window_counts_only_what_happened_since_the_fix(build, bench):
    rule = {"id": "disk.bad", "when": 'count(log.disk.io_error, "10m") > 2', "within": "20s"}
    from hotline_proto.facts import Events

    call = bench(build(rule))
    call.run("logs", ("log.disk.io_error", Events([1.0, 2.0, 3.0])))
    assert call.state("disk.bad") == "active"
    call.fix(call.finding("disk.bad"))
    call.now += 1_000_000
    call.run("logs", ("log.disk.io_error", Events()))
    assert verdict(call) == "verified"


def test_the_sources_of_a_fix_are_asked_again_until_it_is_settled(build, bench):
    call = broken(build, bench)
    call.fix(call.finding("dns.dead"))
    assert call.engine.follow_ups(1) == ["resolvers", "lookups"]
    assert call.engine.follow_ups(1) == []
    call.wait(1.1)
    assert call.engine.follow_ups(1) == ["resolvers", "lookups"]


def test_losing_the_route_is_still_the_same_path(build, bench):
    call = bench(build(DNS))
    call.run("resolvers", (REACHABLE, True, KEY), path="home")
    call.run("resolvers", (REACHABLE, False, KEY), path=None)
    finding = call.finding("dns.dead")
    assert finding.state.value == "active"
    call.fix(finding)
    call.run("resolvers", (REACHABLE, True, KEY), path="home")
    call.run("lookups", ("net.dns.lookup.ok", True), path="home")
    assert verdict(call) == "verified"


def test_after_losing_the_route_another_path_proves_nothing(build, bench):
    call = bench(build(DNS))
    call.run("resolvers", (REACHABLE, True, KEY), path="home")
    call.run("resolvers", (REACHABLE, False, KEY), path=None)
    finding = call.finding("dns.dead")
    call.fix(finding)
    call.run("resolvers", (REACHABLE, True, KEY), path="phone", interface="wlan0")
    call.run("lookups", ("net.dns.lookup.ok", True), path="phone", interface="wlan0")
    call.wait(10.1)
    assert verdict(call) == "could_not_verify"
    assert finding.stale


def test_a_finding_from_before_any_path_belongs_to_the_first_one(build, bench):
    call = bench(build(DNS))
    call.run("resolvers", (REACHABLE, False, KEY), path=None)
    finding = call.finding("dns.dead")
    call.fix(finding)
    call.run("resolvers", (REACHABLE, True, KEY), path="home")
    call.run("lookups", ("net.dns.lookup.ok", True), path="home")
    assert verdict(call) == "verified"


EMPTY = {"id": "dns.none", "when": "size(resolvers) == 0", "within": "10s"}


def test_an_empty_list_from_before_the_fix_is_no_fault_after_it(build, bench):
    call = bench(build(EMPTY))
    call.run("resolvers")
    call.now += 1_000_000
    call.fix(call.finding("dns.none"))
    call.wait(10.1)
    assert verdict(call) == "could_not_verify"


def test_an_empty_list_from_before_the_fix_proves_nothing(build, bench):
    rule = {"id": "dns.some", "when": "net.route.default", "expect": "size(resolvers) == 0"}
    call = bench(build(rule))
    call.run("resolvers")
    call.run("routes", ("net.route.default", True))
    call.now += 1_000_000
    call.fix(call.finding("dns.some"))
    call.run("routes", ("net.route.default", False))
    assert verdict(call) == "verifying"
    call.run("resolvers")
    assert verdict(call) == "verified"
