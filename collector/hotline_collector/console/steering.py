"""What the keys of the live view act on: pure functions of the call as it is shown."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.arguments import DONT_KNOW

_WAITS_FOR_STEPS = ("proposed", "accepted", "running")
_YES = frozenset({"y", "yes", "j", "ja"})
_HAS_RUN = ("done", "verifying", "verified", "still_present", "regressed", "could_not_verify", "failed")


def step_fix(call: pb.CallView) -> pb.FixView | None:
    """Return the newest fix whose human steps are still to be done; the probe itself reports actions."""
    waiting = [fix for fix in call.fixes if not fix.action and fix.state in _WAITS_FOR_STEPS]
    return waiting[-1] if waiting else None


def owners_action(call: pb.CallView, finding_id: str) -> tuple[pb.FixOption, str] | None:
    """Return the action that a device's owner may agree to for a cause, with the address of the device.

    That is the first action of a cause on a device that the collector itself reads; elsewhere the caller is
    asked on the screen, and nobody speaks for them.
    """
    devices = {each.target: each.name for each in call.targets if each.from_collector}
    for cause in (*call.causes, *call.also_noticed):
        if cause.finding_id == finding_id and cause.target in devices:
            return next(((fix, devices[cause.target]) for fix in cause.fixes if fix.action), None)
    return None


def typed_yes(typed: str) -> str | None:
    """Return a typed yes, in English or German; anything else is none."""
    word = typed.strip().casefold()
    return word if word in _YES else None


def undo_fix(call: pb.CallView) -> pb.FixView | None:
    """Return the newest fix that has run and can be taken back."""
    undoable = [fix for fix in call.fixes if fix.undoable and fix.state in _HAS_RUN]
    return undoable[-1] if undoable else None


def open_question(call: pb.CallView) -> pb.QuestionView | None:
    """Return the question to ask now: hazards first, then the most deciding one."""
    unanswered = [question for question in call.questions if not question.answer and not question.locked]
    return min(unanswered, key=lambda question: not question.hazard, default=None)


def typed_answer(question: pb.QuestionView, typed: str) -> str | None:
    """Return the wire's value of a typed answer, empty for "?", None if it is none of the answers.

    A value may be typed as itself, as its label in either language, or as its first letters.
    """
    word = typed.strip().casefold()
    if word == DONT_KNOW:
        return ""
    if not word:
        return None
    if not question.values:
        return typed.strip()
    names: dict[str, str] = {}
    for index, value in enumerate(question.values):
        label = question.value_labels[index] if index < len(question.value_labels) else pb.Text()
        names |= {name.casefold(): value for name in (value, label.en, label.de) if name}
    if word in names:
        return names[word]
    begun = {value for name, value in names.items() if name.startswith(word)}
    return begun.pop() if len(begun) == 1 else None


def neighbour(ids: list[str], selected: str, step: int) -> str:
    """Return the id `step` places from the selected one, without leaving the list."""
    if not ids:
        return ""
    here = ids.index(selected) if selected in ids else 0
    return ids[max(0, min(len(ids) - 1, here + step))]
