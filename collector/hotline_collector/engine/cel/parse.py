"""Builds our tree from what the official library has parsed and checked."""

from __future__ import annotations

import re

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel import checked_pb2 as pb
from hotline_collector.engine.cel import tree
from hotline_collector.engine.cel.environment import ConditionError, ConditionFault, Environment
from hotline_collector.engine.cel.functions import standard
from hotline_collector.engine.cel.quantity import QuantityError, parse_quantity, parse_window
from hotline_collector.engine.cel.units import unit_fault
from hotline_collector.engine.cel.values import TYPES, UInt

WINDOW_FUNCTIONS = ("rate", "avg", "min", "max", "changed", "count")
FACT_FUNCTIONS = ("age", "known")
COMPARISONS = {"_>_": ">", "_>=_": ">=", "_<_": "<", "_<=_": "<=", "_==_": "==", "_!=_": "!="}
# What macros and the conditional operator use; they are evaluated lazily.
LAZY = ("_?_:_", "@not_strictly_false", "__not_strictly_false__")
MOST_NODES = 5_000
_HAS_FACT = re.compile(r"\bhas\(\s*([\w.]+)\s*\)")


def parse_condition(environment: Environment, source: str, for_each: str = "") -> tree.Condition:
    """Check a condition, which must be a bool, and return its tree.

    Raises:
        ConditionError: with every fault, each with line and column.
    """
    return _build(environment, source, for_each, environment.check(source, for_each))


def parse_expression(environment: Environment, source: str, for_each: str = "") -> tree.Condition:
    """Check an expression of any type and return its tree.

    Raises:
        ConditionError: with every fault, each with line and column.
    """
    return _build(environment, source, for_each, environment.check(source, for_each, must_be_bool=False))


def _build(environment: Environment, source: str, for_each: str, checked: pb.CheckedExpr) -> tree.Condition:
    builder = _Builder(environment, source, for_each, checked)
    root = builder.build(checked.expr)
    builder.refuse_has()
    if builder.faults:
        raise ConditionError(builder.faults)
    if sum(1 for _ in tree.walk(root)) > MOST_NODES:
        raise ConditionError([ConditionFault(1, 1, f"too large: at most {MOST_NODES} parts are allowed")])
    return tree.Condition(source, root)


class _Builder:
    def __init__(self, environment: Environment, source: str, for_each: str, checked: pb.CheckedExpr) -> None:
        self.faults: list[ConditionFault] = []
        self._environment = environment
        self._catalogue: Catalogue = environment.catalogue
        self._source = source
        self._for_each = for_each
        self._references = checked.reference_map
        self._types = checked.type_map
        self._positions = checked.source_info.positions
        # Names that the macros around the current node bind.
        self._bound: list[str] = []

    def build(self, expr: pb.Expr) -> tree.Node:
        match expr.WhichOneof("kind"):
            case "const_expr":
                return _constant(expr.const_expr)
            case "ident_expr":
                return self._ident(expr)
            case "select_expr":
                return self._select(expr)
            case "call_expr":
                return self._call(expr)
            case "list_expr":
                return tree.ListLiteral(tuple(self.build(item) for item in expr.list_expr.elements))
            case "struct_expr":
                return self._map(expr)
            case "comprehension_expr":
                return self._fold(expr)
            case other:
                return self._fault(expr, f"{other or 'this'} is not part of the rule language")

    def refuse_has(self) -> None:
        """Refuse has(fact): the library takes it for the fact itself, so that it would tell nothing."""
        for match in _HAS_FACT.finditer(self._source):
            if self._variable(match[1]) is not None:
                self._fault_at(
                    match.start(), f"has() does not tell whether a fact is known; write known({match[1]})"
                )

    def _ident(self, expr: pb.Expr) -> tree.Node:
        name = expr.ident_expr.name
        if name in self._bound:
            return tree.Local(name)
        reference = self._references.get(expr.id)
        return self._name(expr, reference.name if reference is not None and reference.name else name)

    def _name(self, expr: pb.Expr, name: str) -> tree.Node:
        if kind := self._catalogue.entity_of_list.get(name):
            return tree.ListVar(kind.name)
        key = self._variable(name)
        if key is None:
            declared = name in self._environment.variables
            return tree.Const(TYPES[name]) if name in TYPES and not declared else tree.Local(name)
        spec = tree.find_spec(self._catalogue, key)
        if spec is not None and spec.type == "events":
            return self._fault(expr, f'{name} is a stream of events: write count({name}, "10m")')
        return tree.Var(key)

    def _variable(self, name: str) -> tree.VarKey | None:
        # The bound entity first: a prefix such as "process." is also how the full names begin.
        if self._for_each and name.startswith(self._for_each + "."):
            return tree.VarKey(self._for_each, name.removeprefix(self._for_each + "."))
        if name in self._catalogue.facts or name in self._environment.questions:
            return tree.VarKey("", name)
        return None

    def _select(self, expr: pb.Expr) -> tree.Node:
        select = expr.select_expr
        reference = self._references.get(expr.id)
        if reference is not None and reference.name:
            return self._name(expr, reference.name)
        operand = self.build(select.operand)
        if not select.test_only:
            return tree.Field(operand, select.field, self._offset(expr))
        operand_type = self._types.get(select.operand.id)
        if operand_type is not None and operand_type.message_type:
            return self._fault(expr, "has() asks a map; a fact of an entity is known or unknown by itself")
        return tree.Has(operand, select.field, self._offset(expr))

    def _call(self, expr: pb.Expr) -> tree.Node:
        call = expr.call_expr
        function = call.function
        if function == "qty":
            return self._quantity(expr)
        if function in WINDOW_FUNCTIONS or function in FACT_FUNCTIONS:
            return self._over_time(expr)
        args = [call.target, *call.args] if call.HasField("target") else list(call.args)
        nodes = tuple(self.build(arg) for arg in args)
        if function == "_&&_":
            return tree.And(_flat(tree.And, nodes))
        if function == "_||_":
            return tree.Or(_flat(tree.Or, nodes))
        if function == "!_":
            return tree.Not(nodes[0])
        if function in COMPARISONS and (fault := unit_fault(self._catalogue, nodes)):
            return self._fault(expr, fault)
        name = COMPARISONS.get(function, function)
        if name not in LAZY and standard(name) is None:
            return self._fault(expr, f"{function.strip('_@')}() is not part of the rule language")
        return tree.Call(name, nodes, self._offset(expr))

    def _quantity(self, expr: pb.Expr) -> tree.Node:
        argument = expr.call_expr.args[0]
        if argument.WhichOneof("kind") != "const_expr":
            return self._fault(expr, 'qty() takes a text in quotes, such as qty("150 ms")')
        try:
            quantity = parse_quantity(argument.const_expr.string_value)
        except QuantityError as error:
            return self._fault(argument, str(error))
        return tree.Const(quantity.value, quantity.unit)

    def _over_time(self, expr: pb.Expr) -> tree.Node:
        call = expr.call_expr
        fact = self._reference(call.args[0])
        if fact is None:
            return self._fault(call.args[0], f"{call.function}() takes a fact, not an expression")
        if call.function in FACT_FUNCTIONS:
            return tree.Var(fact._replace(function=call.function))
        if call.args[1].WhichOneof("kind") != "const_expr":
            return self._fault(call.args[1], 'the window must be a text in quotes, such as "10m"')
        try:
            window = parse_window(call.args[1].const_expr.string_value)
        except QuantityError as error:
            return self._fault(call.args[1], str(error))
        return tree.Var(fact._replace(function=call.function, window=window))

    def _reference(self, expr: pb.Expr) -> tree.VarKey | None:
        """Return the fact that an argument names, event streams included."""
        reference = self._references.get(expr.id)
        return self._variable(reference.name) if reference is not None else None

    def _map(self, expr: pb.Expr) -> tree.Node:
        struct = expr.struct_expr
        if struct.message_name:
            return self._fault(expr, f"the message {struct.message_name} is not part of the rule language")
        pairs = ((self.build(entry.map_key), self.build(entry.value)) for entry in struct.entries)
        return tree.MapLiteral(tuple(node for pair in pairs for node in pair), self._offset(expr))

    def _fold(self, expr: pb.Expr) -> tree.Node:
        fold = expr.comprehension_expr
        range_, start = self.build(fold.iter_range), self.build(fold.accu_init)
        self._bound += [fold.iter_var, fold.accu_var]
        condition, step = self.build(fold.loop_condition), self.build(fold.loop_step)
        self._bound.remove(fold.iter_var)
        result = self.build(fold.result)
        self._bound.remove(fold.accu_var)
        offset = self._offset(expr)
        return tree.Fold(fold.iter_var, range_, fold.accu_var, start, condition, step, result, offset)

    def _offset(self, expr: pb.Expr) -> int:
        return self._positions.get(expr.id, -1)

    def _fault(self, expr: pb.Expr, message: str) -> tree.Node:
        self._fault_at(max(self._offset(expr), 0), message)
        return tree.Const(False)

    def _fault_at(self, offset: int, message: str) -> None:
        self.faults.append(ConditionFault(*line_and_column(self._source, offset), message))


def line_and_column(source: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of an offset in code points."""
    before = source[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _flat(kind: type[tree.And] | type[tree.Or], nodes: tuple[tree.Node, ...]) -> tuple[tree.Node, ...]:
    out: list[tree.Node] = []
    for node in nodes:
        out.extend(node.items if isinstance(node, kind) else (node,))
    return tuple(out)


def _constant(const: pb.Constant) -> tree.Const:
    kind = const.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return tree.Const(None)
    value = getattr(const, kind)
    return tree.Const(UInt(value) if kind == "uint64_value" else value)
