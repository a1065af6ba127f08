"""A new rule as files: the rule, its cases, and a step that the library lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.environment import Environment
from hotline_collector.engine.cel.parse import parse_condition
from hotline_collector.model.rule import Pack
from hotline_collector.rulepack.domains import Domains
from hotline_collector.rulepack.drafting import Draft, Drafter
from hotline_collector.rulepack.loader import CASES_SUFFIX

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Answers:
    """What an author said about a new rule; an empty text means: none.

    `step_en` and `step_de` are the sentences of a step that is not in the library yet.
    """

    id: str
    severity: str
    title_en: str
    title_de: str
    symptom_en: str
    symptom_de: str
    for_each: str
    when: str
    hold: str
    expect: str
    action: str
    step: str
    step_en: str = ""
    step_de: str = ""


class _Folded(str):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes conditions as folded blocks, small mappings on one line, and lists indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


_Dumper.add_representer(
    _Folded, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=">")
)


def rule_file(rule_id: str) -> str:
    """Return where a rule lies in its pack: the folder of its subject, then the rest of its id."""
    subject, _, rest = rule_id.partition(".")
    return f"{subject}/{rest.replace('.', '_')}.yaml"


def new_files(answers: Answers, pack: Pack, catalogue: Catalogue) -> tuple[dict[str, str], Draft]:
    """Return the files of a new rule by their path in the pack, and the draft of its cases.

    Raises:
        ConditionError: a condition has faults.
    """
    draft = _draft(answers, pack, catalogue)
    name = rule_file(answers.id)
    files = {
        name: _dump(_rule(answers, catalogue)),
        name.removesuffix(".yaml") + CASES_SUFFIX: _dump({"cases": draft.cases}),
    }
    return files, draft


def new_step(answers: Answers) -> str:
    """Return the entry of a new step for steps.yaml."""
    return _dump({answers.step: {"en": answers.step_en, "de": answers.step_de}})


def parameters(action: str, for_each: str, catalogue: Catalogue) -> dict[str, str]:
    """Return where the parameters of an action come from: the bound entity, or a fact of it with a key.

    Raises:
        ValueError: the rule has nothing that could be passed; the message says which entity would do.
    """
    out: dict[str, str] = {}
    for name, kind in catalogue.actions[action].parameters.items():
        depends_on = catalogue.entities[for_each].depends_on if for_each else {}
        if kind == for_each:
            out[name] = for_each
        elif kind in depends_on:
            out[name] = f"{for_each}.{depends_on[kind]}"
        else:
            raise ValueError(f"{action} is done to one {kind}: it needs a rule for each {kind}")
    return out


def _draft(answers: Answers, pack: Pack, catalogue: Catalogue) -> Draft:
    environment = Environment(catalogue, pack.questions)
    when = parse_condition(environment, answers.when, answers.for_each)
    expect = parse_condition(environment, answers.expect, answers.for_each) if answers.expect else None
    drafter = Drafter(Domains(catalogue, pack.questions), answers.for_each)
    return drafter.draft(when.root, expect.root if expect else None)


def _rule(answers: Answers, catalogue: Catalogue) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": answers.id,
        "status": "experimental",
        "severity": answers.severity,
        "title": {"en": answers.title_en, "de": answers.title_de},
        "symptom": {"en": answers.symptom_en, "de": answers.symptom_de},
    }
    if answers.for_each:
        rule["for_each"] = answers.for_each
    rule |= {"when": _Folded(answers.when), "hold": answers.hold, "confidence": 0.7}
    if answers.action:
        fix: dict[str, Any] = {"action": answers.action}
        if passed := parameters(answers.action, answers.for_each, catalogue):
            fix["with"] = passed
        rule["fixes"] = [fix | {"risk": catalogue.actions[answers.action].risk}]
    else:
        rule["fixes"] = [{"steps": [answers.step], "by": "caller", "risk": "low"}]
    if answers.expect:
        rule["verify"] = {"within": "30s", "expect": _Folded(answers.expect)}
    return rule


def _dump(data: Any) -> str:
    return yaml.dump(
        data, Dumper=_Dumper, default_flow_style=None, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
