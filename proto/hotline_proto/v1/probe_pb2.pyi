from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UnknownReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNKNOWN_REASON_UNSPECIFIED: _ClassVar[UnknownReason]
    UNKNOWN_REASON_NOT_COLLECTED: _ClassVar[UnknownReason]
    UNKNOWN_REASON_PENDING: _ClassVar[UnknownReason]
    UNKNOWN_REASON_PERMISSION: _ClassVar[UnknownReason]
    UNKNOWN_REASON_TIMEOUT: _ClassVar[UnknownReason]
    UNKNOWN_REASON_UNSUPPORTED: _ClassVar[UnknownReason]
    UNKNOWN_REASON_MISSING_TOOL: _ClassVar[UnknownReason]
    UNKNOWN_REASON_STALE: _ClassVar[UnknownReason]
    UNKNOWN_REASON_DECLINED: _ClassVar[UnknownReason]
    UNKNOWN_REASON_UNREACHABLE: _ClassVar[UnknownReason]

class SourceStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_STATUS_UNSPECIFIED: _ClassVar[SourceStatus]
    SOURCE_STATUS_OK: _ClassVar[SourceStatus]
    SOURCE_STATUS_PARTIAL: _ClassVar[SourceStatus]
    SOURCE_STATUS_FAILED: _ClassVar[SourceStatus]
    SOURCE_STATUS_TIMEOUT: _ClassVar[SourceStatus]
    SOURCE_STATUS_UNSUPPORTED: _ClassVar[SourceStatus]
    SOURCE_STATUS_PERMISSION: _ClassVar[SourceStatus]
    SOURCE_STATUS_DECLINED: _ClassVar[SourceStatus]

class ConsentLayer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_LAYER_UNSPECIFIED: _ClassVar[ConsentLayer]
    CONSENT_LAYER_BASIC: _ClassVar[ConsentLayer]
    CONSENT_LAYER_PERSONAL: _ClassVar[ConsentLayer]

class ConsentReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_REASON_UNSPECIFIED: _ClassVar[ConsentReason]
    CONSENT_REASON_AGENT: _ClassVar[ConsentReason]
    CONSENT_REASON_CAUSE: _ClassVar[ConsentReason]

class ActionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_STATE_UNSPECIFIED: _ClassVar[ActionState]
    ACTION_STATE_ACCEPTED: _ClassVar[ActionState]
    ACTION_STATE_DECLINED: _ClassVar[ActionState]
    ACTION_STATE_RUNNING: _ClassVar[ActionState]
    ACTION_STATE_DONE: _ClassVar[ActionState]
    ACTION_STATE_FAILED: _ClassVar[ActionState]
    ACTION_STATE_UNDONE: _ClassVar[ActionState]

class DeviceState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEVICE_STATE_UNSPECIFIED: _ClassVar[DeviceState]
    DEVICE_STATE_ASKED: _ClassVar[DeviceState]
    DEVICE_STATE_DECLINED: _ClassVar[DeviceState]
    DEVICE_STATE_CONNECTING: _ClassVar[DeviceState]
    DEVICE_STATE_READING: _ClassVar[DeviceState]
    DEVICE_STATE_FAILED: _ClassVar[DeviceState]
    DEVICE_STATE_ENDED: _ClassVar[DeviceState]
UNKNOWN_REASON_UNSPECIFIED: UnknownReason
UNKNOWN_REASON_NOT_COLLECTED: UnknownReason
UNKNOWN_REASON_PENDING: UnknownReason
UNKNOWN_REASON_PERMISSION: UnknownReason
UNKNOWN_REASON_TIMEOUT: UnknownReason
UNKNOWN_REASON_UNSUPPORTED: UnknownReason
UNKNOWN_REASON_MISSING_TOOL: UnknownReason
UNKNOWN_REASON_STALE: UnknownReason
UNKNOWN_REASON_DECLINED: UnknownReason
UNKNOWN_REASON_UNREACHABLE: UnknownReason
SOURCE_STATUS_UNSPECIFIED: SourceStatus
SOURCE_STATUS_OK: SourceStatus
SOURCE_STATUS_PARTIAL: SourceStatus
SOURCE_STATUS_FAILED: SourceStatus
SOURCE_STATUS_TIMEOUT: SourceStatus
SOURCE_STATUS_UNSUPPORTED: SourceStatus
SOURCE_STATUS_PERMISSION: SourceStatus
SOURCE_STATUS_DECLINED: SourceStatus
CONSENT_LAYER_UNSPECIFIED: ConsentLayer
CONSENT_LAYER_BASIC: ConsentLayer
CONSENT_LAYER_PERSONAL: ConsentLayer
CONSENT_REASON_UNSPECIFIED: ConsentReason
CONSENT_REASON_AGENT: ConsentReason
CONSENT_REASON_CAUSE: ConsentReason
ACTION_STATE_UNSPECIFIED: ActionState
ACTION_STATE_ACCEPTED: ActionState
ACTION_STATE_DECLINED: ActionState
ACTION_STATE_RUNNING: ActionState
ACTION_STATE_DONE: ActionState
ACTION_STATE_FAILED: ActionState
ACTION_STATE_UNDONE: ActionState
DEVICE_STATE_UNSPECIFIED: DeviceState
DEVICE_STATE_ASKED: DeviceState
DEVICE_STATE_DECLINED: DeviceState
DEVICE_STATE_CONNECTING: DeviceState
DEVICE_STATE_READING: DeviceState
DEVICE_STATE_FAILED: DeviceState
DEVICE_STATE_ENDED: DeviceState

class ProbeInfo(_message.Message):
    __slots__ = ("version", "platform", "catalogue_digest", "language")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    CATALOGUE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    version: str
    platform: str
    catalogue_digest: str
    language: str
    def __init__(self, version: _Optional[str] = ..., platform: _Optional[str] = ..., catalogue_digest: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class JoinRequest(_message.Message):
    __slots__ = ("protocol_version", "code", "probe", "nonce_commitment")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    NONCE_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    protocol_version: int
    code: str
    probe: ProbeInfo
    nonce_commitment: bytes
    def __init__(self, protocol_version: _Optional[int] = ..., code: _Optional[str] = ..., probe: _Optional[_Union[ProbeInfo, _Mapping]] = ..., nonce_commitment: _Optional[bytes] = ...) -> None: ...

class JoinResponse(_message.Message):
    __slots__ = ("session_token", "session_id", "operator_name", "agent_name", "collector_nonce", "requested_consent", "call_salt")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_NAME_FIELD_NUMBER: _ClassVar[int]
    AGENT_NAME_FIELD_NUMBER: _ClassVar[int]
    COLLECTOR_NONCE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_CONSENT_FIELD_NUMBER: _ClassVar[int]
    CALL_SALT_FIELD_NUMBER: _ClassVar[int]
    session_token: bytes
    session_id: str
    operator_name: str
    agent_name: str
    collector_nonce: bytes
    requested_consent: _containers.RepeatedScalarFieldContainer[ConsentLayer]
    call_salt: bytes
    def __init__(self, session_token: _Optional[bytes] = ..., session_id: _Optional[str] = ..., operator_name: _Optional[str] = ..., agent_name: _Optional[str] = ..., collector_nonce: _Optional[bytes] = ..., requested_consent: _Optional[_Iterable[_Union[ConsentLayer, str]]] = ..., call_salt: _Optional[bytes] = ...) -> None: ...

class ProbeFrame(_message.Message):
    __slots__ = ("seq", "mono_us", "hello", "announcement", "readings", "consent", "answer", "action", "check", "bye", "notes", "echo", "device")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    MONO_US_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    BYE_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    ECHO_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    seq: int
    mono_us: int
    hello: Hello
    announcement: Announcement
    readings: Readings
    consent: ConsentState
    answer: Answer
    action: ActionReport
    check: CheckDecision
    bye: Bye
    notes: SourceNotes
    echo: Echo
    device: DeviceReport
    def __init__(self, seq: _Optional[int] = ..., mono_us: _Optional[int] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., announcement: _Optional[_Union[Announcement, _Mapping]] = ..., readings: _Optional[_Union[Readings, _Mapping]] = ..., consent: _Optional[_Union[ConsentState, _Mapping]] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ..., action: _Optional[_Union[ActionReport, _Mapping]] = ..., check: _Optional[_Union[CheckDecision, _Mapping]] = ..., bye: _Optional[_Union[Bye, _Mapping]] = ..., notes: _Optional[_Union[SourceNotes, _Mapping]] = ..., echo: _Optional[_Union[Echo, _Mapping]] = ..., device: _Optional[_Union[DeviceReport, _Mapping]] = ...) -> None: ...

class Echo(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("probe", "boot_id", "nonce", "first_spooled_seq", "consent", "wall_us")
    PROBE_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_SPOOLED_SEQ_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    WALL_US_FIELD_NUMBER: _ClassVar[int]
    probe: ProbeInfo
    boot_id: str
    nonce: bytes
    first_spooled_seq: int
    consent: ConsentState
    wall_us: int
    def __init__(self, probe: _Optional[_Union[ProbeInfo, _Mapping]] = ..., boot_id: _Optional[str] = ..., nonce: _Optional[bytes] = ..., first_spooled_seq: _Optional[int] = ..., consent: _Optional[_Union[ConsentState, _Mapping]] = ..., wall_us: _Optional[int] = ...) -> None: ...

class Announcement(_message.Message):
    __slots__ = ("sources", "entities", "slots", "paths")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[SourceId]
    entities: _containers.RepeatedCompositeFieldContainer[EntityId]
    slots: _containers.RepeatedCompositeFieldContainer[SlotId]
    paths: _containers.RepeatedCompositeFieldContainer[PathId]
    def __init__(self, sources: _Optional[_Iterable[_Union[SourceId, _Mapping]]] = ..., entities: _Optional[_Iterable[_Union[EntityId, _Mapping]]] = ..., slots: _Optional[_Iterable[_Union[SlotId, _Mapping]]] = ..., paths: _Optional[_Iterable[_Union[PathId, _Mapping]]] = ...) -> None: ...

class SourceId(_message.Message):
    __slots__ = ("id", "name")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class EntityId(_message.Message):
    __slots__ = ("id", "kind", "key")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    id: int
    kind: str
    key: str
    def __init__(self, id: _Optional[int] = ..., kind: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class SlotId(_message.Message):
    __slots__ = ("id", "fact", "entity")
    ID_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    id: int
    fact: str
    entity: int
    def __init__(self, id: _Optional[int] = ..., fact: _Optional[str] = ..., entity: _Optional[int] = ...) -> None: ...

class PathId(_message.Message):
    __slots__ = ("id", "interface", "gateway")
    ID_FIELD_NUMBER: _ClassVar[int]
    INTERFACE_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    id: int
    interface: str
    gateway: str
    def __init__(self, id: _Optional[int] = ..., interface: _Optional[str] = ..., gateway: _Optional[str] = ...) -> None: ...

class Readings(_message.Message):
    __slots__ = ("run_sources", "run_statuses", "run_ages_ms", "run_durations_us", "path", "double_slots", "doubles", "int_slots", "ints", "true_slots", "false_slots", "text_slots", "texts", "unknown_slots", "unknown_reasons", "event_slots", "event_ages_ms", "gone_entities")
    RUN_SOURCES_FIELD_NUMBER: _ClassVar[int]
    RUN_STATUSES_FIELD_NUMBER: _ClassVar[int]
    RUN_AGES_MS_FIELD_NUMBER: _ClassVar[int]
    RUN_DURATIONS_US_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    DOUBLE_SLOTS_FIELD_NUMBER: _ClassVar[int]
    DOUBLES_FIELD_NUMBER: _ClassVar[int]
    INT_SLOTS_FIELD_NUMBER: _ClassVar[int]
    INTS_FIELD_NUMBER: _ClassVar[int]
    TRUE_SLOTS_FIELD_NUMBER: _ClassVar[int]
    FALSE_SLOTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_SLOTS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_SLOTS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_REASONS_FIELD_NUMBER: _ClassVar[int]
    EVENT_SLOTS_FIELD_NUMBER: _ClassVar[int]
    EVENT_AGES_MS_FIELD_NUMBER: _ClassVar[int]
    GONE_ENTITIES_FIELD_NUMBER: _ClassVar[int]
    run_sources: _containers.RepeatedScalarFieldContainer[int]
    run_statuses: _containers.RepeatedScalarFieldContainer[int]
    run_ages_ms: _containers.RepeatedScalarFieldContainer[int]
    run_durations_us: _containers.RepeatedScalarFieldContainer[int]
    path: int
    double_slots: _containers.RepeatedScalarFieldContainer[int]
    doubles: _containers.RepeatedScalarFieldContainer[float]
    int_slots: _containers.RepeatedScalarFieldContainer[int]
    ints: _containers.RepeatedScalarFieldContainer[int]
    true_slots: _containers.RepeatedScalarFieldContainer[int]
    false_slots: _containers.RepeatedScalarFieldContainer[int]
    text_slots: _containers.RepeatedScalarFieldContainer[int]
    texts: _containers.RepeatedScalarFieldContainer[str]
    unknown_slots: _containers.RepeatedScalarFieldContainer[int]
    unknown_reasons: _containers.RepeatedScalarFieldContainer[int]
    event_slots: _containers.RepeatedScalarFieldContainer[int]
    event_ages_ms: _containers.RepeatedScalarFieldContainer[int]
    gone_entities: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, run_sources: _Optional[_Iterable[int]] = ..., run_statuses: _Optional[_Iterable[int]] = ..., run_ages_ms: _Optional[_Iterable[int]] = ..., run_durations_us: _Optional[_Iterable[int]] = ..., path: _Optional[int] = ..., double_slots: _Optional[_Iterable[int]] = ..., doubles: _Optional[_Iterable[float]] = ..., int_slots: _Optional[_Iterable[int]] = ..., ints: _Optional[_Iterable[int]] = ..., true_slots: _Optional[_Iterable[int]] = ..., false_slots: _Optional[_Iterable[int]] = ..., text_slots: _Optional[_Iterable[int]] = ..., texts: _Optional[_Iterable[str]] = ..., unknown_slots: _Optional[_Iterable[int]] = ..., unknown_reasons: _Optional[_Iterable[int]] = ..., event_slots: _Optional[_Iterable[int]] = ..., event_ages_ms: _Optional[_Iterable[int]] = ..., gone_entities: _Optional[_Iterable[int]] = ...) -> None: ...

class SourceNotes(_message.Message):
    __slots__ = ("sources", "notes")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedScalarFieldContainer[int]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sources: _Optional[_Iterable[int]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class ConsentState(_message.Message):
    __slots__ = ("granted", "declined")
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    DECLINED_FIELD_NUMBER: _ClassVar[int]
    granted: _containers.RepeatedScalarFieldContainer[ConsentLayer]
    declined: _containers.RepeatedScalarFieldContainer[ConsentLayer]
    def __init__(self, granted: _Optional[_Iterable[_Union[ConsentLayer, str]]] = ..., declined: _Optional[_Iterable[_Union[ConsentLayer, str]]] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("question", "value")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    question: str
    value: str
    def __init__(self, question: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ActionReport(_message.Message):
    __slots__ = ("proposal_id", "state", "code", "detail", "undoable")
    PROPOSAL_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    UNDOABLE_FIELD_NUMBER: _ClassVar[int]
    proposal_id: str
    state: ActionState
    code: str
    detail: str
    undoable: bool
    def __init__(self, proposal_id: _Optional[str] = ..., state: _Optional[_Union[ActionState, str]] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ..., undoable: bool = ...) -> None: ...

class CheckDecision(_message.Message):
    __slots__ = ("check", "allowed", "named_by_caller")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    NAMED_BY_CALLER_FIELD_NUMBER: _ClassVar[int]
    check: str
    allowed: bool
    named_by_caller: bool
    def __init__(self, check: _Optional[str] = ..., allowed: bool = ..., named_by_caller: bool = ...) -> None: ...

class DeviceReport(_message.Message):
    __slots__ = ("target", "state", "trouble", "fingerprint")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    target: int
    state: DeviceState
    trouble: str
    fingerprint: str
    def __init__(self, target: _Optional[int] = ..., state: _Optional[_Union[DeviceState, str]] = ..., trouble: _Optional[str] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class Bye(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class CollectorFrame(_message.Message):
    __slots__ = ("welcome", "ack", "plan", "follow_up", "question", "action", "check", "advice", "bye", "undo", "call", "consent", "echo", "device", "question_gone")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_UP_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    BYE_FIELD_NUMBER: _ClassVar[int]
    UNDO_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    ECHO_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    QUESTION_GONE_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    ack: Ack
    plan: Plan
    follow_up: FollowUp
    question: Question
    action: ActionProposal
    check: CheckRequest
    advice: Advice
    bye: Bye
    undo: UndoRequest
    call: CallState
    consent: ConsentRequest
    echo: Echo
    device: DeviceRequest
    question_gone: QuestionGone
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., plan: _Optional[_Union[Plan, _Mapping]] = ..., follow_up: _Optional[_Union[FollowUp, _Mapping]] = ..., question: _Optional[_Union[Question, _Mapping]] = ..., action: _Optional[_Union[ActionProposal, _Mapping]] = ..., check: _Optional[_Union[CheckRequest, _Mapping]] = ..., advice: _Optional[_Union[Advice, _Mapping]] = ..., bye: _Optional[_Union[Bye, _Mapping]] = ..., undo: _Optional[_Union[UndoRequest, _Mapping]] = ..., call: _Optional[_Union[CallState, _Mapping]] = ..., consent: _Optional[_Union[ConsentRequest, _Mapping]] = ..., echo: _Optional[_Union[Echo, _Mapping]] = ..., device: _Optional[_Union[DeviceRequest, _Mapping]] = ..., question_gone: _Optional[_Union[QuestionGone, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("durable_seq", "wall_us")
    DURABLE_SEQ_FIELD_NUMBER: _ClassVar[int]
    WALL_US_FIELD_NUMBER: _ClassVar[int]
    durable_seq: int
    wall_us: int
    def __init__(self, durable_seq: _Optional[int] = ..., wall_us: _Optional[int] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class Plan(_message.Message):
    __slots__ = ("entries", "anchors", "known_names", "ntp_servers", "active", "portal_urls", "ports", "load_url")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    ANCHORS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_NAMES_FIELD_NUMBER: _ClassVar[int]
    NTP_SERVERS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PORTAL_URLS_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    LOAD_URL_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[PlanEntry]
    anchors: _containers.RepeatedScalarFieldContainer[str]
    known_names: _containers.RepeatedScalarFieldContainer[str]
    ntp_servers: _containers.RepeatedScalarFieldContainer[str]
    active: bool
    portal_urls: _containers.RepeatedScalarFieldContainer[str]
    ports: _containers.RepeatedScalarFieldContainer[str]
    load_url: str
    def __init__(self, entries: _Optional[_Iterable[_Union[PlanEntry, _Mapping]]] = ..., anchors: _Optional[_Iterable[str]] = ..., known_names: _Optional[_Iterable[str]] = ..., ntp_servers: _Optional[_Iterable[str]] = ..., active: bool = ..., portal_urls: _Optional[_Iterable[str]] = ..., ports: _Optional[_Iterable[str]] = ..., load_url: _Optional[str] = ...) -> None: ...

class PlanEntry(_message.Message):
    __slots__ = ("source", "interval_ms")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    source: str
    interval_ms: int
    def __init__(self, source: _Optional[str] = ..., interval_ms: _Optional[int] = ...) -> None: ...

class FollowUp(_message.Message):
    __slots__ = ("sources",)
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sources: _Optional[_Iterable[str]] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("id", "text_en", "text_de", "values", "how_en", "how_de", "labels_en", "labels_de", "hazard")
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_EN_FIELD_NUMBER: _ClassVar[int]
    TEXT_DE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    HOW_EN_FIELD_NUMBER: _ClassVar[int]
    HOW_DE_FIELD_NUMBER: _ClassVar[int]
    LABELS_EN_FIELD_NUMBER: _ClassVar[int]
    LABELS_DE_FIELD_NUMBER: _ClassVar[int]
    HAZARD_FIELD_NUMBER: _ClassVar[int]
    id: str
    text_en: str
    text_de: str
    values: _containers.RepeatedScalarFieldContainer[str]
    how_en: str
    how_de: str
    labels_en: _containers.RepeatedScalarFieldContainer[str]
    labels_de: _containers.RepeatedScalarFieldContainer[str]
    hazard: bool
    def __init__(self, id: _Optional[str] = ..., text_en: _Optional[str] = ..., text_de: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ..., how_en: _Optional[str] = ..., how_de: _Optional[str] = ..., labels_en: _Optional[_Iterable[str]] = ..., labels_de: _Optional[_Iterable[str]] = ..., hazard: bool = ...) -> None: ...

class QuestionGone(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ActionParameter(_message.Message):
    __slots__ = ("name", "entity_key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENTITY_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    entity_key: str
    def __init__(self, name: _Optional[str] = ..., entity_key: _Optional[str] = ...) -> None: ...

class ActionProposal(_message.Message):
    __slots__ = ("proposal_id", "action", "parameters", "expires_in_s", "signed_list")
    PROPOSAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_S_FIELD_NUMBER: _ClassVar[int]
    SIGNED_LIST_FIELD_NUMBER: _ClassVar[int]
    proposal_id: str
    action: str
    parameters: _containers.RepeatedCompositeFieldContainer[ActionParameter]
    expires_in_s: int
    signed_list: bytes
    def __init__(self, proposal_id: _Optional[str] = ..., action: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[ActionParameter, _Mapping]]] = ..., expires_in_s: _Optional[int] = ..., signed_list: _Optional[bytes] = ...) -> None: ...

class UndoRequest(_message.Message):
    __slots__ = ("proposal_id",)
    PROPOSAL_ID_FIELD_NUMBER: _ClassVar[int]
    proposal_id: str
    def __init__(self, proposal_id: _Optional[str] = ...) -> None: ...

class CheckRequest(_message.Message):
    __slots__ = ("check",)
    CHECK_FIELD_NUMBER: _ClassVar[int]
    check: str
    def __init__(self, check: _Optional[str] = ...) -> None: ...

class DeviceRequest(_message.Message):
    __slots__ = ("target", "address", "code", "fingerprint")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    target: int
    address: str
    code: str
    fingerprint: str
    def __init__(self, target: _Optional[int] = ..., address: _Optional[str] = ..., code: _Optional[str] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class Advice(_message.Message):
    __slots__ = ("lines",)
    LINES_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[AdviceLine]
    def __init__(self, lines: _Optional[_Iterable[_Union[AdviceLine, _Mapping]]] = ...) -> None: ...

class AdviceLine(_message.Message):
    __slots__ = ("text_en", "text_de", "severity")
    TEXT_EN_FIELD_NUMBER: _ClassVar[int]
    TEXT_DE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    text_en: str
    text_de: str
    severity: str
    def __init__(self, text_en: _Optional[str] = ..., text_de: _Optional[str] = ..., severity: _Optional[str] = ...) -> None: ...

class ConsentRequest(_message.Message):
    __slots__ = ("layer", "reason", "facts")
    LAYER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    layer: ConsentLayer
    reason: ConsentReason
    facts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, layer: _Optional[_Union[ConsentLayer, str]] = ..., reason: _Optional[_Union[ConsentReason, str]] = ..., facts: _Optional[_Iterable[str]] = ...) -> None: ...

class CallState(_message.Message):
    __slots__ = ("agent_name", "words_confirmed", "place", "expected_s")
    AGENT_NAME_FIELD_NUMBER: _ClassVar[int]
    WORDS_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_S_FIELD_NUMBER: _ClassVar[int]
    agent_name: str
    words_confirmed: bool
    place: int
    expected_s: int
    def __init__(self, agent_name: _Optional[str] = ..., words_confirmed: bool = ..., place: _Optional[int] = ..., expected_s: _Optional[int] = ...) -> None: ...
