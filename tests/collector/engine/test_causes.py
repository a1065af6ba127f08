"""One cause, not twenty symptoms; and never the wrong one."""

CABLE = {
    "id": "net.link.no_carrier",
    "for_each": "interface",
    "when": "interface.physical && !interface.carrier",
    "explains": "net.route.missing",
}
ROUTE = {"id": "net.route.missing", "when": "!net.route.default", "explains": "net.dns.fails"}
DNS = {"id": "net.dns.fails", "when": "!net.dns.lookup.ok", "severity": "warning"}


def physical(name, carrier):
    return [("net.interface.physical", True, name), ("net.interface.carrier", carrier, name)]


def test_symptoms_are_folded_under_their_cause(build, bench):
    call = bench(build(CABLE, ROUTE, DNS))
    call.run("interfaces", *physical("eth0", False))
    call.run("routes", ("net.route.default", False))
    call.run("lookups", ("net.dns.lookup.ok", False), path=None)
    causes = call.engine.causes()
    assert [c.finding.rule for c in causes] == ["net.link.no_carrier"]
    assert [s.rule for s in causes[0].symptoms] == ["net.dns.fails", "net.route.missing"]


def test_an_intermediate_fault_that_could_not_be_seen_does_not_cut_the_chain(build, bench):
    call = bench(build(CABLE, ROUTE, DNS))
    call.run("interfaces", *physical("eth0", False))
    call.run("lookups", ("net.dns.lookup.ok", False), path=None)
    assert call.causes() == ["net.link.no_carrier"]


def test_an_idle_lan_socket_explains_nothing_on_wifi(build, bench):
    call = bench(build(CABLE, ROUTE, DNS))
    call.run("interfaces", *physical("eth0", False), *physical("wlan0", True))
    call.run("lookups", ("net.dns.lookup.ok", False), interface="wlan0")
    assert sorted(call.causes()) == ["net.dns.fails", "net.link.no_carrier"]


def test_a_fault_of_the_interface_explains_its_resolver_only(build, bench):
    slow = {"id": "res.dead", "for_each": "resolver", "when": "!resolver.reachable"}
    call = bench(build({**CABLE, "explains": "res.dead"}, slow))
    call.run("interfaces", *physical("eth0", False), *physical("wlan0", True))
    dead = "net.resolver.reachable"
    where = "net.resolver.interface"
    call.run(
        "resolvers",
        (dead, False, "10.0.0.1"),
        (where, "eth0", "10.0.0.1"),
        (dead, False, "10.9.9.9"),
        (where, "wlan0", "10.9.9.9"),
        interface="wlan0",
    )
    causes = {
        (c.finding.rule, c.finding.entity.key): [s.entity.key for s in c.symptoms]
        for c in call.engine.causes()
    }
    assert causes == {("net.link.no_carrier", "eth0"): ["10.0.0.1"], ("res.dead", "10.9.9.9"): []}


def test_a_name_server_on_this_computer_explains_that_names_fail(build, bench):
    dead = {"id": "res.dead", "for_each": "resolver", "when": "!resolver.reachable", "explains": DNS["id"]}
    call = bench(build(dead, DNS))
    call.run(
        "resolvers",
        ("net.resolver.reachable", False, "127.0.0.53"),
        ("net.resolver.interface", "lo", "127.0.0.53"),
        ("net.resolver.local", True, "127.0.0.53"),
    )
    call.run("lookups", ("net.dns.lookup.ok", False))
    assert call.causes() == ["res.dead"]


def test_a_network_fault_does_not_explain_a_local_service(build, bench):
    refused = {"id": "check.refused", "for_each": "check", "when": 'check.tcp_error == "refused"'}
    call = bench(build({**ROUTE, "explains": "check.refused"}, refused))
    call.run("routes", ("net.route.default", False))
    error, local = "check.tcp_error", "check.local"
    call.run(
        "checks",
        (error, "refused", "127.0.0.1:80"),
        (local, True, "127.0.0.1:80"),
        (error, "refused", "mail:25"),
        (local, False, "mail:25"),
    )
    causes = {
        (c.finding.rule, c.finding.entity.key if c.finding.entity else "") for c in call.engine.causes()
    }
    assert causes == {("net.route.missing", ""), ("check.refused", "127.0.0.1:80")}


def test_a_cleared_cause_explains_nothing(build, bench):
    call = bench(build(ROUTE, DNS))
    call.run("routes", ("net.route.default", False))
    call.run("lookups", ("net.dns.lookup.ok", False))
    assert call.causes() == ["net.route.missing"]
    call.run("routes", ("net.route.default", True))
    assert call.causes() == ["net.dns.fails"]


def test_severity_then_confidence_order_causes(build, bench):
    rules = [
        {"id": "a.info", "severity": "info", "when": "system.cpu.utilization > 0.5"},
        {
            "id": "a.critical",
            "severity": "critical",
            "confidence": 0.3,
            "when": "system.cpu.utilization > 0.5",
        },
        {"id": "a.sure", "severity": "critical", "confidence": 0.9, "when": "system.cpu.utilization > 0.5"},
        {"id": "a.warning", "severity": "warning", "when": "system.cpu.utilization > 0.5"},
    ]
    call = bench(build(*rules))
    call.run("cpu", ("system.cpu.utilization", 0.9))
    assert call.causes() == ["a.sure", "a.critical", "a.warning", "a.info"]


LEXICON = """
slow: {label: {en: Slow, de: Langsam}, words: [langsam, computer is slow], symptoms: [a.cpu]}
"""


def test_the_complaint_leads_the_ranking_and_the_rest_is_also_noticed(build, bench):
    rules = [
        {"id": "a.cpu", "severity": "info", "when": "system.cpu.utilization > 0.5"},
        {"id": "a.heat", "severity": "info", "when": "system.cpu.iowait_ratio > 0.5", "explains": "a.cpu"},
        {"id": "a.disk", "severity": "critical", "when": "system.cpu.steal_ratio > 0.1"},
    ]
    call = bench(build(*rules, lexicon=LEXICON), complaint="Mein Rechner ist so LANGSAMM geworden!")
    call.run(
        "cpu",
        ("system.cpu.utilization", 0.9),
        ("system.cpu.iowait_ratio", 0.9),
        ("system.cpu.steal_ratio", 0.9),
    )
    causes = call.engine.causes()
    assert [(c.finding.rule, c.relevant) for c in causes] == [("a.heat", True), ("a.disk", False)]


def test_weights_of_the_complaint_come_before_severity(build, bench):
    rules = [
        {"id": "a.likely", "severity": "info", "when": "system.cpu.utilization > 0.5"},
        {"id": "a.plain", "severity": "warning", "when": "system.cpu.utilization > 0.5"},
        {"id": "a.possible", "severity": "critical", "when": "system.cpu.utilization > 0.5"},
        {"id": "b.other", "severity": "critical", "when": "system.cpu.utilization > 0.5"},
    ]
    lexicon = """
slow: {label: {en: S, de: L}, words: [langsam], symptoms: {a.*: 1, a.likely: 3}}
hot: {label: {en: H, de: H}, words: [hot], symptoms: [a.plain]}
"""
    call = bench(build(*rules, lexicon=lexicon), complaint="langsam and hot")
    call.run("cpu", ("system.cpu.utilization", 0.9))
    causes = call.engine.causes()
    assert [c.finding.rule for c in causes] == ["a.likely", "a.plain", "a.possible", "b.other"]
    assert [c.relevant for c in causes] == [True, True, True, False]


QUESTIONS = """
ask.every: {type: bool, text: {en: E, de: E}}
ask.first: {type: bool, text: {en: F, de: F}}
ask.smell: {type: bool, hazard: true, text: {en: Does it smell burnt?, de: Riecht es verbrannt?}}
"""


def test_the_first_question_of_a_complaint_comes_first_while_it_decides_something(build, bench):
    rules = [
        {"id": "a.one", "when": "system.cpu.utilization > 0.5 && ask.every"},
        {"id": "a.two", "when": "system.cpu.utilization > 0.6 && ask.every"},
        {"id": "a.three", "when": "system.cpu.utilization > 0.7 && ask.first"},
        {"id": "a.smell", "hazard": "true", "when": "ask.smell"},
    ]
    lexicon = "slow: {label: {en: S, de: L}, words: [langsam], symptoms: {a.*: 1}, first_question: ask.first}"
    call = bench(build(*rules, questions=QUESTIONS, lexicon=lexicon), complaint="#slow")
    assert [q.fact for q in call.engine.questions()] == ["ask.smell", "ask.first", "ask.every"]
    call.run("cpu", ("system.cpu.utilization", 0.65))
    assert [q.fact for q in call.engine.questions()] == ["ask.smell", "ask.every"]


HAZARD_QUESTION = """
ask.smell: {type: bool, hazard: true, text: {en: Does it smell burnt?, de: Riecht es verbrannt?}}
"""


def test_hazards_come_before_everything(build, bench):
    from hotline_proto.record import EntryKind
    from hotline_proto.v1 import record_pb2 as rec

    rules = [
        {"id": "hazard.smell", "severity": "info", "confidence": 0.1, "hazard": "true", "when": "ask.smell"},
        {"id": "a.cpu", "when": "system.cpu.utilization > 0.5"},
    ]
    lexicon = "slow: {label: {en: S, de: L}, words: [langsam], symptoms: [a.cpu]}"
    call = bench(build(*rules, questions=HAZARD_QUESTION, lexicon=lexicon), complaint="langsam")
    call.run("cpu", ("system.cpu.utilization", 0.9))
    stated = rec.FactStated(target=1, fact="ask.smell", truth=True, origin=rec.ORIGIN_CALLER)
    call.input(EntryKind.FACT_STATED, stated.SerializeToString())
    assert call.causes() == ["hazard.smell", "a.cpu"]


def test_an_on_demand_source_is_asked_for_once_when_it_would_decide(build, bench):
    rule = {"id": "a.b", "when": "net.tcp.established > 100 && net.connections.close_wait > 50"}
    call = bench(build(rule))
    call.run("sockets", ("net.tcp.established", 500))
    assert call.state("a.b") == "suspected"
    assert call.engine.follow_ups(1) == ["connections"]
    call.run("sockets", ("net.tcp.established", 501))
    assert call.engine.follow_ups(1) == []


def test_a_list_is_unknown_until_its_source_reported_it(build, bench):
    rule = {"id": "all.dead", "when": "size(resolvers) > 0 && resolvers.all(r, !r.reachable)"}
    call = bench(build(rule))
    assert call.engine.is_unknown(1, "all.dead")
    call.run("resolvers")
    assert not call.engine.is_unknown(1, "all.dead")
    assert call.state("all.dead") == "none"
    call.run("resolvers", ("net.resolver.reachable", False, "a"), ("net.resolver.reachable", False, "b"))
    assert call.state("all.dead") == "active"
    call.run("resolvers", ("net.resolver.reachable", False, "a"), ("net.resolver.reachable", True, "b"))
    assert call.state("all.dead") == "cleared"


def test_symptoms_of_symptoms_are_folded_too(build, bench):
    hog = {"id": "a.hog", "for_each": "process", "when": "process.memory_ratio > 0.5", "explains": "a.thrash"}
    thrash = {"id": "a.thrash", "when": "system.pressure.memory.full > 0.1", "explains": "a.slow"}
    slow = {
        "id": "a.slow",
        "for_each": "disk",
        "when": "system.disk.utilization > 0.9".replace("system.", ""),
    }
    call = bench(build(hog, thrash, slow))
    call.run("processes", ("process.memory_ratio", 0.8, "1@2"))
    call.run("pressure", ("system.pressure.memory.full", 0.5))
    call.run("disks", ("system.disk.utilization", 1.0, "sda"))
    causes = call.engine.causes()
    assert [c.finding.rule for c in causes] == ["a.hog"]
    assert [s.rule for s in causes[0].symptoms] == ["a.slow", "a.thrash"]


def test_a_failing_drive_explains_the_disk_of_the_same_name_and_what_lies_on_it(build, bench):
    failing = {"id": "a.failing", "for_each": "drive", "when": "!drive.passed", "explains": "a.slow"}
    slow = {
        "id": "a.slow",
        "for_each": "disk",
        "when": "disk.utilization > 0.9",
        "explains": "a.read_only",
    }
    read_only = {"id": "a.read_only", "for_each": "filesystem", "when": "filesystem.read_only"}
    call = bench(build(failing, slow, read_only))
    call.run("drives", ("hw.drive.passed", False, "sda"), ("hw.drive.passed", True, "sdb"))
    call.run("disks", ("system.disk.utilization", 1.0, "sda"), ("system.disk.utilization", 1.0, "sdb"))
    call.run(
        "filesystems",
        ("system.filesystem.read_only", True, "/"),
        ("system.filesystem.disk", "sda", "/"),
    )
    causes = {(c.finding.rule, c.finding.entity.key): len(c.symptoms) for c in call.engine.causes()}
    assert causes == {("a.failing", "sda"): 2, ("a.slow", "sdb"): 0}


def test_only_a_rule_that_says_so_explains_across_targets(build, bench):
    from hotline_proto.record import Entry, EntryKind
    from hotline_proto.v1 import record_pb2 as rec

    def causes(across):
        router = {"id": "net.router.off", "when": "operator.outage", "explains": "net.dns.fails"}
        rules = build(router, DNS)
        rules.by_id["net.router.off"] = _with_across(rules.by_id["net.router.off"], across)
        call = bench(rules)
        added = Entry(
            EntryKind.TARGET_ADDED, 2, call.now, rec.TargetAdded(target=2, name="router").SerializeToString()
        )
        call.engine.apply_entry(added, {})
        stated = rec.FactStated(target=2, fact="operator.outage", truth=True, origin=rec.ORIGIN_OPERATOR)
        call.input(EntryKind.FACT_STATED, stated.SerializeToString())
        call.run("lookups", ("net.dns.lookup.ok", False))
        return call.causes()

    assert causes(across=True) == ["net.router.off"]
    assert sorted(causes(across=False)) == ["net.dns.fails", "net.router.off"]


def _with_across(compiled, across):
    from dataclasses import replace

    return replace(compiled, rule=replace(compiled.rule, across=across))
