"""Reads the published conformance cases of CEL (text form of protobuf) into plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cel_expr_python import cel
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    struct_pb2,
    text_format,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.message import Message
from hotline_collector.engine.cel import checked_pb2
from hotline_collector.engine.cel.environment import ConditionError, ConditionFault, Environment
from hotline_collector.engine.cel.values import TYPES, Duration, MapValue, Timestamp, UInt

PACKAGE = "hotline.cases"
# The messages of simple.proto, checked.proto and value.proto as far as the cases use them, by the names of
# their fields; the text form knows no numbers. "*" marks repeated fields.
MESSAGES: Mapping[str, str] = {
    "File": "name:string description:string section:*Section",
    "Section": "name:string description:string test:*Test",
    "Test": "name:string description:string expr:string disable_macros:bool disable_check:bool"
    " check_only:bool type_env:*Decl container:string locale:string bindings:*Binding value:Value"
    " typed_result:Typed eval_error:Errors any_eval_errors:Ignored unknown:Ignored any_unknowns:Ignored",
    "Ignored": "",
    "Typed": "result:Value deduced_type:Type",
    "Errors": "errors:*Status",
    "Status": "code:int64 message:string",
    "Binding": "key:string value:ExprValue",
    "ExprValue": "value:Value error:Errors unknown:Ignored",
    "Decl": "name:string ident:IdentDecl function:FunctionDecl",
    "IdentDecl": "type:Type value:Ignored doc:string",
    "FunctionDecl": "overloads:*Overload",
    "Overload": "overload_id:string params:*Type type_params:*string result_type:Type"
    " is_instance_function:bool",
    "Type": "dyn:Ignored null:Null primitive:Primitive wrapper:Primitive well_known:WellKnown"
    " list_type:ListType map_type:MapType message_type:string type_param:string type:Type error:Ignored"
    " abstract_type:Abstract",
    "ListType": "elem_type:Type",
    "MapType": "key_type:Type value_type:Type",
    "Abstract": "name:string parameter_types:*Type",
    "Value": "null_value:Null bool_value:bool int64_value:int64 uint64_value:uint64 double_value:double"
    " string_value:string bytes_value:bytes enum_value:EnumValue object_value:Any map_value:MapValue"
    " list_value:ListValue type_value:string",
    "EnumValue": "type:string value:int64",
    "MapValue": "entries:*Entry",
    "Entry": "key:Value value:Value",
    "ListValue": "values:*Value",
    # What the library yields for an expression that is not checked.
    "Parsed": "unused:bool expr:bytes source_info:bytes",
}
ENUMS: Mapping[str, str] = {
    "Null": "NULL_VALUE",
    "Primitive": "PRIMITIVE_TYPE_UNSPECIFIED BOOL INT64 UINT64 DOUBLE STRING BYTES",
    "WellKnown": "WELL_KNOWN_TYPE_UNSPECIFIED ANY TIMESTAMP DURATION",
}
FIELD = descriptor_pb2.FieldDescriptorProto


class Unsupported(Exception):
    """A case needs what the rule language leaves out."""


@dataclass(frozen=True)
class Case:
    """One published case; `name` is file/section/test."""

    name: str
    test: Any

    @property
    def expects_error(self) -> bool:
        return bool(self.test.HasField("eval_error"))

    @property
    def expected(self) -> Any:
        return value_of(
            self.test.typed_result.result if self.test.HasField("typed_result") else self.test.value
        )

    def environment(self, catalogue: Any) -> Environment:
        kind = Unchecked if self.test.disable_check else Environment
        variables = {decl.name: declared(decl) for decl in self.test.type_env}
        return kind(catalogue, {}, variables, self.test.container)

    def bindings(self) -> dict[str, Any]:
        return {binding.key: value_of(binding.value.value) for binding in self.test.bindings}


class Unchecked(Environment):
    """Leaves out the type check, as some cases demand."""

    def check(self, source: str, for_each: str, *, must_be_bool: bool = True) -> checked_pb2.CheckedExpr:  # noqa: ARG002
        try:
            expression = self._environment(for_each).compile(source, disable_check=True)
        except RuntimeError as error:
            raise ConditionError([ConditionFault(1, 1, str(error))]) from error
        parsed: Any = message("Parsed").FromString(any_pb2.Any.FromString(expression.serialize()).value)
        return checked_pb2.CheckedExpr(
            expr=checked_pb2.Expr.FromString(parsed.expr),
            source_info=checked_pb2.SourceInfo.FromString(parsed.source_info),
        )


def read_cases(file: Path) -> Iterator[Case]:
    """Yield the cases of one file."""
    # Fields of the cases' own test messages are unknown here, and cases with them are left out.
    parsed: Any = text_format.Parse(
        file.read_text(encoding="utf-8"),
        message("File")(),
        allow_unknown_extension=True,
        allow_unknown_field=True,
        descriptor_pool=pool(),
    )
    for section in parsed.section:
        for test in section.test:
            yield Case(f"{file.stem}/{section.name}/{test.name}", test)


@cache
def pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="cases.proto", package=PACKAGE, syntax="proto2")
    made = descriptor_pool.DescriptorPool()
    for known in (any_pb2, duration_pb2, timestamp_pb2, struct_pb2, wrappers_pb2):
        made.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        file.dependency.append(known.DESCRIPTOR.name)
    for name, words in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, word in enumerate(words.split()):
            enum.value.add(name=word, number=number)
    for name, fields in MESSAGES.items():
        described = file.message_type.add(name=name)
        for number, text in enumerate(fields.split(), start=1):
            field_name, _, kind = text.partition(":")
            described.field.add(**described_field(field_name, kind), number=number)
    made.AddSerializedFile(file.SerializeToString())
    made.AddSerializedFile(foreign_messages().SerializeToString())
    return made


def described_field(name: str, kind: str) -> dict[str, Any]:
    label = FIELD.LABEL_REPEATED if kind.startswith("*") else FIELD.LABEL_OPTIONAL
    kind = kind.removeprefix("*")
    field = {"name": name, "label": label}
    if kind == "Any":
        return {**field, "type": FIELD.TYPE_MESSAGE, "type_name": ".google.protobuf.Any"}
    if kind in MESSAGES:
        return {**field, "type": FIELD.TYPE_MESSAGE, "type_name": f".{PACKAGE}.{kind}"}
    if kind in ENUMS:
        return {**field, "type": FIELD.TYPE_ENUM, "type_name": f".{PACKAGE}.{kind}"}
    return {**field, "type": getattr(FIELD, f"TYPE_{kind.upper()}")}


def foreign_messages() -> descriptor_pb2.FileDescriptorProto:
    """Describe the test messages of the cases without any field, so that their text can be skipped."""
    file = descriptor_pb2.FileDescriptorProto(name="foreign.proto", package="cel.expr.conformance")
    for version in ("proto2", "proto3"):
        outer = file.message_type.add(name=version)
        inner = outer.nested_type.add(name="TestAllTypes")
        inner.nested_type.add(name="NestedMessage")
        inner.extension_range.add(start=1, end=1000)
    return file


def message(name: str) -> type[Message]:
    found = pool().FindMessageTypeByName(f"{PACKAGE}.{name}")
    made: type[Message] = message_factory.GetMessageClass(found)
    return made


def value_of(value: Any) -> Any:
    """Return a value of the cases as ours."""
    match kind := first_field(value):
        case "null_value":
            return None
        case "uint64_value":
            return UInt(value.uint64_value)
        case "list_value":
            return [value_of(item) for item in value.list_value.values]
        case "map_value":
            return MapValue([(value_of(e.key), value_of(e.value)) for e in value.map_value.entries])
        case "type_value":
            if value.type_value not in TYPES:
                raise Unsupported(value.type_value)
            return TYPES[value.type_value]
        case "object_value":
            return moment_of(value.object_value)
        case "bool_value" | "int64_value" | "double_value" | "string_value" | "bytes_value":
            return getattr(value, kind)
        case _:
            raise Unsupported(str(kind))


def first_field(value: Any) -> str | None:
    return next((field.name for field, _ in value.ListFields()), None)


def moment_of(wrapped: Any) -> Any:
    for kind, ours in ((duration_pb2.Duration, Duration), (timestamp_pb2.Timestamp, Timestamp)):
        if wrapped.type_url.endswith(kind.DESCRIPTOR.full_name):
            inner = kind.FromString(wrapped.value)
            return ours(inner.seconds * 10**9 + inner.nanos)
    raise Unsupported(wrapped.type_url)


def declared(decl: Any) -> cel.Type:
    if not decl.HasField("ident"):
        raise Unsupported("declared functions")
    return type_of(decl.ident.type)


def type_of(described: Any) -> cel.Type:
    """Return a type of the cases as the library's."""
    match first_field(described):
        case "list_type":
            return cel.Type.List(type_of(described.list_type.elem_type))
        case "map_type":
            return cel.Type.Map(type_of(described.map_type.key_type), type_of(described.map_type.value_type))
        case "primitive":
            names = ENUMS["Primitive"].split()
            return getattr(cel.Type, names[described.primitive].replace("64", ""))
        case "well_known" if described.well_known > 1:
            return getattr(cel.Type, ENUMS["WellKnown"].split()[described.well_known])
        case "message_type" if described.message_type.endswith((".Duration", ".Timestamp")):
            return getattr(cel.Type, described.message_type.rpartition(".")[2].upper())
        case "dyn":
            return cel.Type.DYN
        case "null":
            return cel.Type.NULL
        case other:
            raise Unsupported(str(other))
