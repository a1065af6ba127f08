"""Shows a caller what this computer found by itself, in plain words, and what to read out."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

from hotline_proto.joincode import JoinTarget

from hotline_probe.equipment import Equipment
from hotline_probe.errors import TableError
from hotline_probe.face import Face, Question, Sentence, Topic
from hotline_probe.local.diagnosis import Diagnosis, diagnose, measuring_points
from hotline_probe.local.judge import LocalCause
from hotline_probe.local.table import load_table
from hotline_probe.options import Options
from hotline_probe.preset import Preset
from hotline_probe.terminal import harmless

MAX_CAUSES = 3
AGAIN_TIMEOUT = 600.0


async def show_diagnosis(kit: Equipment, options: Options) -> None:
    """Look for the fault and show it.

    Raises:
        TableError: the rules of this build cannot be used.
    """
    face, preset = kit.face, options.preset
    try:
        table = load_table(preset.table_key if preset else b"")
    except TableError as error:
        raise TableError(face.texts.bad_table.format(detail=error)) from error
    kit.context.settings = measuring_points(
        kit.context.settings, preset, options.aim.target if options.aim else None
    )
    read: set[str] = set()
    count = len(kit.sources)

    def on_source(name: str) -> None:
        read.add(name)
        if len(read) == count:
            face.event(
                "local_looking", lambda t: t.local_looking.format(done=count, count=count), sources=count
            )

    found = await diagnose(kit, table, on_source)
    _show(found, face)
    if options.picture:
        _show_picture(found.digits, options, face)


async def again(face: Face) -> bool:
    """Ask whether to look once more; without a human, or on silence, the answer is no."""
    if not face.interactive:
        return False
    answer = await face.ask_text(Question(Topic.AGAIN, lambda t: t.local_again), AGAIN_TIMEOUT)
    return answer is not None and answer.strip().lower() != "q"


def _show(found: Diagnosis, face: Face) -> None:
    if not found.causes:
        face.event("local_none", lambda t: t.local_none)
    for cause in found.causes[:MAX_CAUSES]:
        _show_cause(cause, face)
    face.event("local_digits", lambda t: t.local_digits.format(digits=found.digits), digits=found.digits)


def web_page(target: JoinTarget | None, preset: Preset | None) -> str:
    """Return the page that takes a result, empty without one.

    No link leads callers of an operator's build to another page than the operator's, and nothing leads
    callers of another call centre there.
    """
    if preset is not None and preset.web and (target is None or target.host == preset.host):
        return preset.web
    return target.web if target else ""


def _show_picture(digits: str, options: Options, face: Face) -> None:
    target = options.aim.target if options.aim else None
    web = web_page(target, options.preset)
    if not web:
        return
    # Only those who need a picture give memory for it.
    from hotline_probe.picture import modules, page_of  # noqa: PLC0415

    address = page_of(web, target.code if target else "", digits)
    # Nobody can see where a picture leads, so it is said.
    site = harmless(urllib.parse.urlsplit(web).netloc, 80)
    face.event(
        "local_picture",
        lambda t: t.local_picture.format(site=site),
        address=address,
        modules=modules(address),
    )


def _show_cause(cause: LocalCause, face: Face) -> None:
    finding = cause.finding
    entity = finding.entity
    face.event(
        "local_cause",
        _caused(finding.rule.title, harmless(entity.key) if entity else ""),
        rule=finding.rule.id,
        entity=entity.key if entity else "",
        symptoms=[symptom.rule.id for symptom in cause.symptoms],
    )
    if cause.symptoms:
        face.event("local_symptoms", _follows([symptom.rule.title for symptom in cause.symptoms]))
    for number, step in enumerate(finding.rule.steps, 1):
        face.event("local_step", _step(number, step), number=number)


def _caused(title: Mapping[str, str], entity: str) -> Sentence:
    if entity:
        return lambda t: t.local_about.format(title=title[t.language], entity=entity)
    return lambda t: t.local_cause.format(title=title[t.language])


def _follows(titles: list[Mapping[str, str]]) -> Sentence:
    return lambda t: t.local_symptoms.format(
        titles=", ".join(dict.fromkeys(title[t.language] for title in titles))
    )


def _step(number: int, step: Mapping[str, str]) -> Sentence:
    return lambda t: t.local_step.format(number=number, text=step[t.language])
