"""The catalogue that ships, and what a wrong one is told."""

from pathlib import Path

import pytest
from hotline_proto.catalogue import OWN_KEY, load_catalogue, read_catalogue
from hotline_proto.errors import CatalogueError

CATALOGUE = load_catalogue()
RESERVED = {
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
}
ACTION = """["x.y"]
parameters = {}
risk = "low"
platforms = []
rights = "caller"
needs = "n"
proof = "p"
title = {en = "A", de = "A"}
effect = {en = "A", de = "A"}
"""


def test_facts_with_a_unit_are_doubles() -> None:
    for fact in CATALOGUE.facts.values():
        if fact.unit and not fact.unit.startswith("{"):
            assert fact.type == "double", fact.name


def test_names_are_identifiers_of_the_rule_language() -> None:
    names = [part for fact in CATALOGUE.facts for part in fact.split(".")]
    assert all(name.isidentifier() and name not in RESERVED for name in names)


def test_no_name_is_the_beginning_of_another() -> None:
    scalars = [fact.name for fact in CATALOGUE.facts.values() if not fact.entity]
    assert not [(a, b) for a in scalars for b in scalars if b.startswith(a + ".")]


def test_short_names_of_entities_have_no_dot() -> None:
    assert not [f.name for f in CATALOGUE.facts.values() if f.entity and "." in f.short]


def test_every_source_says_how_long_and_how_often() -> None:
    for source in CATALOGUE.sources.values():
        assert set(source.title) == {"en", "de"}
        if source.platforms and source.interval:
            assert source.interval * 2 <= source.fresh, f"{source.name} goes stale between two runs"


def test_dependencies_name_existing_kinds_and_facts() -> None:
    for kind in CATALOGUE.entities.values():
        shorts = {fact.short for fact in CATALOGUE.facts_of_entity[kind.name]}
        for base, short in kind.depends_on.items():
            assert base in CATALOGUE.entities
            assert short in shorts or short == OWN_KEY


def test_actions_speak_both_languages() -> None:
    for action in CATALOGUE.actions.values():
        assert set(action.title) == set(action.effect) == {"en", "de"}
        assert action.undo or not action.armed, "what may cut the connection can be taken back"


SOURCE = """\
title = {en = "A", de = "A"}
interval = 1.0
timeout = 1.0
fresh = 9.0
cost = "cheap"
platforms = []
"""
VALUES = '[facts]\n"a.b" = { type = "text", values = ["x", "y"], meaning = { en = "m", de = "m" } }\n'
FACT = '[facts]\n"a.b" = {{ type = "double", meaning = {} }}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "a.toml"),
        (SOURCE.replace("fresh", "frsh"), "fresh"),
        (SOURCE + '[facts]\n"a.b" = { type = "number" }', "type must be one of"),
        (SOURCE + '[facts]\n"a.b" = { type = "double", unit = "furlong" }', "unit 'furlong'"),
        (SOURCE + '[facts]\n"a.b" = { type = "double" }', r"a\.toml: a\.b: meaning is missing; write { en ="),
        (SOURCE + FACT.format('"m"'), r"a\.toml: a\.b: meaning must be { en = .*, not 'm'"),
        (SOURCE + FACT.format('{ en = "m" }'), r"a\.toml: a\.b: meaning lacks de; write"),
        (SOURCE + FACT.format('{ en = " ", de = 1 }'), "meaning lacks en and de"),
        (SOURCE + FACT.format('{ en = "m", de = "m", fr = "m" }'), "meaning has fr, which is no language"),
        (SOURCE + VALUES, r"a\.toml: words\.a\.b lacks x, y; write VALUE = { en ="),
        (SOURCE + VALUES + '[words."a.b"]\nx = "X"', r"words\.a\.b lacks y"),
        (SOURCE + VALUES + '[words."a.b"]\nx = "X"\ny = { en = "Y" }', r"words\.a\.b\.y lacks de"),
        (SOURCE + VALUES + '[words."a.b"]\nx = "X"\ny = "Y"\nz = "Z"', r"words\.a\.b has z, which"),
        (SOURCE + '[words."a.b"]\nx = "X"', r"a\.toml: words\.a\.b: there is no such fact"),
        (SOURCE + VALUES + '[words]\n"a.b" = 1', "must be a table of values, not 1"),
        (SOURCE + '[entity.x]\nlist = "xs"\nprefix = "x"\n', r"a\.toml: entity x: meaning is missing"),
    ],
)
def test_a_wrong_catalogue_says_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.toml").write_text(text)
    (tmp_path / "actions.toml").write_text("")
    with pytest.raises(CatalogueError, match=message):
        read_catalogue(tmp_path)


def test_an_entity_belongs_to_one_source(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    entity = '[entity.x]\nlist = "xs"\nprefix = "{0}.x"\nmeaning = {{ en = "m", de = "m" }}\n'
    for name in ("a", "b"):
        (tmp_path / "sources" / f"{name}.toml").write_text(SOURCE + entity.format(name))
    (tmp_path / "actions.toml").write_text("")
    with pytest.raises(CatalogueError, match=r"b\.toml: entity x is also in a\.toml"):
        read_catalogue(tmp_path)


def test_an_action_that_may_cut_the_connection_is_none_for_devices(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "actions.toml").write_text(ACTION + "undo = true\narmed = true\ndevices = true\n")
    with pytest.raises(CatalogueError, match="cannot be one for devices"):
        read_catalogue(tmp_path)


def test_what_is_done_on_a_device_says_how_a_human_sets_it_back(tmp_path: Path) -> None:
    for spec in load_catalogue().actions.values():
        assert bool(spec.by_hand) == (spec.devices and spec.undo)
        told = spec.by_hand.format_map({name: f"<{name}>" for name in spec.parameters})
        assert all(f"<{name}>" in told for name in spec.parameters if told)
    (tmp_path / "sources").mkdir()
    (tmp_path / "actions.toml").write_text(ACTION + "undo = true\ndevices = true\n")
    with pytest.raises(CatalogueError, match="by_hand says how"):
        read_catalogue(tmp_path)
