"""The code tables of washing machines: what each brand means by a code, and codes that no table knows."""

from __future__ import annotations

import pytest
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue

from tests.rules.describing import described
from tests.shipped import shipped_rules

RULES = shipped_rules()
BRANDS = list(RULES.pack.questions["appl.washer.brand"].values)
# As the lists named under `references` of the rules have them, and as callers type them.
CODES = {
    "aeg": {
        "inlet": ["E10", "e 11", "C1"],
        "drain": ["E20", "E21", "EF1"],
        "door": ["E40", "E41"],
        "motor": ["E50"],
        "heating": ["E60"],
        "leak": ["EF0"],
    },
    "bosch": {
        "door": ["E16"],
        "inlet": ["E17", "F:17", "F17"],
        "drain": ["E18", "F18"],
        "heating": ["E19"],
        "motor": ["E21", "F:21"],
        "leak": ["E23"],
    },
    "lg": {
        "inlet": ["IE", "1E"],
        "drain": ["OE", "0E"],
        "unbalanced": ["UE"],
        "door": ["dE", "dE2"],
        "motor": ["LE"],
        "heating": ["tE"],
        "leak": ["FE", "AE", "E1"],
        "foam": ["Sud"],
        "child_lock": ["CL"],
    },
    "miele": {
        "inlet": ["F10", "F 10"],
        "drain": ["F11"],
        "foam": ["F16"],
        "door": ["F34", "F35"],
        "motor": ["F53"],
        "leak": ["F138"],
    },
    "samsung": {
        "inlet": ["4C", "4E"],
        "drain": ["5C", "SE"],
        "door": ["dC", "dE"],
        "motor": ["3C", "3E"],
        "heating": ["HC", "HE1"],
        "unbalanced": ["UE", "Ub"],
        "leak": ["LC", "LE"],
        "foam": ["SUD", "5d"],
    },
    "whirlpool": {
        "inlet": ["F8E1"],
        "drain": ["F9E1"],
        "door": ["F5E2"],
        "motor": ["F7E1"],
        "unbalanced": ["UL"],
        "foam": ["SUD"],
    },
    "candy": {
        "door": ["E01", "Err1"],
        "inlet": ["E02", "ERR 5"],
        "drain": ["E03", "Err2"],
        "heating": ["E05"],
        "motor": ["E08", "Err7"],
        "unbalanced": ["Unb"],
    },
    "indesit": {"motor": ["F02"], "drain": ["F05"], "heating": ["F07", "F08"], "inlet": ["H20"]},
    "other": {},
}
# On no list, or with another meaning on each of them: Candy's E04 and E07, Haier's E1, Hotpoint's F06.
NOWHERE = ["E99", "F99", "E04", "E07", "E1", "E2", "F06", "XX", "0", "E", "18", "E188", "AE18", "E18 OR 1"]
ALL = sorted({code for table in CODES.values() for codes in table.values() for code in codes})


def found(brand: str, code: str) -> list[str]:
    """Return the causes when a machine shows a code, and nobody has said anything else."""
    player = Player(RULES, load_catalogue())
    said = {"appl.washer.display": "code", "appl.washer.brand": brand, "appl.washer.code": code}
    player.play([described({"facts": said})])
    player.wait(SECOND)
    return [cause.finding.rule for cause in player.engine.causes()]


def test_every_brand_that_can_be_answered_has_its_table() -> None:
    assert CODES.keys() == set(BRANDS)
    assert len(BRANDS) <= 9, "each has a key at the desk"


@pytest.mark.parametrize(
    ("brand", "rule", "code"),
    [
        (brand, rule, code)
        for brand, table in CODES.items()
        for rule, codes in table.items()
        for code in codes
    ],
)
def test_a_code_means_what_its_brand_means_by_it(brand: str, rule: str, code: str) -> None:
    assert found(brand, code) == [f"appl.washer.{rule}"]


@pytest.mark.parametrize("brand", BRANDS)
def test_a_code_that_the_table_does_not_know_is_no_fault(brand: str) -> None:
    known = {code.upper() for codes in CODES[brand].values() for code in codes}
    strange = [code for code in NOWHERE if code.upper() not in known]
    assert {code: found(brand, code) for code in strange} == {code: [] for code in strange}


def test_a_code_of_a_brand_without_a_table_decides_nothing() -> None:
    assert {code: found("other", code) for code in ALL} == {code: [] for code in ALL}
