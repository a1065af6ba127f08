"""The YAML form of rules and of the files beside them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from hotline_collector.engine.cel.quantity import QuantityError, parse_window

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$", max_length=80)]
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


Duration = Annotated[int, BeforeValidator(_length_of_time)]


class Form(BaseModel):
    """Refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class TextForm(Form):
    """The same in English and German."""

    en: Words
    de: Words


class FixForm(Form):
    """An action or steps."""

    action: str = ""
    with_: dict[str, str] = Field(default_factory=dict, alias="with")
    steps: list[str] = Field(default_factory=list)
    by: Literal["caller", "agent", "technician", "probe"] = "caller"
    risk: Literal["none", "low", "medium", "high"] = "low"


class VerifyForm(Form):
    """What must be seen after a fix, and within which time."""

    within: Duration = 30_000_000
    expect: str = ""


class RuleForm(Form):
    """A rule file."""

    id: Id
    status: Literal["experimental", "stable", "deprecated"] = "experimental"
    severity: Literal["critical", "warning", "info"]
    title: TextForm
    symptom: TextForm
    for_each: str = ""
    when: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    hold: Duration = 0
    release: Duration = 0
    confidence: Annotated[float, Field(gt=0, le=1)]
    explains: list[Id] = Field(default_factory=list)
    look_alikes: dict[Id, str] = Field(default_factory=dict)
    ask: list[Id] = Field(default_factory=list)
    hazard: bool = False
    across: Literal["", "call"] = ""
    fixes: Annotated[list[FixForm], Field(min_length=1)]
    verify: VerifyForm = Field(default_factory=VerifyForm)
    references: list[str] = Field(default_factory=list)


class PackForm(Form):
    """pack.yaml."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: str
    disable: list[Id] = Field(default_factory=list)


class StepForm(TextForm):
    """One step of steps.yaml."""

    undo: TextForm | None = None


class QuestionForm(Form):
    """One question of questions.yaml."""

    type: Literal["bool", "text"]
    values: dict[str, TextForm] = Field(default_factory=dict)
    text: TextForm
    how: TextForm | None = None
    seconds: Annotated[float, Field(ge=1, le=600)] = 10.0
    hazard: bool = False


class PlanStepForm(Form):
    """One step of a plan: what must be seen, and what to do until it is."""

    title: TextForm
    met: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    steps: list[str] = Field(default_factory=list)


class PlanForm(Form):
    """One plan of plans.yaml."""

    title: TextForm
    steps: Annotated[list[PlanStepForm], Field(min_length=1, max_length=30)]


Weight = Annotated[int, Field(ge=1, le=3)]
_PLAIN_WEIGHT = 2


def _weighted(value: object) -> object:
    if isinstance(value, list):
        return {str(symptom): _PLAIN_WEIGHT for symptom in value}
    return value


class LexiconForm(Form):
    """One entry of lexicon.yaml; symptoms given as a list all have the middle weight."""

    label: TextForm
    words: Annotated[list[Words], Field(min_length=1)]
    symptoms: Annotated[dict[str, Weight], BeforeValidator(_weighted), Field(min_length=1)]
    first_question: str = ""
    first_check: Literal["", "target"] = ""


Value = bool | int | float | str | dict[str, str]
FactsForm = dict[str, Value]
EntitiesForm = dict[str, dict[str, FactsForm]]


class CaseStep(Form):
    """What is measured at one moment of a case."""

    after: Duration = 0
    facts: FactsForm = Field(default_factory=dict)
    entities: EntitiesForm = Field(default_factory=dict)
    path: str = "home"


class CaseForm(CaseStep):
    """One case; exactly one of fires, silent, unknown and after_fix names it."""

    fires: str = ""
    silent: str = ""
    unknown: str = ""
    after_fix: str = ""
    suspected: bool | None = None
    entity: str = ""
    sequence: list[CaseStep] = Field(default_factory=list)


class CasesForm(Form):
    """A cases file."""

    cases: list[CaseForm]
