"""What a probe without a network reads out, and the facts that its digits stand for.

The items are the most telling conditions on single facts of the machine, and whole rules: for faults of one
of several things, and where sources that cost more are needed. Expensive ones, which only run on demand, do
not count. A condition is told by a value that fits all that is known of its fact, a true rule by the facts of
its own first `fires` case. Probe and collector derive the same list from the same pack.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hotline_proto.catalogue import Catalogue, Cost, FactSpec
from hotline_proto.facts import FactValue
from hotline_proto.spoken import MAX_ITEMS, VERSIONS, Truth

from hotline_collector.engine.cel.tree import Call, Const, Node, Var
from hotline_collector.engine.circuit import Leaf
from hotline_collector.engine.ruleset import CompiledRule, RuleSet
from hotline_collector.model.rule import SEVERITY_RANK
from hotline_collector.rulepack.casefiles import cases_of, rule_files
from hotline_collector.rulepack.cases import FactName

# The network is the fault when a result has to be read out.
_NETWORK_WEIGHT = 3
_NETWORK = ("net.", "time.")
_MARGIN = 0.1
_NEGATED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}

Facts = dict[FactName, FactValue]


@dataclass(frozen=True, slots=True)
class SpokenItem:
    """One condition: on one fact (`op` empty for a truth, else with a number), or a whole rule.

    `entities` are the facts that stand for a true rule, `kinds` the entity kinds that they list completely.
    """

    name: str
    for_each: str
    when: Node
    fact: str = ""
    op: str = ""
    number: float = 0.0
    entities: Facts = field(default_factory=dict)
    kinds: tuple[str, ...] = ()


def table_version(rules: RuleSet) -> int:
    """Return the two digits that say which table a result belongs to."""
    return int(rules.pack.digest[:8] or "0", 16) % VERSIONS


def spoken_items(rules: RuleSet) -> list[SpokenItem]:
    """Return the items of a pack in the order in which they are spoken."""
    weights: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    items: dict[str, SpokenItem] = {}
    files = rule_files(rules.pack)
    for compiled in rules.rules:
        for item in _items(compiled, files.get(compiled.rule.id, ""), rules):
            items[item.name] = item
            weights[item.name] += _weight(compiled, item)
            explained[item.name] += len(compiled.rule.explains)
    ranked = sorted(
        items.values(),
        key=lambda item: (-weights[item.name], not item.entities, -explained[item.name], item.name),
    )
    return _telling_more(ranked)[:MAX_ITEMS]


def _telling_more(ranked: Sequence[SpokenItem]) -> list[SpokenItem]:
    """Leave out what one before it tells: that a count is 0 says whether it is above."""
    out: list[SpokenItem] = []
    counts: set[str] = set()
    for item in ranked:
        if item.op and item.number == 0:
            if item.fact in counts:
                continue
            counts.add(item.fact)
        out.append(item)
    return out


def meant(
    items: Sequence[SpokenItem], states: Sequence[Truth], catalogue: Catalogue
) -> tuple[Facts, set[str]]:
    """Return the facts that states stand for, and the entity kinds that are listed completely."""
    known = [(item, state) for item, state in zip(items, states, strict=True) if state is not None]
    values: Facts = {}
    kinds: set[str] = set()
    for item, state in known:
        if state and item.entities:
            values.update(item.entities)
            kinds.update(item.kinds)
    for fact in dict.fromkeys(item.fact for item, _ in known if item.fact):
        spec = catalogue.facts[fact]
        value = _fitting(spec, [(item, state) for item, state in known if item.fact == fact])
        if value is not None:
            values[(fact, "")] = value
    return values, kinds


def _items(compiled: CompiledRule, file: str, rules: RuleSet) -> Iterator[SpokenItem]:
    leaves = compiled.circuit.leaves
    for leaf in leaves:
        item = _condition(leaf, rules.catalogue)
        if item is not None:
            yield item
    kinds = {kind for leaf in leaves for kind in leaf.lists} | {compiled.rule.for_each} - {""}
    facts = {key.fact for leaf in leaves for key in leaf.variables} & rules.catalogue.facts.keys()
    if kinds:
        sources = {rules.catalogue.entities[kind].source for kind in kinds}
        told = all(_costs(source, rules.catalogue, "cheap") for source in sources)
    else:
        sources = {rules.catalogue.facts[fact].source for fact in facts}
        timeless = not any(key.function for leaf in leaves for key in leaf.variables)
        told = timeless and compiled.rule.id.startswith(_NETWORK) and _costs_more(sources, rules.catalogue)
    if told:
        yield from _whole(compiled, file, rules)


def _weight(compiled: CompiledRule, item: SpokenItem) -> int:
    rule = compiled.rule
    network = rule.id.startswith(_NETWORK) and item.name.startswith(_NETWORK)
    return (1 + SEVERITY_RANK[rule.severity]) * (_NETWORK_WEIGHT if network else 1)


def _costs(source: str, catalogue: Catalogue, *costs: Cost) -> bool:
    """Tell whether a probe reads a source by itself, at one of these costs."""
    spec = catalogue.sources[source]
    return spec.cost in costs and bool(spec.platforms)


def _costs_more(sources: Collection[str], catalogue: Catalogue) -> bool:
    """Tell whether not all of some sources are cheap, and none is too expensive."""
    return not all(_costs(source, catalogue, "cheap") for source in sources) and all(
        _costs(source, catalogue, "cheap", "moderate") for source in sources
    )


def _condition(leaf: Leaf, catalogue: Catalogue) -> SpokenItem | None:
    """Return a condition on one measured fact of the machine, written without its negation."""
    if len(leaf.variables) != 1 or leaf.lists:
        return None
    key = leaf.variables[0]
    spec = catalogue.facts.get(key.fact)
    if key.kind or key.function or spec is None or not _costs(spec.source, catalogue, "cheap"):
        return None
    match leaf.node:
        case Var() if spec.type == "bool":
            return SpokenItem(key.fact, "", leaf.node, key.fact)
        case Call("<" | "<=" | ">" | ">=" | "==" as op, (Var(), Const(float() | int() as number, _))):
            return SpokenItem(f"{key.fact} {op} {number}", "", leaf.node, key.fact, op, number)
        case _:
            return None


def _whole(compiled: CompiledRule, file: str, rules: RuleSet) -> Iterator[SpokenItem]:
    """Yield a whole rule with the facts of its first `fires` case that no condition of its own tells."""
    cases = cases_of(rules.pack, file, rules.catalogue)
    case = next((case for case in cases if case.kind == "fires"), None)
    if case is None or len(case.moments) != 1:
        return
    moment, facts = case.moments[0], rules.catalogue.facts
    told = {
        name: value
        for name, value in moment.values.items()
        if name[1] or not _costs(facts[name[0]].source, rules.catalogue, "cheap")
    }
    if told:
        rule, root = compiled.rule, rules.conditions[compiled.rule.id][0].root
        yield SpokenItem(rule.id, rule.for_each, root, entities=told, kinds=moment.kinds)


def _fitting(spec: FactSpec, known: Iterable[tuple[SpokenItem, bool]]) -> FactValue | None:
    """Return a value of a fact for which all conditions are as told; None if there is none."""
    low, high = -math.inf, math.inf
    step = 1.0 if spec.type == "int" else 0.0
    for item, state in known:
        if not item.op:
            return state
        if item.op == "==":
            # Of a count that is not zero we know that there is something.
            low, high = (item.number,) * 2 if state else (max(low, item.number + step), high)
            continue
        op = item.op if state else _NEGATED[item.op]
        strict = step or (abs(item.number) * _MARGIN or _MARGIN)
        if op.startswith(">"):
            low = max(low, item.number + (strict if op == ">" else 0.0))
        else:
            high = min(high, item.number - (strict if op == "<" else 0.0))
    if low > high or (math.isinf(low) and math.isinf(high)):
        return None
    value = high if math.isinf(low) else low if math.isinf(high) else (low + high) / 2
    return round(value) if spec.type == "int" else value
