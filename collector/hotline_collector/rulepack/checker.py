"""Checks a pack as a whole: conditions against the catalogue, references against each other."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.environment import ConditionError, Environment
from hotline_collector.engine.cel.parse import parse_condition
from hotline_collector.engine.cel.standalone import failure_without_facts
from hotline_collector.engine.cel.tree import Condition
from hotline_collector.engine.lexicon import is_phrase
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rule import UNKNOWN, Fix, Pack, Rule
from hotline_collector.rulepack.document import Document, Path
from hotline_collector.rulepack.faults import Fault
from hotline_collector.rulepack.reach import vacuous

Conditions = dict[str, tuple[Condition, Condition | None]]
# The text of a condition and the entity that it binds.
ConditionKey = tuple[str, str]


class Checker:
    """Collects every fault of a pack into `faults`, and conditions without fault into `sound`.

    `documents` are the rules by id, `plan_documents` the plans, `files` all files by name.
    `known` are conditions that were sound with the same catalogue and questions; they are not checked again.
    """

    def __init__(
        self,
        pack: Pack,
        catalogue: Catalogue,
        documents: Mapping[str, Document],
        plan_documents: Mapping[str, Document],
        files: Mapping[str, Document],
        known: Mapping[ConditionKey, Condition] | None = None,
    ) -> None:
        self.faults: list[Fault] = []
        self.sound: dict[ConditionKey, Condition] = {}
        self._known = known or {}
        self._pack = pack
        self._catalogue = catalogue
        self._documents = documents
        self._plan_documents = plan_documents
        self._lexicons = [doc for name, doc in files.items() if name.rpartition("/")[2] == "lexicon.yaml"]
        self._environment = Environment(catalogue, pack.questions)

    def check(self) -> Conditions:
        """Return the parsed conditions of the rules that have no fault in them."""
        conditions: Conditions = {}
        for rule in self._pack.rules.values():
            document = self._documents[rule.id]
            if rule.for_each and rule.for_each not in self._catalogue.entities:
                hint = did_you_mean(rule.for_each, self._catalogue.entities)
                self._fault(document, ("for_each",), f"there are no entities of kind {rule.for_each}{hint}")
                continue
            when = self._condition(document, ("when",), rule.when, rule.for_each)
            expect = self._condition(document, ("verify", "expect"), rule.verify_expect, rule.for_each)
            self._references(document, rule)
            for index, fix in enumerate(rule.fixes):
                self._fix(document, index, fix, rule)
            if when is not None:
                conditions[rule.id] = (when, expect)
        self._cycles()
        self._lexicon()
        return conditions

    def check_plans(self) -> dict[str, tuple[Condition, ...]]:
        """Return the parsed conditions of the plans that have no fault in them."""
        out: dict[str, tuple[Condition, ...]] = {}
        for plan in self._pack.plans.values():
            document = self._plan_documents[plan.id]
            conditions = [
                self._condition(document, (plan.id, "steps", index, "met"), step.met, "")
                for index, step in enumerate(plan.steps)
            ]
            out[plan.id] = tuple(condition for condition in conditions if condition is not None)
        return out

    def _fault(self, document: Document, path: Path, message: str, offset: int | None = None) -> None:
        self.faults.append(document.fault(path, message, offset))

    def _condition(self, document: Document, path: Path, source: str, for_each: str) -> Condition | None:
        if not source:
            return None
        key = (source, for_each)
        if (known := self._known.get(key)) is not None:
            self.sound[key] = known
            return known
        try:
            condition = parse_condition(self._environment, source, for_each)
        except ConditionError as error:
            for fault in error.faults:
                offset = _offset(source, fault.line, fault.column)
                self._fault(document, path, fault.message, offset)
            return None
        if failure := failure_without_facts(condition.root):
            offset = max(failure.offset, 0)
            self._fault(document, path, f"this can never have a value: {failure.message}", offset)
            return None
        empty = list(vacuous(condition.root, self._catalogue))
        for message in empty:
            self._fault(document, path, message)
        if not empty:
            self.sound[key] = condition
        return condition

    def _references(self, document: Document, rule: Rule) -> None:
        rules = self._pack.rules
        for index, other in enumerate(rule.explains):
            if other not in rules:
                self._fault(
                    document, ("explains", index), f"there is no rule {other}{did_you_mean(other, rules)}"
                )
        for other in rule.look_alikes:
            if other not in rules:
                self._fault(
                    document, ("look_alikes", other), f"there is no rule {other}{did_you_mean(other, rules)}"
                )
        named: list[tuple[Path, str]] = [
            (("ask", index), question) for index, question in enumerate(rule.ask)
        ]
        for number, fix in enumerate(rule.fixes):
            named += [(("fixes", number, "ask", index), question) for index, question in enumerate(fix.ask)]
        for path, question in named:
            if question not in self._pack.questions:
                hint = did_you_mean(question, self._pack.questions)
                self._fault(document, path, f"there is no question {question}{hint}")

    def _fix(self, document: Document, index: int, fix: Fix, rule: Rule) -> None:
        path: Path = ("fixes", index)
        if bool(fix.action) == bool(fix.steps) and not document.faults:
            self._fault(document, path, "a fix has either an action or steps")
        self._conditional(document, path, fix)
        if not fix.action:
            return
        action = self._catalogue.actions.get(fix.action)
        if action is None:
            hint = did_you_mean(fix.action, self._catalogue.actions)
            self._fault(document, (*path, "action"), f"there is no action {fix.action}{hint}")
            return
        if set(fix.parameters) != set(action.parameters):
            wanted = ", ".join(action.parameters) or "none"
            self._fault(document, (*path, "with"), f"{fix.action} takes these parameters: {wanted}")
        for name, expression in fix.parameters.items():
            if not self._is_key(expression, rule):
                self._fault(
                    document,
                    (*path, "with", name),
                    f"{expression} is neither {rule.for_each or 'a fact'} nor a fact",
                )

    def _conditional(self, document: Document, path: Path, fix: Fix) -> None:
        """Check the steps that are said with some answers only: with each answer, something must be said."""
        asked = {question for step in fix.steps for question in step.only}
        for name in sorted(asked):
            question = self._pack.questions.get(name)
            if question is None:
                hint = did_you_mean(name, self._pack.questions)
                self._fault(
                    document, (*path, "steps"), f"a step is said by {name}, which is no question{hint}"
                )
                continue
            possible = ("true", "false") if question.type == "bool" else tuple(question.values)
            for number, step in enumerate(fix.steps):
                for answer in step.only.get(name, ()):
                    if answer not in (*possible, UNKNOWN):
                        message = f"{step.id} is said where {name} is {answer}, which is no answer of it"
                        self._fault(document, (*path, "steps", number), message)
            for answer in (*possible, UNKNOWN):
                if not any(answer in step.only.get(name, (answer,)) for step in fix.steps):
                    message = f"no step is said where {name} is {answer}"
                    self._fault(document, (*path, "steps"), message)

    def _is_key(self, expression: str, rule: Rule) -> bool:
        if rule.for_each and (expression == rule.for_each or expression.startswith(rule.for_each + ".")):
            short = expression.partition(".")[2]
            return not short or any(f.short == short for f in self._catalogue.facts_of_entity[rule.for_each])
        return expression in self._catalogue.facts and not self._catalogue.facts[expression].entity

    def _cycles(self) -> None:
        done: set[str] = set()

        def visit(rule_id: str, trail: tuple[str, ...]) -> None:
            if rule_id in trail:
                circle = " > ".join((*trail[trail.index(rule_id) :], rule_id))
                document = self._documents[rule_id]
                self._fault(document, ("explains",), f"explains goes round in a circle: {circle}")
                return
            if rule_id in done or rule_id not in self._pack.rules:
                return
            for other in self._pack.rules[rule_id].explains:
                visit(other, (*trail, rule_id))
            done.add(rule_id)

        for rule_id in self._pack.rules:
            visit(rule_id, ())

    def _lexicon(self) -> None:
        for entry in self._pack.lexicon:
            document = next(doc for doc in self._lexicons if entry.id in doc.data)
            for index, phrase in enumerate(entry.words):
                if not is_phrase(phrase):
                    message = f"{phrase!r} needs words, one on each side of a slash"
                    self._fault(document, (entry.id, "words", index), message)
            for symptom in entry.symptoms:
                stem = symptom.removesuffix("*")
                known = any(r.startswith(stem) if stem != symptom else r == symptom for r in self._pack.rules)
                if not known:
                    hint = did_you_mean(stem, self._pack.rules)
                    self._fault(document, (entry.id, "symptoms", symptom), f"no rule matches {symptom}{hint}")
            question = entry.first_question
            if question and question not in self._pack.questions:
                hint = did_you_mean(question, self._pack.questions)
                self._fault(document, (entry.id, "first_question"), f"there is no question {question}{hint}")


def _offset(source: str, line: int, column: int) -> int:
    lines = source.split("\n")
    return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
