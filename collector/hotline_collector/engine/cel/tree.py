"""The condition as our own tree: facts resolved, functions over time folded into variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hotline_proto.catalogue import Catalogue, FactSpec

from hotline_collector.engine.cel import checked_pb2 as pb
from hotline_collector.engine.cel.environment import ConditionError, ConditionFault, Environment
from hotline_collector.engine.cel.quantity import QuantityError, parse_quantity, parse_window

WINDOW_FUNCTIONS = ("rate", "avg", "min", "max", "changed", "count")
FACT_FUNCTIONS = ("age", "known")
_HAS_FACT = re.compile(r"\bhas\(\s*([\w.]+)\s*\)")
COMPARISONS = {"_>_": ">", "_>=_": ">=", "_<_": "<", "_<=_": "<=", "_==_": "==", "_!=_": "!="}


class VarKey(NamedTuple):
    """A variable: a fact, or a function of one over a window (µs), of the target or the bound entity."""

    kind: str
    fact: str
    function: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `unit` is set when it was written as a quantity."""

    value: bool | int | float | str | bytes | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Var:
    """A fact, or a function of one."""

    key: VarKey


@dataclass(frozen=True, slots=True)
class ListVar:
    """All entities of a kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class Local:
    """A name bound by a macro."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """operand.name of a list element."""

    operand: Node
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """Logical negation."""

    item: Node


@dataclass(frozen=True, slots=True)
class And:
    """Logical conjunction; a false item decides."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Logical disjunction; a true item decides."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the standard; receiver-style calls have their target first."""

    function: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """[a, b]."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """What the macros all, exists, exists_one, map and filter expand to."""

    variable: str
    range: Node
    accumulator: str
    start: Node
    condition: Node
    step: Node
    result: Node


Node = Const | Var | ListVar | Local | Field | Not | And | Or | Call | ListLiteral | Fold


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition: its text and its tree."""

    source: str
    root: Node


def parse_condition(environment: Environment, source: str, for_each: str = "") -> Condition:
    """Check a condition and return its tree.

    Raises:
        ConditionError: with every fault, each with line and column.
    """
    checked = environment.check(source, for_each)
    builder = _Builder(environment, source, for_each, checked)
    root = builder.build(checked.expr)
    builder.refuse_has()
    if builder.faults:
        raise ConditionError(builder.faults)
    return Condition(source, root)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node."""
    match node:
        case Not(item):
            return (item,)
        case And(items) | Or(items) | ListLiteral(items):
            return items
        case Call(_, args):
            return args
        case Field(operand, _):
            return (operand,)
        case Fold(_, range_, _, start, condition, step, result):
            return (range_, start, condition, step, result)
        case _:
            return ()


class _Builder:
    def __init__(self, environment: Environment, source: str, for_each: str, checked: pb.CheckedExpr) -> None:
        self.faults: list[ConditionFault] = []
        self._environment = environment
        self._catalogue: Catalogue = environment.catalogue
        self._source = source
        self._for_each = for_each
        self._references = checked.reference_map
        self._positions = checked.source_info.positions

    def build(self, expr: pb.Expr) -> Node:
        match expr.WhichOneof("kind"):
            case "const_expr":
                return _constant(expr.const_expr)
            case "ident_expr":
                return self._name(expr, expr.ident_expr.name)
            case "select_expr":
                return self._select(expr)
            case "call_expr":
                return self._call(expr)
            case "list_expr":
                return ListLiteral(tuple(self.build(item) for item in expr.list_expr.elements))
            case "comprehension_expr":
                return self._fold(expr.comprehension_expr)
            case other:
                return self._fault(expr, f"{other or 'this'} is not part of the rule language")

    def refuse_has(self) -> None:
        """Refuse has(fact): the library takes it for the fact itself, so that it would tell nothing."""
        for match in _HAS_FACT.finditer(self._source):
            if self._variable(match[1]) is not None:
                self._fault_at(
                    match.start(), f"has() does not tell whether a fact is known; write known({match[1]})"
                )

    def _name(self, expr: pb.Expr, name: str) -> Node:
        if kind := self._catalogue.entity_of_list.get(name):
            return ListVar(kind.name)
        key = self._variable(name)
        if key is None:
            return Local(name)
        spec = find_spec(self._catalogue, key)
        if spec is not None and spec.type == "events":
            return self._fault(expr, f'{name} is a stream of events: write count({name}, "10m")')
        return Var(key)

    def _variable(self, name: str) -> VarKey | None:
        # The bound entity first: a prefix such as "process." is also how the full names begin.
        if self._for_each and name.startswith(self._for_each + "."):
            return VarKey(self._for_each, name.removeprefix(self._for_each + "."))
        if name in self._catalogue.facts or name in self._environment.questions:
            return VarKey("", name)
        return None

    def _select(self, expr: pb.Expr) -> Node:
        if expr.select_expr.test_only:
            return self._fault(expr, "has() is not part of the rule language")
        reference = self._references.get(expr.id)
        if reference is not None and reference.name:
            return self._name(expr, reference.name)
        return Field(self.build(expr.select_expr.operand), expr.select_expr.field)

    def _call(self, expr: pb.Expr) -> Node:
        call = expr.call_expr
        function = call.function
        if function == "qty":
            return self._quantity(expr)
        if function in WINDOW_FUNCTIONS or function in FACT_FUNCTIONS:
            return self._over_time(expr)
        args = [call.target, *call.args] if call.HasField("target") else list(call.args)
        nodes = tuple(self.build(arg) for arg in args)
        if function == "_&&_":
            return And(_flat(And, nodes))
        if function == "_||_":
            return Or(_flat(Or, nodes))
        if function == "!_":
            return Not(nodes[0])
        if function in COMPARISONS:
            self._check_units(expr, nodes)
        return Call(COMPARISONS.get(function, function), nodes)

    def _quantity(self, expr: pb.Expr) -> Node:
        argument = expr.call_expr.args[0]
        if argument.WhichOneof("kind") != "const_expr":
            return self._fault(expr, 'qty() takes a text in quotes, such as qty("150 ms")')
        try:
            quantity = parse_quantity(argument.const_expr.string_value)
        except QuantityError as error:
            return self._fault(argument, str(error))
        return Const(quantity.value, quantity.unit)

    def _over_time(self, expr: pb.Expr) -> Node:
        call = expr.call_expr
        fact = self._reference(call.args[0])
        if fact is None:
            return self._fault(call.args[0], f"{call.function}() takes a fact, not an expression")
        if call.function in FACT_FUNCTIONS:
            return Var(fact._replace(function=call.function))
        if call.args[1].WhichOneof("kind") != "const_expr":
            return self._fault(call.args[1], 'the window must be a text in quotes, such as "10m"')
        try:
            window = parse_window(call.args[1].const_expr.string_value)
        except QuantityError as error:
            return self._fault(call.args[1], str(error))
        return Var(fact._replace(function=call.function, window=window))

    def _reference(self, expr: pb.Expr) -> VarKey | None:
        """Return the fact that an argument names, event streams included."""
        reference = self._references.get(expr.id)
        return self._variable(reference.name) if reference is not None else None

    def _fold(self, fold: pb.Comprehension) -> Node:
        return Fold(
            fold.iter_var,
            self.build(fold.iter_range),
            fold.accu_var,
            self.build(fold.accu_init),
            self.build(fold.loop_condition),
            self.build(fold.loop_step),
            self.build(fold.result),
        )

    def _check_units(self, expr: pb.Expr, nodes: tuple[Node, ...]) -> None:
        """Demand a quantity of the right unit wherever a fact with a unit meets a literal."""
        for fact, other in (nodes, nodes[::-1]):
            unit = self._unit(fact)
            if unit is None or not isinstance(other, Const) or isinstance(other.value, bool | str):
                continue
            if unit and not other.unit:
                self._fault(expr, f'this fact is measured in {unit}: compare it with qty("… {unit}")')
            elif other.unit and other.unit != (unit or "1"):
                self._fault(
                    expr, f"a fact in {unit or '1'} cannot be compared with a quantity in {other.unit}"
                )

    def _unit(self, node: Node) -> str | None:
        """Return the unit of a fact, empty for plain numbers, None if the node is no fact."""
        if isinstance(node, Field):
            shorts = [f for f in self._catalogue.facts.values() if f.entity and f.short == node.name]
            units = {_plain(f.unit) for f in shorts}
            return units.pop() if len(units) == 1 else None
        if not isinstance(node, Var):
            return None
        if node.key.function == "age":
            return "s"
        if node.key.function in ("known", "changed", "count"):
            return ""
        spec = find_spec(self._catalogue, node.key)
        if spec is None:
            return ""
        unit = _plain(spec.unit)
        if node.key.function == "rate":
            return {"": "1/s", "By": "By/s"}.get(unit, "")
        return unit

    def _fault(self, expr: pb.Expr, message: str) -> Node:
        self._fault_at(self._positions.get(expr.id, 0), message)
        return Const(False)

    def _fault_at(self, offset: int, message: str) -> None:
        """Note a fault at an offset in code points, as the library counts."""
        before = self._source[:offset]
        column = len(before) - (before.rfind("\n") + 1) + 1
        self.faults.append(ConditionFault(before.count("\n") + 1, column, message))


def find_spec(catalogue: Catalogue, key: VarKey) -> FactSpec | None:
    """Return the catalogue's entry of a variable, None for questions and entity keys."""
    if not key.kind:
        return catalogue.facts.get(key.fact)
    return catalogue.facts.get(f"{catalogue.entities[key.kind].prefix}.{key.fact}")


def _flat(kind: type[And] | type[Or], nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    out: list[Node] = []
    for node in nodes:
        out.extend(node.items if isinstance(node, kind) else (node,))
    return tuple(out)


def _plain(unit: str) -> str:
    return "" if unit in ("", "1") or unit.startswith("{") else unit


def _constant(const: pb.Constant) -> Const:
    kind = const.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return Const(None)
    value = getattr(const, kind)
    return Const(value)
