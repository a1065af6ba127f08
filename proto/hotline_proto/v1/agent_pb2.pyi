from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LoginRequest(_message.Message):
    __slots__ = ("user", "password")
    USER_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    user: str
    password: str
    def __init__(self, user: _Optional[str] = ..., password: _Optional[str] = ...) -> None: ...

class LoginResponse(_message.Message):
    __slots__ = ("token", "expires_us", "role", "language")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_US_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    token: str
    expires_us: int
    role: str
    language: str
    def __init__(self, token: _Optional[str] = ..., expires_us: _Optional[int] = ..., role: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class OpenCallRequest(_message.Message):
    __slots__ = ("complaint", "customer_reference", "first_check")
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_CHECK_FIELD_NUMBER: _ClassVar[int]
    complaint: str
    customer_reference: str
    first_check: str
    def __init__(self, complaint: _Optional[str] = ..., customer_reference: _Optional[str] = ..., first_check: _Optional[str] = ...) -> None: ...

class OpenCallResponse(_message.Message):
    __slots__ = ("call_id", "code")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    code: JoinCode
    def __init__(self, call_id: _Optional[str] = ..., code: _Optional[_Union[JoinCode, _Mapping]] = ...) -> None: ...

class JoinCode(_message.Message):
    __slots__ = ("code", "address", "link", "expires_us", "page")
    CODE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_US_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    address: str
    link: str
    expires_us: int
    page: str
    def __init__(self, code: _Optional[str] = ..., address: _Optional[str] = ..., link: _Optional[str] = ..., expires_us: _Optional[int] = ..., page: _Optional[str] = ...) -> None: ...

class ListCallsRequest(_message.Message):
    __slots__ = ("include_closed",)
    INCLUDE_CLOSED_FIELD_NUMBER: _ClassVar[int]
    include_closed: bool
    def __init__(self, include_closed: bool = ...) -> None: ...

class ListCallsResponse(_message.Message):
    __slots__ = ("calls",)
    CALLS_FIELD_NUMBER: _ClassVar[int]
    calls: _containers.RepeatedCompositeFieldContainer[CallSummary]
    def __init__(self, calls: _Optional[_Iterable[_Union[CallSummary, _Mapping]]] = ...) -> None: ...

class CallSummary(_message.Message):
    __slots__ = ("call_id", "state", "complaint", "opened_us", "top_cause_en", "top_cause_de", "agent", "customer_reference", "queued_us")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    OPENED_US_FIELD_NUMBER: _ClassVar[int]
    TOP_CAUSE_EN_FIELD_NUMBER: _ClassVar[int]
    TOP_CAUSE_DE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_US_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    state: str
    complaint: str
    opened_us: int
    top_cause_en: str
    top_cause_de: str
    agent: str
    customer_reference: str
    queued_us: int
    def __init__(self, call_id: _Optional[str] = ..., state: _Optional[str] = ..., complaint: _Optional[str] = ..., opened_us: _Optional[int] = ..., top_cause_en: _Optional[str] = ..., top_cause_de: _Optional[str] = ..., agent: _Optional[str] = ..., customer_reference: _Optional[str] = ..., queued_us: _Optional[int] = ...) -> None: ...

class GetCallRequest(_message.Message):
    __slots__ = ("call_id", "include_facts")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FACTS_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    include_facts: bool
    def __init__(self, call_id: _Optional[str] = ..., include_facts: bool = ...) -> None: ...

class GetCallResponse(_message.Message):
    __slots__ = ("call",)
    CALL_FIELD_NUMBER: _ClassVar[int]
    call: CallView
    def __init__(self, call: _Optional[_Union[CallView, _Mapping]] = ...) -> None: ...

class WatchCallRequest(_message.Message):
    __slots__ = ("call_id", "include_facts")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FACTS_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    include_facts: bool
    def __init__(self, call_id: _Optional[str] = ..., include_facts: bool = ...) -> None: ...

class WatchCallResponse(_message.Message):
    __slots__ = ("call",)
    CALL_FIELD_NUMBER: _ClassVar[int]
    call: CallView
    def __init__(self, call: _Optional[_Union[CallView, _Mapping]] = ...) -> None: ...

class Text(_message.Message):
    __slots__ = ("en", "de")
    EN_FIELD_NUMBER: _ClassVar[int]
    DE_FIELD_NUMBER: _ClassVar[int]
    en: str
    de: str
    def __init__(self, en: _Optional[str] = ..., de: _Optional[str] = ...) -> None: ...

class CallView(_message.Message):
    __slots__ = ("call_id", "state", "complaint", "agent", "opened_us", "now_us", "targets", "causes", "also_noticed", "suspected", "questions", "fixes", "notes", "words_confirmed", "outcome", "facts", "version", "say_now", "cleared", "plan", "disagreements", "wait", "outages", "path", "machine", "customer_reference", "deliveries", "by_answers")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    OPENED_US_FIELD_NUMBER: _ClassVar[int]
    NOW_US_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    CAUSES_FIELD_NUMBER: _ClassVar[int]
    ALSO_NOTICED_FIELD_NUMBER: _ClassVar[int]
    SUSPECTED_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    FIXES_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    WORDS_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SAY_NOW_FIELD_NUMBER: _ClassVar[int]
    CLEARED_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    DISAGREEMENTS_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    OUTAGES_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    BY_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    state: str
    complaint: str
    agent: str
    opened_us: int
    now_us: int
    targets: _containers.RepeatedCompositeFieldContainer[TargetView]
    causes: _containers.RepeatedCompositeFieldContainer[FindingView]
    also_noticed: _containers.RepeatedCompositeFieldContainer[FindingView]
    suspected: _containers.RepeatedCompositeFieldContainer[FindingView]
    questions: _containers.RepeatedCompositeFieldContainer[QuestionView]
    fixes: _containers.RepeatedCompositeFieldContainer[FixView]
    notes: _containers.RepeatedCompositeFieldContainer[NoteView]
    words_confirmed: bool
    outcome: str
    facts: _containers.RepeatedCompositeFieldContainer[FactView]
    version: int
    say_now: Text
    cleared: _containers.RepeatedCompositeFieldContainer[FindingView]
    plan: PlanView
    disagreements: _containers.RepeatedCompositeFieldContainer[DisagreementView]
    wait: WaitView
    outages: _containers.RepeatedCompositeFieldContainer[OutageView]
    path: _containers.RepeatedCompositeFieldContainer[PathPartView]
    machine: MachineView
    customer_reference: str
    deliveries: _containers.RepeatedCompositeFieldContainer[DeliveryView]
    by_answers: bool
    def __init__(self, call_id: _Optional[str] = ..., state: _Optional[str] = ..., complaint: _Optional[str] = ..., agent: _Optional[str] = ..., opened_us: _Optional[int] = ..., now_us: _Optional[int] = ..., targets: _Optional[_Iterable[_Union[TargetView, _Mapping]]] = ..., causes: _Optional[_Iterable[_Union[FindingView, _Mapping]]] = ..., also_noticed: _Optional[_Iterable[_Union[FindingView, _Mapping]]] = ..., suspected: _Optional[_Iterable[_Union[FindingView, _Mapping]]] = ..., questions: _Optional[_Iterable[_Union[QuestionView, _Mapping]]] = ..., fixes: _Optional[_Iterable[_Union[FixView, _Mapping]]] = ..., notes: _Optional[_Iterable[_Union[NoteView, _Mapping]]] = ..., words_confirmed: bool = ..., outcome: _Optional[str] = ..., facts: _Optional[_Iterable[_Union[FactView, _Mapping]]] = ..., version: _Optional[int] = ..., say_now: _Optional[_Union[Text, _Mapping]] = ..., cleared: _Optional[_Iterable[_Union[FindingView, _Mapping]]] = ..., plan: _Optional[_Union[PlanView, _Mapping]] = ..., disagreements: _Optional[_Iterable[_Union[DisagreementView, _Mapping]]] = ..., wait: _Optional[_Union[WaitView, _Mapping]] = ..., outages: _Optional[_Iterable[_Union[OutageView, _Mapping]]] = ..., path: _Optional[_Iterable[_Union[PathPartView, _Mapping]]] = ..., machine: _Optional[_Union[MachineView, _Mapping]] = ..., customer_reference: _Optional[str] = ..., deliveries: _Optional[_Iterable[_Union[DeliveryView, _Mapping]]] = ..., by_answers: bool = ...) -> None: ...

class PathPartView(_message.Message):
    __slots__ = ("part", "state", "broken", "reason", "title", "detail")
    PART_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BROKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    part: str
    state: str
    broken: bool
    reason: str
    title: Text
    detail: str
    def __init__(self, part: _Optional[str] = ..., state: _Optional[str] = ..., broken: bool = ..., reason: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., detail: _Optional[str] = ...) -> None: ...

class MachineView(_message.Message):
    __slots__ = ("ages_ms", "series")
    AGES_MS_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    ages_ms: _containers.RepeatedScalarFieldContainer[int]
    series: _containers.RepeatedCompositeFieldContainer[SeriesView]
    def __init__(self, ages_ms: _Optional[_Iterable[int]] = ..., series: _Optional[_Iterable[_Union[SeriesView, _Mapping]]] = ...) -> None: ...

class SeriesView(_message.Message):
    __slots__ = ("name", "unit", "values", "unknown")
    NAME_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    name: str
    unit: str
    values: _containers.RepeatedScalarFieldContainer[float]
    unknown: str
    def __init__(self, name: _Optional[str] = ..., unit: _Optional[str] = ..., values: _Optional[_Iterable[float]] = ..., unknown: _Optional[str] = ...) -> None: ...

class WaitView(_message.Message):
    __slots__ = ("place", "queued_us", "picked_us", "waited_us", "paid_us", "expected_us", "cost", "currency", "for_agent", "back_asked_us", "back_called_us", "number")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_US_FIELD_NUMBER: _ClassVar[int]
    PICKED_US_FIELD_NUMBER: _ClassVar[int]
    WAITED_US_FIELD_NUMBER: _ClassVar[int]
    PAID_US_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_US_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    FOR_AGENT_FIELD_NUMBER: _ClassVar[int]
    BACK_ASKED_US_FIELD_NUMBER: _ClassVar[int]
    BACK_CALLED_US_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    place: int
    queued_us: int
    picked_us: int
    waited_us: int
    paid_us: int
    expected_us: int
    cost: str
    currency: str
    for_agent: str
    back_asked_us: int
    back_called_us: int
    number: str
    def __init__(self, place: _Optional[int] = ..., queued_us: _Optional[int] = ..., picked_us: _Optional[int] = ..., waited_us: _Optional[int] = ..., paid_us: _Optional[int] = ..., expected_us: _Optional[int] = ..., cost: _Optional[str] = ..., currency: _Optional[str] = ..., for_agent: _Optional[str] = ..., back_asked_us: _Optional[int] = ..., back_called_us: _Optional[int] = ..., number: _Optional[str] = ...) -> None: ...

class OutageView(_message.Message):
    __slots__ = ("rule", "title", "callers", "since_us", "last_us", "state", "agent")
    RULE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CALLERS_FIELD_NUMBER: _ClassVar[int]
    SINCE_US_FIELD_NUMBER: _ClassVar[int]
    LAST_US_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    rule: str
    title: Text
    callers: int
    since_us: int
    last_us: int
    state: str
    agent: str
    def __init__(self, rule: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., callers: _Optional[int] = ..., since_us: _Optional[int] = ..., last_us: _Optional[int] = ..., state: _Optional[str] = ..., agent: _Optional[str] = ...) -> None: ...

class DeliveryView(_message.Message):
    __slots__ = ("delivery_id", "event", "state", "attempts", "detail", "due_us", "settled_us")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    DUE_US_FIELD_NUMBER: _ClassVar[int]
    SETTLED_US_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    event: str
    state: str
    attempts: int
    detail: str
    due_us: int
    settled_us: int
    def __init__(self, delivery_id: _Optional[str] = ..., event: _Optional[str] = ..., state: _Optional[str] = ..., attempts: _Optional[int] = ..., detail: _Optional[str] = ..., due_us: _Optional[int] = ..., settled_us: _Optional[int] = ...) -> None: ...

class PlanView(_message.Message):
    __slots__ = ("plan", "title", "steps", "current")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    plan: str
    title: Text
    steps: _containers.RepeatedCompositeFieldContainer[PlanStepView]
    current: int
    def __init__(self, plan: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[PlanStepView, _Mapping]]] = ..., current: _Optional[int] = ...) -> None: ...

class PlanStepView(_message.Message):
    __slots__ = ("title", "state", "steps", "missing", "questions")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    title: Text
    state: str
    steps: _containers.RepeatedCompositeFieldContainer[Text]
    missing: _containers.RepeatedCompositeFieldContainer[MissingView]
    questions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, title: _Optional[_Union[Text, _Mapping]] = ..., state: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., missing: _Optional[_Iterable[_Union[MissingView, _Mapping]]] = ..., questions: _Optional[_Iterable[str]] = ...) -> None: ...

class DisagreementView(_message.Message):
    __slots__ = ("at_us", "author", "finding_id", "rule", "cause", "reason")
    AT_US_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    FINDING_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    at_us: int
    author: str
    finding_id: str
    rule: str
    cause: str
    reason: str
    def __init__(self, at_us: _Optional[int] = ..., author: _Optional[str] = ..., finding_id: _Optional[str] = ..., rule: _Optional[str] = ..., cause: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class TargetView(_message.Message):
    __slots__ = ("target", "name", "platform", "link", "link_since_us", "sources", "consent", "path", "personal", "rtt_us", "device", "trouble", "fingerprint", "from_collector")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    LINK_SINCE_US_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_FIELD_NUMBER: _ClassVar[int]
    RTT_US_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    FROM_COLLECTOR_FIELD_NUMBER: _ClassVar[int]
    target: int
    name: str
    platform: str
    link: str
    link_since_us: int
    sources: _containers.RepeatedCompositeFieldContainer[SourceView]
    consent: _containers.RepeatedScalarFieldContainer[str]
    path: str
    personal: str
    rtt_us: int
    device: str
    trouble: str
    fingerprint: str
    from_collector: bool
    def __init__(self, target: _Optional[int] = ..., name: _Optional[str] = ..., platform: _Optional[str] = ..., link: _Optional[str] = ..., link_since_us: _Optional[int] = ..., sources: _Optional[_Iterable[_Union[SourceView, _Mapping]]] = ..., consent: _Optional[_Iterable[str]] = ..., path: _Optional[str] = ..., personal: _Optional[str] = ..., rtt_us: _Optional[int] = ..., device: _Optional[str] = ..., trouble: _Optional[str] = ..., fingerprint: _Optional[str] = ..., from_collector: bool = ...) -> None: ...

class SourceView(_message.Message):
    __slots__ = ("source", "status", "note", "ran_us", "duration_us")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    RAN_US_FIELD_NUMBER: _ClassVar[int]
    DURATION_US_FIELD_NUMBER: _ClassVar[int]
    source: str
    status: str
    note: str
    ran_us: int
    duration_us: int
    def __init__(self, source: _Optional[str] = ..., status: _Optional[str] = ..., note: _Optional[str] = ..., ran_us: _Optional[int] = ..., duration_us: _Optional[int] = ...) -> None: ...

class FindingView(_message.Message):
    __slots__ = ("finding_id", "rule", "target", "entity_kind", "entity", "state", "stale", "severity", "confidence", "hazard", "title", "symptom", "onset_us", "evidence", "explains", "missing", "fixes", "pack_digest", "look_alikes", "pack_version")
    FINDING_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ENTITY_KIND_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    HAZARD_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SYMPTOM_FIELD_NUMBER: _ClassVar[int]
    ONSET_US_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    EXPLAINS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    FIXES_FIELD_NUMBER: _ClassVar[int]
    PACK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LOOK_ALIKES_FIELD_NUMBER: _ClassVar[int]
    PACK_VERSION_FIELD_NUMBER: _ClassVar[int]
    finding_id: str
    rule: str
    target: int
    entity_kind: str
    entity: str
    state: str
    stale: bool
    severity: str
    confidence: float
    hazard: bool
    title: Text
    symptom: Text
    onset_us: int
    evidence: _containers.RepeatedCompositeFieldContainer[EvidenceView]
    explains: _containers.RepeatedCompositeFieldContainer[FindingView]
    missing: _containers.RepeatedCompositeFieldContainer[MissingView]
    fixes: _containers.RepeatedCompositeFieldContainer[FixOption]
    pack_digest: str
    look_alikes: _containers.RepeatedCompositeFieldContainer[LookAlike]
    pack_version: str
    def __init__(self, finding_id: _Optional[str] = ..., rule: _Optional[str] = ..., target: _Optional[int] = ..., entity_kind: _Optional[str] = ..., entity: _Optional[str] = ..., state: _Optional[str] = ..., stale: bool = ..., severity: _Optional[str] = ..., confidence: _Optional[float] = ..., hazard: bool = ..., title: _Optional[_Union[Text, _Mapping]] = ..., symptom: _Optional[_Union[Text, _Mapping]] = ..., onset_us: _Optional[int] = ..., evidence: _Optional[_Iterable[_Union[EvidenceView, _Mapping]]] = ..., explains: _Optional[_Iterable[_Union[FindingView, _Mapping]]] = ..., missing: _Optional[_Iterable[_Union[MissingView, _Mapping]]] = ..., fixes: _Optional[_Iterable[_Union[FixOption, _Mapping]]] = ..., pack_digest: _Optional[str] = ..., look_alikes: _Optional[_Iterable[_Union[LookAlike, _Mapping]]] = ..., pack_version: _Optional[str] = ...) -> None: ...

class LookAlike(_message.Message):
    __slots__ = ("rule", "title", "tell", "words")
    RULE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TELL_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    rule: str
    title: Text
    tell: str
    words: Text
    def __init__(self, rule: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., tell: _Optional[str] = ..., words: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class EvidenceView(_message.Message):
    __slots__ = ("fact", "entity", "value", "condition", "unit", "measured_us", "meaning", "label")
    FACT_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    MEASURED_US_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    fact: str
    entity: str
    value: str
    condition: str
    unit: str
    measured_us: int
    meaning: Text
    label: Text
    def __init__(self, fact: _Optional[str] = ..., entity: _Optional[str] = ..., value: _Optional[str] = ..., condition: _Optional[str] = ..., unit: _Optional[str] = ..., measured_us: _Optional[int] = ..., meaning: _Optional[_Union[Text, _Mapping]] = ..., label: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class MissingView(_message.Message):
    __slots__ = ("fact", "entity", "reason", "settle", "question", "source", "meaning")
    FACT_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SETTLE_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    fact: str
    entity: str
    reason: str
    settle: str
    question: QuestionView
    source: Text
    meaning: Text
    def __init__(self, fact: _Optional[str] = ..., entity: _Optional[str] = ..., reason: _Optional[str] = ..., settle: _Optional[str] = ..., question: _Optional[_Union[QuestionView, _Mapping]] = ..., source: _Optional[_Union[Text, _Mapping]] = ..., meaning: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class FixOption(_message.Message):
    __slots__ = ("index", "title", "action", "steps", "by", "risk", "undo", "verify_within_s", "expect")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    UNDO_FIELD_NUMBER: _ClassVar[int]
    VERIFY_WITHIN_S_FIELD_NUMBER: _ClassVar[int]
    EXPECT_FIELD_NUMBER: _ClassVar[int]
    index: int
    title: Text
    action: str
    steps: _containers.RepeatedCompositeFieldContainer[Text]
    by: str
    risk: str
    undo: Text
    verify_within_s: int
    expect: _containers.RepeatedCompositeFieldContainer[EvidenceView]
    def __init__(self, index: _Optional[int] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., action: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., by: _Optional[str] = ..., risk: _Optional[str] = ..., undo: _Optional[_Union[Text, _Mapping]] = ..., verify_within_s: _Optional[int] = ..., expect: _Optional[_Iterable[_Union[EvidenceView, _Mapping]]] = ...) -> None: ...

class QuestionView(_message.Message):
    __slots__ = ("question", "text", "values", "rules", "answer", "hazard", "value_labels", "decides", "seconds", "how", "rule_titles", "answered_by", "answered_us", "locked", "awaited")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    HAZARD_FIELD_NUMBER: _ClassVar[int]
    VALUE_LABELS_FIELD_NUMBER: _ClassVar[int]
    DECIDES_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    RULE_TITLES_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_US_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    AWAITED_FIELD_NUMBER: _ClassVar[int]
    question: str
    text: Text
    values: _containers.RepeatedScalarFieldContainer[str]
    rules: _containers.RepeatedScalarFieldContainer[str]
    answer: str
    hazard: bool
    value_labels: _containers.RepeatedCompositeFieldContainer[Text]
    decides: float
    seconds: float
    how: Text
    rule_titles: _containers.RepeatedCompositeFieldContainer[Text]
    answered_by: str
    answered_us: int
    locked: bool
    awaited: bool
    def __init__(self, question: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ..., values: _Optional[_Iterable[str]] = ..., rules: _Optional[_Iterable[str]] = ..., answer: _Optional[str] = ..., hazard: bool = ..., value_labels: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., decides: _Optional[float] = ..., seconds: _Optional[float] = ..., how: _Optional[_Union[Text, _Mapping]] = ..., rule_titles: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., answered_by: _Optional[str] = ..., answered_us: _Optional[int] = ..., locked: bool = ..., awaited: bool = ...) -> None: ...

class FixView(_message.Message):
    __slots__ = ("fix_id", "finding_id", "rule", "index", "state", "title", "action", "steps", "by", "risk", "undoable", "detail", "proposed_us", "done_us", "verify_until_us", "settled_us", "entity", "changes", "target")
    FIX_ID_FIELD_NUMBER: _ClassVar[int]
    FINDING_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    UNDOABLE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_US_FIELD_NUMBER: _ClassVar[int]
    DONE_US_FIELD_NUMBER: _ClassVar[int]
    VERIFY_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    SETTLED_US_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    fix_id: str
    finding_id: str
    rule: str
    index: int
    state: str
    title: Text
    action: str
    steps: _containers.RepeatedCompositeFieldContainer[Text]
    by: str
    risk: str
    undoable: bool
    detail: str
    proposed_us: int
    done_us: int
    verify_until_us: int
    settled_us: int
    entity: str
    changes: _containers.RepeatedCompositeFieldContainer[FactChange]
    target: int
    def __init__(self, fix_id: _Optional[str] = ..., finding_id: _Optional[str] = ..., rule: _Optional[str] = ..., index: _Optional[int] = ..., state: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., action: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., by: _Optional[str] = ..., risk: _Optional[str] = ..., undoable: bool = ..., detail: _Optional[str] = ..., proposed_us: _Optional[int] = ..., done_us: _Optional[int] = ..., verify_until_us: _Optional[int] = ..., settled_us: _Optional[int] = ..., entity: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[FactChange, _Mapping]]] = ..., target: _Optional[int] = ...) -> None: ...

class FactChange(_message.Message):
    __slots__ = ("fact", "entity", "unit", "meaning", "before", "after", "unknown", "measured_us", "before_label", "after_label")
    FACT_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    MEASURED_US_FIELD_NUMBER: _ClassVar[int]
    BEFORE_LABEL_FIELD_NUMBER: _ClassVar[int]
    AFTER_LABEL_FIELD_NUMBER: _ClassVar[int]
    fact: str
    entity: str
    unit: str
    meaning: Text
    before: str
    after: str
    unknown: str
    measured_us: int
    before_label: Text
    after_label: Text
    def __init__(self, fact: _Optional[str] = ..., entity: _Optional[str] = ..., unit: _Optional[str] = ..., meaning: _Optional[_Union[Text, _Mapping]] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., unknown: _Optional[str] = ..., measured_us: _Optional[int] = ..., before_label: _Optional[_Union[Text, _Mapping]] = ..., after_label: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class NoteView(_message.Message):
    __slots__ = ("at_us", "author", "text")
    AT_US_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    at_us: int
    author: str
    text: str
    def __init__(self, at_us: _Optional[int] = ..., author: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class FactView(_message.Message):
    __slots__ = ("target", "fact", "entity", "value", "unit", "unknown", "measured_us", "origin", "source", "meaning", "label")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    MEASURED_US_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    target: int
    fact: str
    entity: str
    value: str
    unit: str
    unknown: str
    measured_us: int
    origin: str
    source: str
    meaning: Text
    label: Text
    def __init__(self, target: _Optional[int] = ..., fact: _Optional[str] = ..., entity: _Optional[str] = ..., value: _Optional[str] = ..., unit: _Optional[str] = ..., unknown: _Optional[str] = ..., measured_us: _Optional[int] = ..., origin: _Optional[str] = ..., source: _Optional[str] = ..., meaning: _Optional[_Union[Text, _Mapping]] = ..., label: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class AddCheckRequest(_message.Message):
    __slots__ = ("call_id", "check", "target")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    check: str
    target: int
    def __init__(self, call_id: _Optional[str] = ..., check: _Optional[str] = ..., target: _Optional[int] = ...) -> None: ...

class AddCheckResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AddTargetRequest(_message.Message):
    __slots__ = ("call_id", "address", "from_collector", "fingerprint")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    FROM_COLLECTOR_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    address: str
    from_collector: bool
    fingerprint: str
    def __init__(self, call_id: _Optional[str] = ..., address: _Optional[str] = ..., from_collector: bool = ..., fingerprint: _Optional[str] = ...) -> None: ...

class AddTargetResponse(_message.Message):
    __slots__ = ("target",)
    TARGET_FIELD_NUMBER: _ClassVar[int]
    target: int
    def __init__(self, target: _Optional[int] = ...) -> None: ...

class MeasureNowRequest(_message.Message):
    __slots__ = ("call_id", "source")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    source: str
    def __init__(self, call_id: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class MeasureNowResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AskPersonalRequest(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class AskPersonalResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AnswerQuestionRequest(_message.Message):
    __slots__ = ("call_id", "question", "value")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    question: str
    value: str
    def __init__(self, call_id: _Optional[str] = ..., question: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class AnswerQuestionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EnterFactRequest(_message.Message):
    __slots__ = ("call_id", "fact", "value", "age_s", "origin")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AGE_S_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    fact: str
    value: str
    age_s: float
    origin: str
    def __init__(self, call_id: _Optional[str] = ..., fact: _Optional[str] = ..., value: _Optional[str] = ..., age_s: _Optional[float] = ..., origin: _Optional[str] = ...) -> None: ...

class EnterFactResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ConfirmWordsRequest(_message.Message):
    __slots__ = ("call_id", "words")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    words: str
    def __init__(self, call_id: _Optional[str] = ..., words: _Optional[str] = ...) -> None: ...

class ConfirmWordsResponse(_message.Message):
    __slots__ = ("confirmed",)
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    confirmed: bool
    def __init__(self, confirmed: bool = ...) -> None: ...

class ProposeFixRequest(_message.Message):
    __slots__ = ("call_id", "finding_id", "fix_index", "owner_agreed")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FINDING_ID_FIELD_NUMBER: _ClassVar[int]
    FIX_INDEX_FIELD_NUMBER: _ClassVar[int]
    OWNER_AGREED_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    finding_id: str
    fix_index: int
    owner_agreed: bool
    def __init__(self, call_id: _Optional[str] = ..., finding_id: _Optional[str] = ..., fix_index: _Optional[int] = ..., owner_agreed: bool = ...) -> None: ...

class ProposeFixResponse(_message.Message):
    __slots__ = ("fix_id",)
    FIX_ID_FIELD_NUMBER: _ClassVar[int]
    fix_id: str
    def __init__(self, fix_id: _Optional[str] = ...) -> None: ...

class UpdateFixRequest(_message.Message):
    __slots__ = ("call_id", "fix_id", "event")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FIX_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    fix_id: str
    event: str
    def __init__(self, call_id: _Optional[str] = ..., fix_id: _Optional[str] = ..., event: _Optional[str] = ...) -> None: ...

class UpdateFixResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class AddNoteRequest(_message.Message):
    __slots__ = ("call_id", "text")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    text: str
    def __init__(self, call_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class AddNoteResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RenewCodeRequest(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class RenewCodeResponse(_message.Message):
    __slots__ = ("code",)
    CODE_FIELD_NUMBER: _ClassVar[int]
    code: JoinCode
    def __init__(self, code: _Optional[_Union[JoinCode, _Mapping]] = ...) -> None: ...

class CloseCallRequest(_message.Message):
    __slots__ = ("call_id", "outcome", "note", "caller_confirmed", "ticket", "summary", "language")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CALLER_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    TICKET_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    outcome: str
    note: str
    caller_confirmed: bool
    ticket: str
    summary: str
    language: str
    def __init__(self, call_id: _Optional[str] = ..., outcome: _Optional[str] = ..., note: _Optional[str] = ..., caller_confirmed: bool = ..., ticket: _Optional[str] = ..., summary: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class CloseCallResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: str
    def __init__(self, state: _Optional[str] = ...) -> None: ...

class DisagreeRequest(_message.Message):
    __slots__ = ("call_id", "finding_id", "cause", "reason")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FINDING_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    finding_id: str
    cause: str
    reason: str
    def __init__(self, call_id: _Optional[str] = ..., finding_id: _Optional[str] = ..., cause: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DisagreeResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FollowPlanRequest(_message.Message):
    __slots__ = ("call_id", "plan")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    plan: str
    def __init__(self, call_id: _Optional[str] = ..., plan: _Optional[str] = ...) -> None: ...

class FollowPlanResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportRecordRequest(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class ExportRecordResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class ImportBundleRequest(_message.Message):
    __slots__ = ("chunk", "complaint", "customer_reference")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    complaint: str
    customer_reference: str
    def __init__(self, chunk: _Optional[bytes] = ..., complaint: _Optional[str] = ..., customer_reference: _Optional[str] = ...) -> None: ...

class ImportBundleResponse(_message.Message):
    __slots__ = ("call_id", "findings", "refused")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    findings: int
    refused: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, call_id: _Optional[str] = ..., findings: _Optional[int] = ..., refused: _Optional[_Iterable[str]] = ...) -> None: ...

class GetRulePackRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRulePackResponse(_message.Message):
    __slots__ = ("name", "version", "digest", "rules", "loaded_us", "signer", "refused_us", "faults")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    LOADED_US_FIELD_NUMBER: _ClassVar[int]
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    REFUSED_US_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    digest: str
    rules: int
    loaded_us: int
    signer: str
    refused_us: int
    faults: _containers.RepeatedCompositeFieldContainer[RuleFault]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., digest: _Optional[str] = ..., rules: _Optional[int] = ..., loaded_us: _Optional[int] = ..., signer: _Optional[str] = ..., refused_us: _Optional[int] = ..., faults: _Optional[_Iterable[_Union[RuleFault, _Mapping]]] = ...) -> None: ...

class RuleFault(_message.Message):
    __slots__ = ("file", "line", "column", "message")
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    file: str
    line: int
    column: int
    message: str
    def __init__(self, file: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class ListRuleRecordsRequest(_message.Message):
    __slots__ = ("rule_prefix",)
    RULE_PREFIX_FIELD_NUMBER: _ClassVar[int]
    rule_prefix: str
    def __init__(self, rule_prefix: _Optional[str] = ...) -> None: ...

class ListRuleRecordsResponse(_message.Message):
    __slots__ = ("records", "outside")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    OUTSIDE_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[RuleRecordView]
    outside: _containers.RepeatedCompositeFieldContainer[OutsideCauseView]
    def __init__(self, records: _Optional[_Iterable[_Union[RuleRecordView, _Mapping]]] = ..., outside: _Optional[_Iterable[_Union[OutsideCauseView, _Mapping]]] = ...) -> None: ...

class RuleRecordView(_message.Message):
    __slots__ = ("rule", "right", "wrong", "prior", "confidence")
    RULE_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    WRONG_FIELD_NUMBER: _ClassVar[int]
    PRIOR_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    right: int
    wrong: int
    prior: float
    confidence: float
    def __init__(self, rule: _Optional[str] = ..., right: _Optional[int] = ..., wrong: _Optional[int] = ..., prior: _Optional[float] = ..., confidence: _Optional[float] = ...) -> None: ...

class OutsideCauseView(_message.Message):
    __slots__ = ("cause", "rule", "calls")
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    cause: str
    rule: str
    calls: int
    def __init__(self, cause: _Optional[str] = ..., rule: _Optional[str] = ..., calls: _Optional[int] = ...) -> None: ...

class EnterSpokenRequest(_message.Message):
    __slots__ = ("call_id", "digits")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    DIGITS_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    digits: str
    def __init__(self, call_id: _Optional[str] = ..., digits: _Optional[str] = ...) -> None: ...

class EnterSpokenResponse(_message.Message):
    __slots__ = ("facts",)
    FACTS_FIELD_NUMBER: _ClassVar[int]
    facts: int
    def __init__(self, facts: _Optional[int] = ...) -> None: ...

class ListQueueRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListQueueResponse(_message.Message):
    __slots__ = ("now_us", "waiting", "at_work", "outages")
    NOW_US_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    AT_WORK_FIELD_NUMBER: _ClassVar[int]
    OUTAGES_FIELD_NUMBER: _ClassVar[int]
    now_us: int
    waiting: _containers.RepeatedCompositeFieldContainer[QueueEntry]
    at_work: int
    outages: _containers.RepeatedCompositeFieldContainer[OutageView]
    def __init__(self, now_us: _Optional[int] = ..., waiting: _Optional[_Iterable[_Union[QueueEntry, _Mapping]]] = ..., at_work: _Optional[int] = ..., outages: _Optional[_Iterable[_Union[OutageView, _Mapping]]] = ...) -> None: ...

class QueueEntry(_message.Message):
    __slots__ = ("call", "wait", "link", "link_since_us")
    CALL_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    LINK_SINCE_US_FIELD_NUMBER: _ClassVar[int]
    call: CallSummary
    wait: WaitView
    link: str
    link_since_us: int
    def __init__(self, call: _Optional[_Union[CallSummary, _Mapping]] = ..., wait: _Optional[_Union[WaitView, _Mapping]] = ..., link: _Optional[str] = ..., link_since_us: _Optional[int] = ...) -> None: ...

class TakeCallRequest(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class TakeCallResponse(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class TransferCallRequest(_message.Message):
    __slots__ = ("call_id", "to_agent", "note")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    TO_AGENT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    to_agent: str
    note: str
    def __init__(self, call_id: _Optional[str] = ..., to_agent: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class TransferCallResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CallBackRequest(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class CallBackResponse(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: str
    def __init__(self, number: _Optional[str] = ...) -> None: ...

class MarkOutageRequest(_message.Message):
    __slots__ = ("rule", "state")
    RULE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    state: str
    def __init__(self, rule: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...

class MarkOutageResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetWrapUpRequest(_message.Message):
    __slots__ = ("call_id", "outcome", "language")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    outcome: str
    language: str
    def __init__(self, call_id: _Optional[str] = ..., outcome: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class GetWrapUpResponse(_message.Message):
    __slots__ = ("outcome", "ticket", "summary", "caller_language", "lacking", "in_force", "ticket_edited", "summary_edited", "lacking_words")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TICKET_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CALLER_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LACKING_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    TICKET_EDITED_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_EDITED_FIELD_NUMBER: _ClassVar[int]
    LACKING_WORDS_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    ticket: str
    summary: str
    caller_language: str
    lacking: _containers.RepeatedScalarFieldContainer[str]
    in_force: _containers.RepeatedCompositeFieldContainer[FixView]
    ticket_edited: bool
    summary_edited: bool
    lacking_words: _containers.RepeatedCompositeFieldContainer[Text]
    def __init__(self, outcome: _Optional[str] = ..., ticket: _Optional[str] = ..., summary: _Optional[str] = ..., caller_language: _Optional[str] = ..., lacking: _Optional[_Iterable[str]] = ..., in_force: _Optional[_Iterable[_Union[FixView, _Mapping]]] = ..., ticket_edited: bool = ..., summary_edited: bool = ..., lacking_words: _Optional[_Iterable[_Union[Text, _Mapping]]] = ...) -> None: ...

class SaveTextsRequest(_message.Message):
    __slots__ = ("call_id", "ticket", "summary")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    TICKET_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    ticket: str
    summary: str
    def __init__(self, call_id: _Optional[str] = ..., ticket: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...

class SaveTextsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportReportRequest(_message.Message):
    __slots__ = ("call_id", "format", "language")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    format: str
    language: str
    def __init__(self, call_id: _Optional[str] = ..., format: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class ExportReportResponse(_message.Message):
    __slots__ = ("chunk", "name", "media_type")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    name: str
    media_type: str
    def __init__(self, chunk: _Optional[bytes] = ..., name: _Optional[str] = ..., media_type: _Optional[str] = ...) -> None: ...

class ResendDeliveriesRequest(_message.Message):
    __slots__ = ("call_id",)
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    def __init__(self, call_id: _Optional[str] = ...) -> None: ...

class ResendDeliveriesResponse(_message.Message):
    __slots__ = ("deliveries",)
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    deliveries: int
    def __init__(self, deliveries: _Optional[int] = ...) -> None: ...

class CorrectComplaintRequest(_message.Message):
    __slots__ = ("call_id", "complaint")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    complaint: str
    def __init__(self, call_id: _Optional[str] = ..., complaint: _Optional[str] = ...) -> None: ...

class CorrectComplaintResponse(_message.Message):
    __slots__ = ("complaint",)
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    complaint: str
    def __init__(self, complaint: _Optional[str] = ...) -> None: ...

class ListEarlierCallsRequest(_message.Message):
    __slots__ = ("customer_reference",)
    CUSTOMER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    customer_reference: str
    def __init__(self, customer_reference: _Optional[str] = ...) -> None: ...

class ListEarlierCallsResponse(_message.Message):
    __slots__ = ("recognised", "calls")
    RECOGNISED_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    recognised: bool
    calls: _containers.RepeatedCompositeFieldContainer[EarlierCallView]
    def __init__(self, recognised: bool = ..., calls: _Optional[_Iterable[_Union[EarlierCallView, _Mapping]]] = ...) -> None: ...

class EarlierCallView(_message.Message):
    __slots__ = ("call_id", "opened_us", "closed_us", "complaint", "outcome", "cause", "tried")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    OPENED_US_FIELD_NUMBER: _ClassVar[int]
    CLOSED_US_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    TRIED_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    opened_us: int
    closed_us: int
    complaint: str
    outcome: str
    cause: Text
    tried: _containers.RepeatedCompositeFieldContainer[TriedView]
    def __init__(self, call_id: _Optional[str] = ..., opened_us: _Optional[int] = ..., closed_us: _Optional[int] = ..., complaint: _Optional[str] = ..., outcome: _Optional[str] = ..., cause: _Optional[_Union[Text, _Mapping]] = ..., tried: _Optional[_Iterable[_Union[TriedView, _Mapping]]] = ...) -> None: ...

class TriedView(_message.Message):
    __slots__ = ("title", "state")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    title: Text
    state: str
    def __init__(self, title: _Optional[_Union[Text, _Mapping]] = ..., state: _Optional[str] = ...) -> None: ...

class GetFiguresRequest(_message.Message):
    __slots__ = ("days", "first_day", "last_day")
    DAYS_FIELD_NUMBER: _ClassVar[int]
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    days: int
    first_day: str
    last_day: str
    def __init__(self, days: _Optional[int] = ..., first_day: _Optional[str] = ..., last_day: _Optional[str] = ...) -> None: ...

class GetFiguresResponse(_message.Message):
    __slots__ = ("first_day", "last_day", "counted_since", "least_group", "repeat_days", "calls", "outcomes", "spans", "shares", "causes", "other_causes", "no_cause", "rules", "outside")
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    COUNTED_SINCE_FIELD_NUMBER: _ClassVar[int]
    LEAST_GROUP_FIELD_NUMBER: _ClassVar[int]
    REPEAT_DAYS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    CAUSES_FIELD_NUMBER: _ClassVar[int]
    OTHER_CAUSES_FIELD_NUMBER: _ClassVar[int]
    NO_CAUSE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    OUTSIDE_FIELD_NUMBER: _ClassVar[int]
    first_day: str
    last_day: str
    counted_since: str
    least_group: int
    repeat_days: int
    calls: NamedCount
    outcomes: _containers.RepeatedCompositeFieldContainer[NamedCount]
    spans: _containers.RepeatedCompositeFieldContainer[SpanFigure]
    shares: _containers.RepeatedCompositeFieldContainer[ShareFigure]
    causes: _containers.RepeatedCompositeFieldContainer[CauseCount]
    other_causes: int
    no_cause: int
    rules: _containers.RepeatedCompositeFieldContainer[RulePrecision]
    outside: _containers.RepeatedCompositeFieldContainer[OutsideCauseView]
    def __init__(self, first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., counted_since: _Optional[str] = ..., least_group: _Optional[int] = ..., repeat_days: _Optional[int] = ..., calls: _Optional[_Union[NamedCount, _Mapping]] = ..., outcomes: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ..., spans: _Optional[_Iterable[_Union[SpanFigure, _Mapping]]] = ..., shares: _Optional[_Iterable[_Union[ShareFigure, _Mapping]]] = ..., causes: _Optional[_Iterable[_Union[CauseCount, _Mapping]]] = ..., other_causes: _Optional[int] = ..., no_cause: _Optional[int] = ..., rules: _Optional[_Iterable[_Union[RulePrecision, _Mapping]]] = ..., outside: _Optional[_Iterable[_Union[OutsideCauseView, _Mapping]]] = ...) -> None: ...

class NamedCount(_message.Message):
    __slots__ = ("name", "calls", "few")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    FEW_FIELD_NUMBER: _ClassVar[int]
    name: str
    calls: int
    few: bool
    def __init__(self, name: _Optional[str] = ..., calls: _Optional[int] = ..., few: bool = ...) -> None: ...

class SpanFigure(_message.Message):
    __slots__ = ("name", "whole", "steps")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    name: str
    whole: SpanGroup
    steps: _containers.RepeatedCompositeFieldContainer[SpanGroup]
    def __init__(self, name: _Optional[str] = ..., whole: _Optional[_Union[SpanGroup, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[SpanGroup, _Mapping]]] = ...) -> None: ...

class SpanGroup(_message.Message):
    __slots__ = ("first_day", "last_day", "calls", "few", "median_s", "p90_s", "not_known")
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    FEW_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_S_FIELD_NUMBER: _ClassVar[int]
    P90_S_FIELD_NUMBER: _ClassVar[int]
    NOT_KNOWN_FIELD_NUMBER: _ClassVar[int]
    first_day: str
    last_day: str
    calls: int
    few: bool
    median_s: float
    p90_s: float
    not_known: int
    def __init__(self, first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., calls: _Optional[int] = ..., few: bool = ..., median_s: _Optional[float] = ..., p90_s: _Optional[float] = ..., not_known: _Optional[int] = ...) -> None: ...

class ShareFigure(_message.Message):
    __slots__ = ("name", "whole", "steps", "parts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    whole: ShareGroup
    steps: _containers.RepeatedCompositeFieldContainer[ShareGroup]
    parts: _containers.RepeatedCompositeFieldContainer[NamedCount]
    def __init__(self, name: _Optional[str] = ..., whole: _Optional[_Union[ShareGroup, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[ShareGroup, _Mapping]]] = ..., parts: _Optional[_Iterable[_Union[NamedCount, _Mapping]]] = ...) -> None: ...

class ShareGroup(_message.Message):
    __slots__ = ("first_day", "last_day", "of", "few", "share", "not_known")
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    FEW_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    NOT_KNOWN_FIELD_NUMBER: _ClassVar[int]
    first_day: str
    last_day: str
    of: int
    few: bool
    share: float
    not_known: int
    def __init__(self, first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., of: _Optional[int] = ..., few: bool = ..., share: _Optional[float] = ..., not_known: _Optional[int] = ...) -> None: ...

class CauseCount(_message.Message):
    __slots__ = ("rule", "title", "calls", "share")
    RULE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    title: Text
    calls: int
    share: float
    def __init__(self, rule: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., calls: _Optional[int] = ..., share: _Optional[float] = ...) -> None: ...

class RulePrecision(_message.Message):
    __slots__ = ("rule", "title", "shown", "right", "wrong", "disagreed", "precision", "few")
    RULE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    WRONG_FIELD_NUMBER: _ClassVar[int]
    DISAGREED_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    FEW_FIELD_NUMBER: _ClassVar[int]
    rule: str
    title: Text
    shown: int
    right: int
    wrong: int
    disagreed: int
    precision: float
    few: bool
    def __init__(self, rule: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., shown: _Optional[int] = ..., right: _Optional[int] = ..., wrong: _Optional[int] = ..., disagreed: _Optional[int] = ..., precision: _Optional[float] = ..., few: bool = ...) -> None: ...

class RequestAccessRequest(_message.Message):
    __slots__ = ("call_id", "reason")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    reason: str
    def __init__(self, call_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RequestAccessResponse(_message.Message):
    __slots__ = ("until_us",)
    UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    until_us: int
    def __init__(self, until_us: _Optional[int] = ...) -> None: ...

class ExportSubjectRequest(_message.Message):
    __slots__ = ("call_id", "lang")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    LANG_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    lang: str
    def __init__(self, call_id: _Optional[str] = ..., lang: _Optional[str] = ...) -> None: ...

class ExportSubjectResponse(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class EraseCallRequest(_message.Message):
    __slots__ = ("call_id", "reason")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    reason: str
    def __init__(self, call_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class EraseCallResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
