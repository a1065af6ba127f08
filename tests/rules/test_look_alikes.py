"""What rules are told apart by is said in both languages."""

from __future__ import annotations

from hotline_collector.rulepack.schema import RuleForm

from tests.shipped import shipped_rules

BARE = {
    "id": "a.b",
    "severity": "info",
    "title": {"en": "A", "de": "B"},
    "symptom": {"en": "A", "de": "B"},
    "when": "x",
    "confidence": 0.5,
    "fixes": [{"steps": ["a"], "by": "caller"}],
}


def test_every_hint_of_the_pack_has_both_languages() -> None:
    rules = shipped_rules().pack.rules.values()
    hints = [hint for rule in rules for hint in rule.look_alikes.values()]
    assert hints and not [hint for hint in hints if hint.en == hint.de]


def test_a_hint_in_one_language_stands_for_both() -> None:
    form = RuleForm.model_validate(
        BARE | {"look_alikes": {"c.d": "it is red", "e.f": {"en": "x", "de": "y"}}}
    )
    assert {name: (hint.en, hint.de) for name, hint in form.look_alikes.items()} == {
        "c.d": ("it is red", "it is red"),
        "e.f": ("x", "y"),
    }
