"""`hotline rules new`: a rule with its cases, asked for step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.rulepack.commands.common import FAULTS, VERSION, fail
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.folders import read_files
from hotline_collector.rulepack.loader import check_files, load_files
from hotline_collector.rulepack.questionnaire import Ask, Given, Questionnaire
from hotline_collector.rulepack.template import Answers, new_files, new_step
from hotline_collector.rulepack.tester import RuleResult, test_pack

_STEPS = "steps.yaml"
_OPTIONS = {
    "id": "Its id: subject.thing.fault.",
    "severity": "critical, warning or info.",
    "title-en": "Title, English.",
    "title-de": "Title, German.",
    "symptom-en": "In the caller's words, English.",
    "symptom-de": "In the caller's words, German.",
    "for-each": "One finding for each entity of this kind.",
    "when": "The condition.",
    "hold": "How long it must hold, such as 3s.",
    "expect": "What must be seen after the fix.",
    "action": "Action of the probe that cures it.",
    "step": "Step for the caller that cures it.",
    "step-en": "The sentence of a new step, English.",
    "step-de": "The sentence of a new step, German.",
}


def _text_options(command: Any) -> Any:
    for name, text in reversed(_OPTIONS.items()):
        metavar = name.rpartition("-")[0].upper() or name.upper()
        command = click.option(f"--{name}", metavar=metavar if "-" in name else "TEXT", help=text)(command)
    return command


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_text_options
@click.option("--yes", is_flag=True, help="Ask nothing: take defaults, refuse if something is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; asks nothing.")
def new(folder: Path, yes: bool, as_json: bool, **options: str | None) -> None:
    """Write a rule and its cases into the pack in FOLDER; nothing that is there is overwritten.

    What no option says is asked, and every answer is checked at once. The cases are drafted from the
    condition; at the end their test says what is left to do. A folder that is not there is made.

    \b
    Examples:
      hotline rules new my-rules
      hotline rules new my-rules --yes --id sys.cpu.busy --when "system.cpu.utilization > 0.9" \\
        --title-en "Processor is busy" --title-de "Prozessor ist ausgelastet" \\
        --symptom-en "Everything is slow." --symptom-de "Alles ist langsam." --step program.close \\
        --step-en "Close what you do not need." --step-de "Schließen Sie, was Sie nicht brauchen."

    Exit codes: 0 the rule is complete, 1 it is written but its test says what is left to do, or the pack has
    faults already, 2 wrong usage.
    """
    files = read_files(folder, "") if folder.exists() else {}
    if "pack.yaml" not in files:
        files["pack.yaml"] = f"name: {_pack_name(folder)}\nversion: 0.1.0\n".encode()
    try:
        loaded = load_files(files, load_catalogue())
    except PackError as error:
        fail(error.faults, as_json)
    steps = _steps(files)
    given = {name.replace("_", "-"): value for name, value in options.items() if value is not None}
    answers = _answers(Questionnaire(loaded.pack, steps, loaded.catalogue), given, ask=not (yes or as_json))
    made, draft = new_files(answers, loaded.pack, loaded.catalogue)
    added = _additions(folder, files, made, answers, steps)
    try:
        load_files(files | added, loaded.catalogue)
    except PackError as error:
        fail(error.faults, as_json)
    _write(folder, added)
    result = _tested(folder, answers.id)
    left = [*draft.left, *map(str, result.faults)] if result.faults else []
    if as_json:
        told = {"rule": answers.id, "files": sorted(added), "cases": result.cases, "left": left}
        click.echo(json.dumps({"version": VERSION, **told}, ensure_ascii=False))
    else:
        _tell(sorted(added), result, left)
    if left:
        click.get_current_context().exit(FAULTS)


def _answers(form: Questionnaire, given: Given, *, ask: bool) -> Answers:
    if given.get("action") and given.get("step"):
        raise click.UsageError("a rule is cured by an --action or by a --step; name one")
    known: Given = {}
    missing: list[str] = []
    done: set[str] = set()
    while (question := _next(form, given | known, done)) is not None:
        done.add(question.name)
        known[question.name] = _answer(question, given, known, missing, ask=ask)
    if missing:
        raise click.UsageError(f"these options are missing: {', '.join(f'--{name}' for name in missing)}")
    return Answers(
        **{name.replace("-", "_"): value for name, value in (dict.fromkeys(_OPTIONS, "") | known).items()}
    )


def _next(form: Questionnaire, known: Given, done: set[str]) -> Ask | None:
    return next((question for question in form.questions(known) if question.name not in done), None)


def _answer(question: Ask, given: Given, known: Given, missing: list[str], *, ask: bool) -> str:
    if question.name in given:
        value = given[question.name].strip()
        if problem := question.check(value, given | known):
            raise click.UsageError(f"--{question.name}: {problem}")
        return value
    if ask:
        return _prompt(question, given | known)
    if question.default is None:
        missing.append(question.name)
    return question.default or ""


def _prompt(question: Ask, known: Given) -> str:
    def checked(typed: str) -> str:
        value = typed.strip()
        if problem := question.check(value, known):
            raise click.UsageError(problem)
        return value

    answer: str = click.prompt(
        question.text,
        default=question.default,
        value_proc=checked,
        show_default=bool(question.default),
        err=True,
    )
    return answer


def _pack_name(folder: Path) -> str:
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in folder.resolve().name.lower())
    return letters.strip("-0123456789") or "rules"


def _steps(files: dict[str, bytes]) -> set[str]:
    out: set[str] = set()
    for name, raw in files.items():
        if name.rpartition("/")[2] == "steps.yaml":
            out |= set(Document(name, raw.decode()).data or {})
    return out


def _additions(
    folder: Path, files: dict[str, bytes], made: dict[str, str], answers: Answers, steps: set[str]
) -> dict[str, bytes]:
    """Return every file that is to be written, with all of its content.

    Raises:
        UsageError: one is there already.
    """
    added = {name: text.encode() for name, text in made.items()}
    for name in added:
        if name in files:
            raise click.UsageError(f"{folder / name} is there already; nothing was written")
    if answers.step and answers.step not in steps:
        library = files.get(_STEPS, b"")
        gap = b"" if not library or library.endswith(b"\n") else b"\n"
        added[_STEPS] = library + gap + new_step(answers).encode()
    if not (folder / "pack.yaml").exists():
        added["pack.yaml"] = files["pack.yaml"]
    return added


def _write(folder: Path, added: dict[str, bytes]) -> None:
    for name, raw in added.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb" if name == _STEPS else "xb") as stream:
                stream.write(raw)
        except OSError as error:
            raise click.ClickException(f"cannot write {path}: {error.strerror or error}") from error


def _tested(folder: Path, rule_id: str) -> RuleResult:
    catalogue = load_catalogue()
    try:
        loaded = check_files(read_files(folder, ""), catalogue)
    except PackError as error:
        return RuleResult(rule_id, faults=error.faults)
    return next(result for result in test_pack(loaded, catalogue, rule_id) if result.rule == rule_id)


def _tell(written: list[str], result: RuleResult, left: list[str]) -> None:
    for name in written:
        click.echo(name)
    click.echo(f"{result.cases} cases, {result.noticed} of {result.mutants} mutants noticed.")
    for line in left:
        click.echo(f"left to do: {line}")
    click.echo("Then add look_alikes, explains and references, and set the status to stable.")
