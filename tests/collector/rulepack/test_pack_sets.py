"""Several packs as one set: switching off and replacing rules of others; loading again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.folders import PackFiles, PackFolder, pack_folders
from hotline_collector.rulepack.loader import Parsed, load_files, load_packs
from hotline_collector.rulepack.packloader import PackLoader
from hotline_proto.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def rule(rule_id: str, when: str = "system.cpu.utilization > 0.9", explains: str = "") -> bytes:
    return f"""\
id: {rule_id}
severity: warning
title: {{en: T, de: T}}
symptom: {{en: S, de: S}}
when: {when}
confidence: 0.8
explains: [{explains}]
fixes: [{{steps: [wait]}}]
""".encode()


def shipped() -> PackFiles:
    files = {
        "pack.yaml": b'{name: shipped, version: "1"}',
        "steps.yaml": b"wait: {en: Wait, de: Warten}",
        "a.yaml": rule("cpu.a", explains="cpu.b"),
        "b.yaml": rule("cpu.b", explains="cpu.c"),
        "c.yaml": rule("cpu.c"),
    }
    return PackFiles("shipped", files, None)


def own(disable: str = "", **files: bytes) -> PackFiles:
    pack = {"pack.yaml": f'{{name: mine, version: "2", disable: [{disable}]}}'.encode()}
    return PackFiles("mine", pack | {f"{name}.yaml": raw for name, raw in files.items()}, None)


def load(*packs: PackFiles) -> RuleSet:
    return load_packs(packs, CATALOGUE)


def faults(*packs: PackFiles) -> list[str]:
    with pytest.raises(PackError) as caught:
        load(*packs)
    return [str(fault) for fault in caught.value.faults]


def test_a_rule_of_another_pack_can_be_switched_off() -> None:
    rules = load(shipped(), own("cpu.b"))
    assert sorted(rules.by_id) == ["cpu.a", "cpu.c"]
    assert rules.explained_by["cpu.a"] == {"cpu.b", "cpu.c"}, "the chain of causes does not break"
    assert (rules.pack.name, rules.pack.version) == ("shipped+mine", "1+2")


@pytest.mark.parametrize("first", [True, False])
def test_a_rule_of_another_pack_can_be_replaced(first: bool) -> None:
    mine = own("cpu.b", b=rule("cpu.b", "system.cpu.utilization > 0.5"))
    rules = load(mine, shipped()) if first else load(shipped(), mine)
    assert rules.by_id["cpu.b"].rule.when == "system.cpu.utilization > 0.5"
    assert not rules.pack.disabled


def test_the_same_id_without_a_word_is_a_fault() -> None:
    [fault] = faults(shipped(), own(b=rule("cpu.b")))
    assert fault.startswith("mine/b.yaml:1:5: cpu.b is also in shipped/b.yaml; to replace a rule")


def test_steps_of_two_packs_never_overwrite_each_other() -> None:
    mine = own(steps=b"nap: {en: Nap, de: Schlafen}\nwait: {en: Hurry, de: Eilen}")
    assert faults(shipped(), mine) == [
        "mine/steps.yaml:2:7: shipped/steps.yaml has wait already; choose another name"
    ]


def test_what_is_switched_off_must_be_there() -> None:
    [fault] = faults(shipped(), own("cpu.c, cpu.bb"))
    assert fault == "mine/pack.yaml:1:45: there is no rule cpu.bb in another pack; did you mean cpu.b?"
    [fault] = faults(shipped(), own("mine.x", x=rule("mine.x")))
    assert "there is no rule mine.x in another pack" in fault, "one's own rule is simply deleted"


def test_a_pack_alone_cannot_know_the_rules_of_others() -> None:
    files = dict(own("cpu.b", x=rule("mine.x")).files)
    assert list(load_files(files | {"steps.yaml": b"wait: {en: W, de: W}"}, CATALOGUE).by_id) == ["mine.x"]


def test_folders_of_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    places = [tmp_path / "a" / "rules", tmp_path / "b" / "rules"]
    for place in places:
        place.mkdir(parents=True)
    names = [folder.name for folder in pack_folders(places)]
    assert names[-2:] == ["rules", "rules-2"]
    assert len(names) == len(set(names))


def test_what_is_loaded_again_is_what_a_fresh_load_gives() -> None:
    parsed = Parsed()
    versions = [
        (shipped(),),
        (shipped(), own(x=rule("mine.x", "system.cpu.utilization > 0.2"))),
        (shipped(), own("cpu.a", x=rule("mine.x", "system.cpu.utilization > 0.3"))),
        (shipped(),),
    ]
    for packs in versions:
        again, fresh = load_packs(packs, CATALOGUE, parsed), load(*packs)
        assert again.pack == fresh.pack
        assert again.conditions == fresh.conditions
        assert list(again.by_id) == list(fresh.by_id)


def test_faults_are_told_again_and_end_with_the_mistake() -> None:
    parsed = Parsed()
    broken = own(x=rule("mine.x", "system.cpu.utilisation > 0.2"), y=b"id: [")
    for _ in range(2):
        with pytest.raises(PackError) as caught:
            load_packs([shipped(), broken], CATALOGUE, parsed)
        assert {fault.file for fault in caught.value.faults} == {"mine/x.yaml", "mine/y.yaml"}
    assert "mine.x" in load_packs([shipped(), own(x=rule("mine.x"))], CATALOGUE, parsed).by_id


def test_a_condition_that_names_a_question_is_checked_again_when_the_questions_change() -> None:
    parsed = Parsed()
    questions = b"ask.warm: {type: bool, text: {en: W, de: W}}"
    mine = own(x=rule("mine.x", "ask.warm"), questions=questions)
    assert "mine.x" in load_packs([shipped(), mine], CATALOGUE, parsed).by_id
    with pytest.raises(PackError, match=r"mine/x\.yaml:5:7: unknown fact ask\.warm"):
        load_packs([shipped(), own(x=rule("mine.x", "ask.warm"))], CATALOGUE, parsed)


def test_files_that_change_while_they_are_read_are_not_loaded(tmp_path: Path) -> None:
    for name, raw in shipped().files.items():
        (tmp_path / name).write_bytes(raw)
    loader = PackLoader(CATALOGUE, [PackFolder("p", tmp_path, True)])
    before = loader.stamp()
    assert loader.load_steady(before) is not None
    (tmp_path / "a.yaml").write_bytes(b"id: half writ")
    assert loader.load_steady(before) is None
    with pytest.raises(PackError):
        loader.load_steady(loader.stamp())
    (tmp_path / "a.yaml").unlink()
    (tmp_path / "b.yaml").rename(tmp_path / "d.yaml")
    now = loader.stamp()
    assert now not in (before, loader.stamp() - {next(iter(now))})
    loaded = loader.load_steady(now)
    assert loaded is not None and sorted(loaded.rules.by_id) == ["cpu.b", "cpu.c"]


def test_a_folder_that_goes_away_is_a_change_and_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    loader = PackLoader(CATALOGUE, [PackFolder("p", folder, True)])
    before = loader.stamp()
    folder.rmdir()
    gone = loader.stamp()
    assert gone != before
    with pytest.raises(PackError, match="No such file or directory"):
        loader.load_steady(gone)
