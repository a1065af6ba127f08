from hotline_proto.v1 import probe_pb2 as _probe_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_UNSPECIFIED: _ClassVar[Origin]
    ORIGIN_PROBE: _ClassVar[Origin]
    ORIGIN_CALLER: _ClassVar[Origin]
    ORIGIN_AGENT: _ClassVar[Origin]
    ORIGIN_OPERATOR: _ClassVar[Origin]
    ORIGIN_BROWSER: _ClassVar[Origin]
    ORIGIN_CALLER_TYPED: _ClassVar[Origin]
ORIGIN_UNSPECIFIED: Origin
ORIGIN_PROBE: Origin
ORIGIN_CALLER: Origin
ORIGIN_AGENT: Origin
ORIGIN_OPERATOR: Origin
ORIGIN_BROWSER: Origin
ORIGIN_CALLER_TYPED: Origin

class CallOpened(_message.Message):
    __slots__ = ("call_id", "complaint", "pack_digest", "catalogue_digest", "confidences")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    PACK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCES_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    complaint: str
    pack_digest: str
    catalogue_digest: str
    confidences: _containers.RepeatedCompositeFieldContainer[RuleConfidence]
    def __init__(self, call_id: _Optional[str] = ..., complaint: _Optional[str] = ..., pack_digest: _Optional[str] = ..., catalogue_digest: _Optional[str] = ..., confidences: _Optional[_Iterable[_Union[RuleConfidence, _Mapping]]] = ...) -> None: ...

class RuleConfidence(_message.Message):
    __slots__ = ("rule", "confidence")
    RULE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    confidence: float
    def __init__(self, rule: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class TargetAdded(_message.Message):
    __slots__ = ("target", "name", "from_collector")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FROM_COLLECTOR_FIELD_NUMBER: _ClassVar[int]
    target: int
    name: str
    from_collector: bool
    def __init__(self, target: _Optional[int] = ..., name: _Optional[str] = ..., from_collector: bool = ...) -> None: ...

class LinkChanged(_message.Message):
    __slots__ = ("target", "up", "boot_id", "clock_offset_us", "session_id")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    UP_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_US_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    target: int
    up: bool
    boot_id: str
    clock_offset_us: int
    session_id: str
    def __init__(self, target: _Optional[int] = ..., up: bool = ..., boot_id: _Optional[str] = ..., clock_offset_us: _Optional[int] = ..., session_id: _Optional[str] = ...) -> None: ...

class FactStated(_message.Message):
    __slots__ = ("target", "fact", "origin", "number", "integer", "truth", "text", "unknown", "observed_us", "entity_kind", "entity_key")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_US_FIELD_NUMBER: _ClassVar[int]
    ENTITY_KIND_FIELD_NUMBER: _ClassVar[int]
    ENTITY_KEY_FIELD_NUMBER: _ClassVar[int]
    target: int
    fact: str
    origin: Origin
    number: float
    integer: int
    truth: bool
    text: str
    unknown: _probe_pb2.UnknownReason
    observed_us: int
    entity_kind: str
    entity_key: str
    def __init__(self, target: _Optional[int] = ..., fact: _Optional[str] = ..., origin: _Optional[_Union[Origin, str]] = ..., number: _Optional[float] = ..., integer: _Optional[int] = ..., truth: bool = ..., text: _Optional[str] = ..., unknown: _Optional[_Union[_probe_pb2.UnknownReason, str]] = ..., observed_us: _Optional[int] = ..., entity_kind: _Optional[str] = ..., entity_key: _Optional[str] = ...) -> None: ...

class ComplaintChanged(_message.Message):
    __slots__ = ("complaint",)
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    complaint: str
    def __init__(self, complaint: _Optional[str] = ...) -> None: ...

class FixDone(_message.Message):
    __slots__ = ("fix_id", "finding_id", "fix_index", "done_us")
    FIX_ID_FIELD_NUMBER: _ClassVar[int]
    FINDING_ID_FIELD_NUMBER: _ClassVar[int]
    FIX_INDEX_FIELD_NUMBER: _ClassVar[int]
    DONE_US_FIELD_NUMBER: _ClassVar[int]
    fix_id: str
    finding_id: str
    fix_index: int
    done_us: int
    def __init__(self, fix_id: _Optional[str] = ..., finding_id: _Optional[str] = ..., fix_index: _Optional[int] = ..., done_us: _Optional[int] = ...) -> None: ...

class PackChanged(_message.Message):
    __slots__ = ("pack_digest",)
    PACK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    pack_digest: str
    def __init__(self, pack_digest: _Optional[str] = ...) -> None: ...

class PlanFollowed(_message.Message):
    __slots__ = ("plan",)
    PLAN_FIELD_NUMBER: _ClassVar[int]
    plan: str
    def __init__(self, plan: _Optional[str] = ...) -> None: ...
