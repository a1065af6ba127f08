"""Shows a caller what this computer found by itself, in plain words, and what to read out."""

from __future__ import annotations

from hotline_probe.errors import TableError
from hotline_probe.keyboard import Keyboard
from hotline_probe.local.diagnosis import Diagnosis, diagnose, measuring_points
from hotline_probe.local.judge import LocalCause
from hotline_probe.local.table import load_table
from hotline_probe.options import Options
from hotline_probe.session import Equipment
from hotline_probe.status import Screen
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

MAX_CAUSES = 3
AGAIN_TIMEOUT = 600.0


async def show_diagnosis(kit: Equipment, options: Options) -> None:
    """Look for the fault and show it.

    Raises:
        TableError: the rules of this build cannot be used.
    """
    screen, texts, preset = kit.screen, kit.texts, options.preset
    try:
        table = load_table(preset.table_key if preset else b"")
    except TableError as error:
        raise TableError(texts.bad_table.format(detail=error)) from error
    kit.context.settings = measuring_points(kit.context.settings, preset, options.target)
    read: set[str] = set()

    def on_source(name: str) -> None:
        read.add(name)
        if len(read) == len(kit.sources):
            text = texts.local_looking.format(done=len(read), count=len(kit.sources))
            screen.event("local_looking", text, sources=len(read))

    _show(await diagnose(kit, table, on_source), screen, texts)


async def again(screen: Screen, keyboard: Keyboard, texts: Texts) -> bool:
    """Ask whether to look once more; without a keyboard, or on silence, the answer is no."""
    if not keyboard.interactive:
        return False
    try:
        answer = await keyboard.ask(lambda: screen.prompt(texts.local_again), AGAIN_TIMEOUT)
    finally:
        screen.answered()
    return answer is not None and answer.strip().lower() != "q"


def _show(found: Diagnosis, screen: Screen, texts: Texts) -> None:
    if not found.causes:
        screen.event("local_none", texts.local_none)
    for cause in found.causes[:MAX_CAUSES]:
        _show_cause(cause, screen, texts)
    screen.event("local_digits", texts.local_digits.format(digits=found.digits), digits=found.digits)


def _show_cause(cause: LocalCause, screen: Screen, texts: Texts) -> None:
    language, finding = texts.language, cause.finding
    title, entity = finding.rule.title[language], finding.entity
    shown = harmless(entity.key) if entity else ""
    sentence = texts.local_about if shown else texts.local_cause
    screen.event(
        "local_cause",
        sentence.format(title=title, entity=shown),
        rule=finding.rule.id,
        entity=entity.key if entity else "",
        symptoms=[symptom.rule.id for symptom in cause.symptoms],
    )
    if cause.symptoms:
        titles = dict.fromkeys(symptom.rule.title[language] for symptom in cause.symptoms)
        screen.event("local_symptoms", texts.local_symptoms.format(titles=", ".join(titles)))
    for number, step in enumerate(finding.rule.steps, 1):
        text = texts.local_step.format(number=number, text=step[language])
        screen.event("local_step", text, number=number)
