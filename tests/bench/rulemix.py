"""Rules of the kinds that operators of metric systems write, in our language and in Prometheus' at once.

40 % compare a value with a constant, 25 % its rate, 20 % two values with each other, 10 % an average over
time and 5 % the greatest of several. None of them ever holds, so that neither side has to tell anybody.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Pack, Rule, Text
from hotline_proto.catalogue import Catalogue, FactSpec

_SEED = 11
RATE_WINDOW = "20s"
AVERAGE_WINDOW = "30s"
_SHARES = {"threshold": 40, "rate": 25, "ratio": 20, "average": 10, "greatest": 5}


@dataclass(frozen=True, slots=True)
class MixedRule:
    """One rule, as a condition in CEL and as an expression in PromQL."""

    id: str
    cel: str
    promql: str


def metric(fact: str) -> str:
    """Return the name of a fact as a metric."""
    return fact.replace(".", "_")


def mixed_rules(catalogue: Catalogue, count: int) -> list[MixedRule]:
    """Return so many rules over the doubles of a synthetic catalogue, whose values stay within 0 and 100."""
    chance = random.Random(_SEED)
    doubles = [spec for spec in catalogue.facts.values() if spec.type == "double"]
    plain = [spec for spec in doubles if not spec.entity]
    bound = [spec for spec in doubles if spec.entity]
    chosen = chance.choices(list(_SHARES), list(_SHARES.values()), k=count)
    return [_rule(f"mix.r{n}", kind, plain, bound, chance) for n, kind in enumerate(chosen)]


def mixed_rule_set(catalogue: Catalogue, count: int) -> RuleSet:
    """Return the rules as the engine takes them."""
    text = Text("A fault", "Ein Fehler")
    rules = {
        rule.id: Rule(
            rule.id, "stable", "info", text, text, "", rule.cel, 0, 0, 0.5, (), {}, (), False, (), 0, "", ()
        )
        for rule in mixed_rules(catalogue, count)
    }
    return RuleSet(Pack("mix", "1", f"mix{count}", rules, {}, ()), catalogue)


def _rule(
    name: str, kind: str, plain: Sequence[FactSpec], bound: Sequence[FactSpec], chance: random.Random
) -> MixedRule:
    first, second = (spec.name for spec in chance.sample(plain, 2))
    bound_to = round(chance.uniform(110, 200), 2)
    one, other = metric(first), metric(second)
    match kind:
        case "rate":
            window = RATE_WINDOW
            return MixedRule(
                name,
                f'rate({first}, "{window}") > qty("{bound_to} 1/s")',
                f"rate({one}[{window}]) > {bound_to}",
            )
        case "ratio":
            return MixedRule(name, f"{first} > {second} + {bound_to}", f"{one} > {other} + {bound_to}")
        case "average":
            window = AVERAGE_WINDOW
            return MixedRule(
                name, f'avg({first}, "{window}") > {bound_to}', f"avg_over_time({one}[{window}]) > {bound_to}"
            )
        case "greatest":
            spec = chance.choice(bound)
            cel = f"size(units) > 0 && units.exists(u, u.{spec.short} > {bound_to})"
            return MixedRule(name, cel, f"max by (host) ({metric(spec.name)}) > {bound_to}")
        case _:
            return MixedRule(name, f"{first} > {bound_to}", f"{one} > {bound_to}")
