"""How a proposed action is put to the caller: what it does, how risky that is, what would go."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence

from hotline_proto.catalogue import ActionSpec

from hotline_probe.face import Question, Sentence, Topic
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

MAX_FOLDERS = 5
_UNITS = ("kB", "MB", "GB", "TB")


def put_to_caller(
    spec: ActionSpec, parameters: Mapping[str, str], proposal_id: str, files: Sequence[tuple[str, int]]
) -> Question:
    """Return the question; `files` are path and size in bytes of what would go."""
    concerned = ", ".join(harmless(value, 80) for value in parameters.values())

    def about(texts: Texts) -> str:
        title = spec.title[texts.language]
        reversible = texts.action_undoable if spec.undo else texts.action_final
        return texts.action_asked.format(
            title=f"{title} ({concerned})" if concerned else title,
            effect=f"{spec.effect[texts.language]} {reversible}",
        )

    data = {"proposal": harmless(proposal_id, 64), "action": spec.name}
    sentences = (about, _risk(spec), *_goes(files))
    return Question(Topic.ACTION, lambda t: t.action_ask, sentences, data=data)


def size_text(size: int, texts: Texts) -> str:
    """Return a size in bytes as people read it, in powers of 1000."""
    amount, unit = float(size), ""
    for unit in _UNITS:  # noqa: B007 - the last unit takes what is left
        amount /= 1000
        if amount < 1000:
            break
    number = f"{amount:.1f}"
    return f"{number.replace('.', ',') if texts.language == 'de' else number} {unit}"


def _risk(spec: ActionSpec) -> Sentence:
    match spec.risk:
        case "none":
            return lambda t: t.action_no_risk
        case "low":
            return lambda t: t.action_low_risk
        case _:
            return lambda t: t.action_medium_risk


def _goes(files: Sequence[tuple[str, int]]) -> list[Sentence]:
    if not files:
        return []
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path, size in files:
        folder = os.path.dirname(path)  # noqa: PTH120 - thousands of paths
        counts[folder] += 1
        sizes[folder] += size
    largest = sizes.most_common(MAX_FOLDERS)
    total = sum(sizes.values())
    sentences: list[Sentence] = [
        lambda t: t.goes.format(count=len(files), size=size_text(total, t)),
        *(_folder(folder, counts[folder], size) for folder, size in largest),
    ]
    rest, left = len(sizes) - len(largest), total - sum(size for _, size in largest)
    if rest:
        sentences.append(lambda t: t.goes_more.format(folders=rest, size=size_text(left, t)))
    return sentences


def _folder(folder: str, count: int, size: int) -> Sentence:
    shown = harmless(folder, 120)
    return lambda t: t.goes_folder.format(folder=shown, count=count, size=size_text(size, t))
