"""The YAML form of rules and of the files beside them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from hotline_collector.engine.cel.quantity import QuantityError, parse_window

ID_PATTERN = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"
ID_FORM = "write subject.thing.fault in small letters, such as net.wan.slow"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]


def _length_of_time(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError('write a unit, for instance "3s"')
    text = str(value)
    if text in ("0s", "0"):
        return 0
    try:
        return parse_window(text)
    except QuantityError as error:
        raise ValueError(str(error)) from error


_LENGTH_OF_TIME = r"^\s*\d+(\.\d+)?\s*(us|ms|s|min|m|h|d)\s*$"
Duration = Annotated[
    int, BeforeValidator(_length_of_time), WithJsonSchema({"type": "string", "pattern": _LENGTH_OF_TIME})
]


class Form(BaseModel):
    """Refuses keys that it does not know; what stands below a field describes it in editors."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


class TextForm(Form):
    """The same in English and German."""

    en: Words
    de: Words


def _both(value: object) -> object:
    return {"en": value, "de": value} if isinstance(value, str) else value


# A plain text stands for both languages, as in packs that were written before there were two.
Tell = Annotated[TextForm, BeforeValidator(_both)]


class FixForm(Form):
    """An action or steps."""

    action: str = ""
    """An action of the probe; with it come no steps."""
    with_: dict[str, str] = Field(default_factory=dict, alias="with")
    """Parameters of the action: the entity bound by for_each, or a text fact that holds a key."""
    steps: list[str] = Field(default_factory=list)
    """Steps from the pack's steps.yaml, in order."""
    by: Literal["caller", "agent", "technician", "probe"] = "caller"
    """Who follows the steps."""
    risk: Literal["none", "low", "medium", "high"] = "low"
    """What can go wrong."""
    ask: list[Id] = Field(default_factory=list)
    """Questions that are asked once it is begun, such as model and age for an order."""


class VerifyForm(Form):
    """What must be seen after a fix, and within which time."""

    within: Duration = 30_000_000
    """How long to wait for the proof, such as 15s."""
    expect: str = ""
    """What must be seen; without it the condition must be known to be false."""


class RuleForm(Form):
    """A rule file."""

    id: Id
    """subject.thing.fault, unique."""
    status: Literal["experimental", "stable", "deprecated"] = "experimental"
    """Deprecated rules are not used any more."""
    severity: Literal["critical", "warning", "info"]
    """How bad it is."""
    title: TextForm
    """What is wrong, in at most 60 characters."""
    symptom: TextForm
    """What the caller notices, in the caller's words."""
    for_each: str = ""
    """One finding for each entity of this kind."""
    when: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    """The condition, in CEL."""
    hold: Duration = 0
    """True this long before it is confirmed."""
    release: Duration = 0
    """False this long before it counts as cleared."""
    confidence: Annotated[float, Field(gt=0, le=1)]
    """How often it is really this when it looks like this."""
    explains: list[Id] = Field(default_factory=list)
    """Rules whose findings are symptoms of this one."""
    look_alikes: dict[Id, Tell] = Field(default_factory=dict)
    """What it is taken for, and what tells them apart."""
    ask: list[Id] = Field(default_factory=list)
    """Questions that may be put to the caller."""
    hazard: bool = False
    """It comes before everything and locks other fixes."""
    across: Literal["", "call"] = ""
    """Whether it also explains findings of other targets of the call."""
    fixes: Annotated[list[FixForm], Field(min_length=1)]
    """Cures, best first."""
    verify: VerifyForm = Field(default_factory=VerifyForm)
    """What proves that it is cured."""
    references: list[str] = Field(default_factory=list)
    """Where thresholds and knowledge come from."""


class PackForm(Form):
    """pack.yaml."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: str
    disable: list[Id] = Field(default_factory=list)


class StepForm(TextForm):
    """One step of steps.yaml."""

    undo: TextForm | None = None
    """How the step is taken back."""
    only: dict[Id, Annotated[list[str], Field(min_length=1)]] = Field(default_factory=dict, max_length=1)
    """A question and the answers with which the step is said; unknown is one that is open or not known."""


# The drawings that the collector's page for phones has.
Picture = Literal[
    "router_power", "router_line", "router_internet", "router_wifi", "router_line_cable", "monitor_light"
]


class QuestionForm(Form):
    """One question of questions.yaml."""

    type: Literal["bool", "text"]
    """bool, or text with values to choose from."""
    values: dict[str, TextForm] = Field(default_factory=dict)
    """Answers by value, as they are shown."""
    form: Literal["", "code", "month"] = ""
    """What a text without values looks like: code (letters, digits and . : - / _), or month (2025-03)."""
    text: TextForm
    """What is asked."""
    how: TextForm | None = None
    """How the caller finds out."""
    seconds: Annotated[float, Field(ge=1, le=600)] = 10.0
    """How long asking and answering takes."""
    picture: Picture | None = None
    """What a caller with only a phone sees with it: where to look."""
    hazard: bool = False
    """It comes before all other questions."""


class PlanStepForm(Form):
    """One step of a plan: what must be seen, and what to do until it is."""

    title: TextForm
    """What the step reaches."""
    met: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    """The condition that must be met, in CEL."""
    steps: list[str] = Field(default_factory=list)
    """Steps of steps.yaml that lead there."""


class PlanForm(Form):
    """One plan of plans.yaml."""

    title: TextForm
    """What is set up."""
    steps: Annotated[list[PlanStepForm], Field(min_length=1, max_length=30)]
    """The steps in order; the first that is not met is the current one."""


Weight = Annotated[int, Field(ge=1, le=3)]
_PLAIN_WEIGHT = 2


def _weighted(value: object) -> object:
    if isinstance(value, list):
        return {str(symptom): _PLAIN_WEIGHT for symptom in value}
    return value


class LexiconForm(Form):
    """One entry of lexicon.yaml; symptoms given as a list all have the middle weight."""

    label: TextForm
    """What the complaint is called."""
    words: Annotated[list[Words], Field(min_length=1)]
    """What callers say; `a/b` is either word."""
    symptoms: Annotated[dict[str, Weight], BeforeValidator(_weighted), Field(min_length=1)]
    """Rules that it points at, each with a weight from 1 to 3; an id ending in * is a prefix."""
    first_question: str = ""
    """What is asked first."""
    first_check: Literal["", "target"] = ""
    """target: ask for an address and have it checked."""
    probe: bool = True
    """false: it is known by answers alone, so nobody is asked to start the probe."""
    vague: bool = False
    """true: it counts only where no other entry is found, and leaves all findings relevant."""


Value = bool | int | float | str | dict[str, str]
FactsForm = dict[str, Value]
EntitiesForm = dict[str, dict[str, FactsForm]]


class CaseStep(Form):
    """What is measured at one moment of a case."""

    after: Duration = 0
    """How long after the moment before."""
    facts: FactsForm = Field(default_factory=dict)
    """Facts of the machine; a fact that is not mentioned is unknown."""
    entities: EntitiesForm = Field(default_factory=dict)
    """Facts by kind and key of an entity; {} says that there is none."""
    path: str = "home"
    """Which network it is on."""


class CaseForm(CaseStep):
    """One case; exactly one of fires, silent, unknown and after_fix names it."""

    fires: str = ""
    """Name of a case in which the rule fires."""
    silent: str = ""
    """Name of a case in which it must be silent."""
    unknown: str = ""
    """Name of a case in which a fact is missing."""
    after_fix: str = ""
    """Name of a case in which the fix has helped."""
    suspected: bool | None = None
    """Whether it must be shown as suspected (unknown cases only)."""
    entity: str = ""
    """The entity that must fire if there are several."""
    sequence: list[CaseStep] = Field(default_factory=list)
    """Moments one after the other, for cases over time."""


class CasesForm(Form):
    """A cases file."""

    cases: list[CaseForm]
