"""The typed environment of conditions: catalogue facts as variables, our functions, the checker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cel_expr_python import cel
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool
from google.protobuf.message import DecodeError
from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel import checked_pb2
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rule import Question

_FIELD = descriptor_pb2.FieldDescriptorProto
_PROTO_TYPES = {
    "double": _FIELD.TYPE_DOUBLE,
    "int": _FIELD.TYPE_INT64,
    "bool": _FIELD.TYPE_BOOL,
    "text": _FIELD.TYPE_STRING,
}
_CEL_TYPES = {
    "double": cel.Type.DOUBLE,
    "int": cel.Type.INT,
    "bool": cel.Type.BOOL,
    "text": cel.Type.STRING,
}
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
# As the library limits it.
_MOST_CHARACTERS = 100_000
_TOO_DEEP = "nested too deeply: at most 32 levels are allowed"
_NO_FIELD = re.compile(r"undefined field '([^']+)' not found in struct 'hotline.entity.(\w+)'")


@dataclass(frozen=True, slots=True)
class ConditionFault:
    """What is wrong with a condition; line and column count from 1 within its text."""

    line: int
    column: int
    message: str


class ConditionError(Exception):
    """A condition has faults."""

    def __init__(self, faults: list[ConditionFault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


class Environment:
    """Parses and type-checks conditions against the catalogue and a pack's questions.

    `variables` are further names with their types of the official library; `container` is the namespace in
    which names are looked up first.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        questions: Mapping[str, Question],
        variables: Mapping[str, cel.Type] | None = None,
        container: str = "",
    ) -> None:
        self.catalogue = catalogue
        self.questions = questions
        self.variables = dict(variables or {})
        self._container = container
        self._pool = _entity_messages(catalogue)
        self._functions = _functions()
        self._scalars = self._scalar_types()
        self._environments: dict[str, Any] = {}

    def check(self, source: str, for_each: str, *, must_be_bool: bool = True) -> checked_pb2.CheckedExpr:
        """Return the checked tree of a condition.

        Raises:
            ConditionError: with every fault that the checker found.
        """
        if len(source) > _MOST_CHARACTERS:
            raise ConditionError([ConditionFault(1, 1, f"longer than {_MOST_CHARACTERS} characters")])
        if any("\ud800" <= sign <= "\udfff" for sign in source):
            raise ConditionError([ConditionFault(1, 1, "half a surrogate pair is no Unicode text")])
        try:
            expression = self._environment(for_each).compile(source)
        except RuntimeError as error:
            raise ConditionError(self._faults(str(error), source, for_each)) from error
        result = expression.return_type()
        if must_be_bool and result != cel.Type.BOOL:
            raise ConditionError(
                [ConditionFault(1, 1, f"a condition must be a bool, this is {result.name()}")]
            )
        wrapped = any_pb2.Any.FromString(expression.serialize())
        try:
            return checked_pb2.CheckedExpr.FromString(wrapped.value)
        except DecodeError as error:
            raise ConditionError([ConditionFault(1, 1, _TOO_DEEP)]) from error

    def names(self, for_each: str) -> list[str]:
        """Return every name that a condition may use."""
        lists = [kind.list_name for kind in self.catalogue.entities.values()]
        return [*self._scalars, *self._bound_types(for_each), *lists]

    def _environment(self, for_each: str) -> Any:
        if for_each not in self._environments:
            lists = {
                kind.list_name: cel.Type.List(cel.Type(_message_name(kind.name)))
                for kind in self.catalogue.entities.values()
            }
            self._environments[for_each] = cel.NewEnv(
                descriptor_pool=self._pool,
                variables={**self.variables, **self._scalars, **lists, **self._bound_types(for_each)},
                container=self._container or None,
                functions=self._functions,
            )
        return self._environments[for_each]

    def _scalar_types(self) -> dict[str, Any]:
        # An event stream is only ever passed to count().
        types = {**_CEL_TYPES, "events": cel.Type.List(cel.Type.TIMESTAMP)}
        facts = {f.name: types[f.type] for f in self.catalogue.facts.values() if not f.entity}
        return {**facts, **{name: types[q.type] for name, q in self.questions.items()}}

    def _bound_types(self, for_each: str) -> dict[str, Any]:
        if not for_each:
            return {}
        bound = {
            f"{for_each}.{f.short}": _CEL_TYPES[f.type] for f in self.catalogue.facts_of_entity[for_each]
        }
        return {**bound, f"{for_each}.key": cel.Type.STRING}

    def _faults(self, text: str, source: str, for_each: str) -> list[ConditionFault]:
        faults = [
            ConditionFault(
                int(line),
                _start_of_name(source, int(line), int(column), message),
                self._hint(message.removesuffix(" [INVALID_ARGUMENT]"), for_each),
            )
            for line, column, message in _ERROR.findall(text)
        ]
        return faults or [ConditionFault(1, 1, _TOO_DEEP if "recursion" in text else text)]

    def _hint(self, message: str, for_each: str) -> str:
        if undeclared := _UNDECLARED.search(message):
            return self._unknown_name(undeclared[1], for_each)
        if missing := _NO_FIELD.search(message):
            kind = missing[2].lower()
            fields = [f.short for f in self.catalogue.facts_of_entity[kind]]
            return f"unknown field {missing[1]} of {kind}" + did_you_mean(missing[1], fields)
        if "no matching overload" in message and "(double, int)" in message:
            return f"{message}: write the number with a decimal point, for instance 1.0"
        return message

    def _unknown_name(self, name: str, for_each: str) -> str:
        if fact := self.catalogue.facts.get(name):
            kind = self.catalogue.entities[fact.entity]
            return (
                f"{name} is a fact of each {kind.name}: write {kind.name}.{fact.short} with "
                f"for_each: {kind.name}, or ask the list {kind.list_name}"
            )
        owner, _, short = name.partition(".")
        if owner != for_each and any(f.short == short for f in self.catalogue.facts_of_entity.get(owner, ())):
            list_name = self.catalogue.entities[owner].list_name
            return f"{name} needs the line for_each: {owner}; or ask the list {list_name}"
        return f"unknown fact {name}" + did_you_mean(name, self.names(for_each))


def _start_of_name(source: str, line: int, column: int, message: str) -> int:
    """Return where a dotted name begins; the library points at its last dot."""
    undeclared = _UNDECLARED.search(message)
    lines = source.split("\n")
    if undeclared is None or line > len(lines):
        return column
    found = lines[line - 1].rfind(undeclared[1], 0, column + len(undeclared[1]))
    return found + 1 if found >= 0 else column


def _message_name(kind: str) -> str:
    return f"hotline.entity.{kind.capitalize()}"


def _entity_messages(catalogue: Catalogue) -> descriptor_pool.DescriptorPool:
    """Describe every entity kind as a message, so that fields of list elements are type-checked."""
    file = descriptor_pb2.FileDescriptorProto(name="entity.proto", package="hotline.entity", syntax="proto3")
    for kind in catalogue.entities.values():
        message = file.message_type.add(name=kind.name.capitalize())
        message.field.add(name="key", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
        for number, fact in enumerate(catalogue.facts_of_entity[kind.name], start=2):
            message.field.add(
                name=fact.short, number=number, type=_PROTO_TYPES[fact.type], label=_FIELD.LABEL_OPTIONAL
            )
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def _functions() -> list[Any]:
    """Declare our functions; they are folded into variables at load and never called."""
    t = cel.Type
    numbers = (("double", t.DOUBLE), ("int", t.INT))
    values = (*numbers, ("bool", t.BOOL), ("string", t.STRING))

    def declare(name: str, result: Any, kinds: tuple[tuple[str, Any], ...], window: bool) -> Any:
        return cel.FunctionDecl(
            name,
            [
                cel.Overload(f"{name}_{kind}", result, [type_, t.STRING] if window else [type_], False)
                for kind, type_ in kinds
            ],
        )

    return [
        *(declare(name, t.DOUBLE, numbers, True) for name in ("rate", "avg", "min", "max")),
        declare("changed", t.BOOL, values, True),
        declare("count", t.INT, (("events", t.List(t.TIMESTAMP)),), True),
        declare("age", t.DOUBLE, values, False),
        declare("known", t.BOOL, values, False),
        cel.FunctionDecl("qty", [cel.Overload("qty_string", t.DOUBLE, [t.STRING], False)]),
    ]
