"""Everything that judges the synthetic rules: our network and engine, and what they are held against.

Each takes the same changes and must end with the same matches. Libraries are used the way their manuals show,
set up once, with compiled rules; rules on entities are written out for each entity for them.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cel_expr_python import cel as official
from hotline_collector.engine.cells import Cell, TargetState
from hotline_collector.engine.circuit import TRUE
from hotline_collector.engine.network import Network
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import FindingState

from tests.bench.engine import feed, new_engine
from tests.bench.fetch import import_path
from tests.bench.synthetic import FlatRule, Value, World, literal

Change = Mapping[str, Value]
Matches = frozenset[tuple[str, str]]


class Contender(ABC):
    """Judges rules; `step` is measured, `matches` and `skip` are not."""

    @abstractmethod
    def step(self, change: Change) -> None:
        """Take a snapshot's changes and know afterwards which rules match."""

    @abstractmethod
    def matches(self) -> Matches:
        """Return the labels of the rules that match."""

    def skip(self, change: Change) -> None:
        """Take changes without being measured."""
        self.step(change)


class OwnNetwork(Contender):
    """The engine's incremental network by itself: values in, instances that need a look out."""

    def __init__(self, world: World, rules: RuleSet) -> None:
        self._network = Network(rules, world.catalogue, lambda _source: None)
        self._target = TargetState(1, "pc")
        self._network.add_target(self._target)
        self._cells = {name: self._cell(*world.place(name)) for name in world.values}
        self.step(world.values)

    def _cell(self, kind: str, unit: str, short: str) -> Cell:
        cell = self._network.cell(self._network.scope(self._target, kind, unit), short)
        self._network.refresh(cell.source, True)
        return cell

    def step(self, change: Change) -> None:
        cells, put = self._cells, self._network.put
        for name, value in change.items():
            put(cells[name], value)
        self._network.settle()

    def matches(self) -> Matches:
        return frozenset(
            (instance.compiled.rule.id, instance.entity.key if instance.entity else "")
            for instance in self._network.instances(self._target)
            if instance.root == TRUE
        )


class OwnEngine(Contender):
    """The whole engine: serialised frames in, findings with hold, freshness and evidence out."""

    def __init__(self, rules: RuleSet, opening: Iterable[bytes], deltas: Iterable[bytes]) -> None:
        self._engine = new_engine(rules)
        self._deltas = iter(deltas)
        for raw in opening:
            feed(self._engine, raw)

    def step(self, change: Change) -> None:  # noqa: ARG002 - it is in the next frame
        feed(self._engine, next(self._deltas))

    def matches(self) -> Matches:
        return frozenset(
            (finding.rule, finding.entity.key if finding.entity else "")
            for finding in self._engine.findings().values()
            if finding.state in (FindingState.CONFIRMING, FindingState.ACTIVE)
        )


class EvaluateAll(Contender):
    """Evaluates every rule on every snapshot: a rule is a function of the state that tells if it matches."""

    def __init__(
        self, state: Change, rules: Sequence[FlatRule], build: Callable[[FlatRule], Callable[[Any], object]]
    ) -> None:
        self._state = dict(state)
        self._rules = [(rule.label, build(rule)) for rule in rules]
        self._matching: list[tuple[str, str]] = []

    def step(self, change: Change) -> None:
        self._state.update(change)
        state = self.prepared(self._state)
        self._matching = [label for label, holds in self._rules if holds(state)]

    def prepared(self, state: dict[str, Value]) -> Any:
        """Return the state as the library wants it, once for all rules."""
        return state

    def skip(self, change: Change) -> None:
        self._state.update(change)

    def matches(self) -> Matches:
        return frozenset(self._matching)


class Lambdas(EvaluateAll):
    """Compiled Python functions."""

    def __init__(self, state: Change, rules: Sequence[FlatRule]) -> None:
        super().__init__(state, rules, _function)


class OfficialCel(EvaluateAll):
    """cel-expr-python, the official C++ implementation of CEL."""

    def __init__(self, state: Change, rules: Sequence[FlatRule]) -> None:
        types = {
            bool: official.Type.BOOL,
            int: official.Type.INT,
            float: official.Type.DOUBLE,
            str: official.Type.STRING,
        }
        self._environment = official.NewEnv(variables={k: types[type(v)] for k, v in state.items()})
        super().__init__(state, rules, self._build)

    def _build(self, rule: FlatRule) -> Callable[[Any], object]:
        expression = self._environment.compile(_infix(rule, "&&"))
        return lambda activation: expression.eval(activation).value()

    def prepared(self, state: dict[str, Value]) -> Any:
        return self._environment.Activation(state)


class RustCel(EvaluateAll):
    """common-expression-language, CEL in Rust."""

    def __init__(self, state: Change, rules: Sequence[FlatRule]) -> None:
        import_path("common-expression-language==0.10.0")
        self._library: Any = importlib.import_module("cel")
        super().__init__(state, rules, lambda rule: self._library.compile(_infix(rule, "&&")).execute)

    def prepared(self, state: dict[str, Value]) -> Any:
        return self._library.Context(state)


class PythonCel(EvaluateAll):
    """cel-python, CEL in Python, with its compiling runner."""

    def __init__(self, state: Change, rules: Sequence[FlatRule]) -> None:
        import_path("cel-python==0.5.0")
        self._library: Any = importlib.import_module("celpy")
        self._environment = self._library.Environment(runner_class=self._library.CompiledRunner)
        super().__init__(state, rules, self._build)

    def _build(self, rule: FlatRule) -> Callable[[Any], object]:
        program = self._environment.program(self._environment.compile(_infix(rule, "&&")))
        evaluate: Callable[[Any], object] = program.evaluate
        return evaluate

    def prepared(self, state: dict[str, Value]) -> Any:
        return self._library.json_to_cel(state)


class RuleEngine(EvaluateAll):
    """rule-engine, a rule language in Python."""

    def __init__(self, state: Change, rules: Sequence[FlatRule]) -> None:
        import_path("rule-engine==5.1.0")
        library: Any = importlib.import_module("rule_engine")
        super().__init__(state, rules, lambda rule: library.Rule(_infix(rule, "and")).matches)


class Clips(Contender):
    """clipspy, the CLIPS Rete engine in C: one template a fact, so that a change touches only its own rules.

    The matches are its agenda, which it keeps up to date; that it is read is not measured.
    """

    def __init__(self, state: Change, rules: Sequence[FlatRule]) -> None:
        import_path("clipspy==1.0.6")
        self._environment: Any = importlib.import_module("clips").Environment()
        self._labels = {f"r{number}": rule.label for number, rule in enumerate(rules)}
        for name in state:
            self._environment.build(f"(deftemplate {name} (slot v))")
        for number, rule in enumerate(rules):
            patterns = " ".join(_pattern(*part, f"?x{n}") for n, part in enumerate(rule.comparisons))
            self._environment.build(f"(defrule r{number} {patterns} => )")
        templates = {name: self._environment.find_template(name) for name in state}
        self._facts = {name: templates[name].assert_fact(v=value) for name, value in state.items()}

    def step(self, change: Change) -> None:
        facts = self._facts
        for name, value in change.items():
            facts[name].modify_slots(v=value)

    def matches(self) -> Matches:
        return frozenset(self._labels[activation.name] for activation in self._environment.activations())


LIBRARIES: Mapping[str, Callable[[Change, Sequence[FlatRule]], Contender]] = {
    "cel-expr-python": OfficialCel,
    "clipspy": Clips,
    "common-expression-language": RustCel,
    "rule-engine": RuleEngine,
    "cel-python": PythonCel,
}


def _function(rule: FlatRule) -> Callable[[Any], object]:
    parts = " and ".join(f"s[{name!r}] {op} {constant!r}" for name, op, constant in rule.comparisons)
    compiled: Callable[[Any], object] = eval(f"lambda s: {parts}")
    return compiled


def _infix(rule: FlatRule, conjunction: str) -> str:
    parts = (f"{name} {op} {literal(constant)}" for name, op, constant in rule.comparisons)
    return f" {conjunction} ".join(parts)


def _pattern(name: str, op: str, constant: Value, variable: str) -> str:
    if isinstance(constant, bool):
        return f"({name} (v {str(constant).upper()}))"
    if op == "==":
        return f"({name} (v {literal(constant)}))"
    return f"({name} (v {variable}&:({op} {variable} {literal(constant)})))"
