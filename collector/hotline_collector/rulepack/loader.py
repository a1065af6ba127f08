"""Reads a rule pack from its files: everything that is wrong is told at once, nothing broken is used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.tree import Condition
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Fix, LexiconEntry, Pack, Plan, PlanStep, Question, Rule, Step, Text
from hotline_collector.rulepack import schema
from hotline_collector.rulepack.checker import Checker, ConditionKey
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.document import Path as Place
from hotline_collector.rulepack.faults import Fault, PackError
from hotline_collector.rulepack.folders import PackFiles, pack_folders, read_files, read_pack
from hotline_collector.rulepack.forms import parse_form
from hotline_collector.rulepack.lint import lint
from hotline_collector.rulepack.switches import Switch, choose, folder_of

QUESTIONS_FILE = "questions.yaml"
LIBRARY_FILES = ("pack.yaml", "steps.yaml", QUESTIONS_FILE, "lexicon.yaml", "plans.yaml")
CASES_SUFFIX = ".cases.yaml"


class Parsed:
    """What a load made of files and conditions, for the next one: what stayed the same is not parsed again.

    It holds what the last load used and nothing older. `questions` are those that the conditions were checked
    with, None if they are those of the files to be loaded next.
    """

    def __init__(self) -> None:
        self.documents: dict[tuple[str, bytes], Document] = {}
        self.conditions: dict[ConditionKey, Condition] = {}
        self.questions: Mapping[str, Question] | None = None
        self.rules: Mapping[str, Rule] = {}


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over names and contents of files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()


def load_installed(catalogue: Catalogue, folders: Iterable[Path] = ()) -> RuleSet:
    """Return the rules of all installed packs and of some folders, as one set.

    Raises:
        PackError: with every fault of every file.
    """
    return load_packs([read_pack(folder) for folder in pack_folders(folders)], catalogue)


def installed_questions() -> Mapping[str, Question]:
    """Return the questions of all installed packs, of which no rule is read.

    Raises:
        PackError: with every fault of every file of questions.
    """
    files = files_of(read_pack(folder) for folder in pack_folders())
    asked = {name: raw for name, raw in files.items() if name.rpartition("/")[2] == QUESTIONS_FILE}
    reader = _Reader(asked, Parsed())
    pack, _ = reader.read()
    if reader.faults:
        raise PackError(reader.faults)
    return pack.questions


def load_folder(folder: Path, catalogue: Catalogue) -> RuleSet:
    """Return the rules of one folder; raises like `load_files`."""
    return load_files(read_files(folder, ""), catalogue)


def load_packs(packs: Iterable[PackFiles], catalogue: Catalogue, parsed: Parsed | None = None) -> RuleSet:
    """Return the rules of some packs as one set; raises like `load_files`."""
    return load_files(files_of(packs), catalogue, parsed)


def files_of(packs: Iterable[PackFiles]) -> dict[str, bytes]:
    """Return the files of some packs, each by a name of its own."""
    return {pack.path(name): raw for pack in packs for name, raw in pack.files.items()}


def load_files(files: Mapping[str, bytes], catalogue: Catalogue, parsed: Parsed | None = None) -> RuleSet:
    """Return the rules of some files as one set; with `parsed` only what changed since is parsed.

    Raises:
        PackError: with every fault of every file.
    """
    return _load(files, catalogue, parsed or Parsed(), author=False)


def check_files(files: Mapping[str, bytes], catalogue: Catalogue) -> RuleSet:
    """Return the rules of some files as `load_files` does, but refuse also what cannot be meant.

    A running collector can live with that; whoever writes a rule wants to know.

    Raises:
        PackError: with every fault of every file.
    """
    return _load(files, catalogue, Parsed(), author=True)


def _load(files: Mapping[str, bytes], catalogue: Catalogue, parsed: Parsed, *, author: bool) -> RuleSet:
    reader = _Reader(files, parsed)
    pack, documents = reader.read()
    known = parsed.conditions if parsed.questions in (None, pack.questions) else {}
    checker = Checker(pack, catalogue, documents, reader.plan_documents, reader.documents, known)
    conditions = checker.check()
    plans = checker.check_plans()
    faults = reader.faults + checker.faults
    parsed.conditions, parsed.questions = checker.sound, pack.questions
    if author:
        faults += lint(pack, catalogue, conditions, documents, reader.documents)
    if faults:
        raise PackError(faults)
    return RuleSet(pack, catalogue, conditions, plans)


class _Reader:
    def __init__(self, files: Mapping[str, bytes], parsed: Parsed) -> None:
        self.faults: list[Fault] = []
        self._files = files
        self._parsed = parsed
        self._switches: list[Switch] = []
        self._homes: list[str] = []
        self.documents: dict[str, Document] = {}
        self._said_in: dict[tuple[str, str], str] = {}
        self._steps: dict[str, Step] = {}
        self._questions: dict[str, Question] = {}
        self._lexicon: list[LexiconEntry] = []
        self._plans: list[tuple[Document, str, schema.PlanForm]] = []
        self._names: list[tuple[str, str]] = []

    def read(self) -> tuple[Pack, dict[str, Document]]:
        """Return the pack as far as it can be read, and the document of each rule."""
        rule_files = []
        for name, raw in self._files.items():
            document = self._open(name, raw)
            base = name.rpartition("/")[2]
            if base in LIBRARY_FILES:
                self._library(base, document)
            elif not name.endswith(CASES_SUFFIX):
                rule_files.append(document)
        found = [(document, self._known(rule)) for document in rule_files if (rule := self._rule(document))]
        chosen = choose(found, self._homes, self._switches)
        plans = {key: self._plan(document, key, form) for document, key, form in self._plans}
        for document in self.documents.values():
            self.faults += document.faults
        self._parsed.rules = chosen.rules
        self._parsed.documents = {
            (name, self._files[name]): document
            for name, document in self.documents.items()
            if not document.faults
        }
        name = "+".join(name for name, _ in self._names) or "unnamed"
        version = "+".join(version for _, version in self._names) or "0"
        pack = Pack(
            name,
            version,
            digest_of(self._files),
            chosen.rules,
            self._questions,
            tuple(self._lexicon),
            plans,
            dict(self._files),
            chosen.disabled,
        )
        return pack, chosen.documents

    def _known(self, rule: Rule) -> Rule:
        """Return the object of the last load if it is the same rule: equal by identity compares fastest."""
        known = self._parsed.rules.get(rule.id)
        return known if known is not None and known == rule else rule

    @property
    def plan_documents(self) -> dict[str, Document]:
        """The document of each plan."""
        return {key: document for document, key, _ in self._plans}

    def _open(self, name: str, raw: bytes) -> Document:
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            text = ""
            self.faults.append(Fault(name, 1, 1, f"not UTF-8: byte {error.start}"))
        document = self._parsed.documents.get((name, raw)) or Document(name, text)
        self.documents[name] = document
        return document

    def _library(self, base: str, document: Document) -> None:
        if document.faults:
            return
        if base == "pack.yaml":
            if form := parse_form(document, schema.PackForm, document.data):
                self._names.append((form.name, form.version))
                self._homes.append(folder_of(document.name))
                self._switches += [Switch(document, i, rule_id) for i, rule_id in enumerate(form.disable)]
            return
        for key, data in (document.data or {}).items():
            if other := self._said_in.get((base, key)):
                document.faults.append(
                    document.fault((key,), f"{other} has {key} already; choose another name")
                )
                continue
            self._said_in[base, key] = document.name
            if base == "steps.yaml":
                if step := parse_form(document, schema.StepForm, data, (key,)):
                    undo = _text(step.undo) if step.undo else None
                    only = {question: tuple(answers) for question, answers in step.only.items()}
                    self._steps[key] = Step(key, _text(step), undo, only)
            elif base == QUESTIONS_FILE:
                if question := parse_form(document, schema.QuestionForm, data, (key,)):
                    values = {value: _text(label) for value, label in question.values.items()}
                    self._questions[key] = Question(
                        key,
                        question.type,
                        values,
                        _text(question.text),
                        question.hazard,
                        _text(question.how) if question.how else None,
                        question.seconds,
                        question.picture or "",
                        question.form,
                    )
            elif base == "plans.yaml":
                if plan := parse_form(document, schema.PlanForm, data, (key,)):
                    self._plans.append((document, key, plan))
            elif entry := parse_form(document, schema.LexiconForm, data, (key,)):
                self._lexicon.append(
                    LexiconEntry(
                        key,
                        _text(entry.label),
                        tuple(entry.words),
                        entry.symptoms,
                        entry.first_question,
                        entry.first_check,
                        entry.probe,
                        entry.vague,
                    )
                )

    def _rule(self, document: Document) -> Rule | None:
        if document.faults:
            return None
        form = parse_form(document, schema.RuleForm, document.data)
        if form is None:
            return None
        return Rule(
            id=form.id,
            status=form.status,
            severity=form.severity,
            title=_text(form.title),
            symptom=_text(form.symptom),
            for_each=form.for_each,
            when=form.when,
            hold=form.hold,
            release=form.release,
            confidence=form.confidence,
            explains=tuple(form.explains),
            look_alikes={other: _text(tell) for other, tell in form.look_alikes.items()},
            ask=tuple(form.ask),
            hazard=form.hazard,
            fixes=tuple(self._fix(document, index, fix) for index, fix in enumerate(form.fixes)),
            verify_within=form.verify.within,
            verify_expect=form.verify.expect,
            references=tuple(form.references),
            across=form.across == "call",
        )

    def _fix(self, document: Document, index: int, form: schema.FixForm) -> Fix:
        steps = self._named_steps(document, ("fixes", index, "steps"), form.steps)
        by = "probe" if form.action else form.by
        return Fix(form.action, form.with_, steps, by, form.risk, tuple(form.ask))

    def _plan(self, document: Document, key: str, form: schema.PlanForm) -> Plan:
        steps = tuple(
            PlanStep(
                _text(step.title),
                step.met,
                self._named_steps(document, (key, "steps", index, "steps"), step.steps),
            )
            for index, step in enumerate(form.steps)
        )
        return Plan(key, _text(form.title), steps)

    def _named_steps(self, document: Document, path: Place, names: list[str]) -> tuple[Step, ...]:
        """Return the steps that are named; those that do not exist become faults."""
        steps = []
        for number, name in enumerate(names):
            if step := self._steps.get(name):
                steps.append(step)
            else:
                document.faults.append(
                    document.fault((*path, number), f"unknown step {name}; add it to steps.yaml")
                )
        return tuple(steps)


def _text(form: schema.TextForm) -> Text:
    return Text(form.en, form.de)
