"""Which rules of several packs count: a pack may switch off rules of others or put its own in their place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from hotline_collector.model.rule import Rule
from hotline_collector.rulepack.document import Document


@dataclass(frozen=True, slots=True)
class Switch:
    """A rule that the `disable` of a pack.yaml switches off; `index` is its place in the list."""

    document: Document
    index: int
    rule_id: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """One rule for each id with its document; those in `disabled` are only referred to, never judged."""

    rules: dict[str, Rule]
    documents: dict[str, Document]
    disabled: frozenset[str]


def choose(
    found: Sequence[tuple[Document, Rule]], homes: Collection[str], switches: Iterable[Switch]
) -> Chosen:
    """Return the rule of each id; what does not go together is added to the documents' faults.

    `homes` are the folders that have a pack.yaml. A rule that is switched off and not replaced stays
    known, so that what it explains and who refers to it stay as they are.
    """
    off: set[str] = set()
    for switch in switches:
        off |= _switched_off(switch, found, homes)
    rules: dict[str, Rule] = {}
    documents: dict[str, Document] = {}
    disabled: set[str] = set()
    for document, rule in sorted(found, key=lambda item: item[0].name in off):
        if rule.id not in rules:
            rules[rule.id], documents[rule.id] = rule, document
            if document.name in off:
                disabled.add(rule.id)
        elif document.name not in off:
            document.faults.append(
                document.fault(
                    ("id",),
                    f"{rule.id} is also in {documents[rule.id].name}; to replace a rule of another pack, "
                    "name it under disable in pack.yaml",
                )
            )
    return Chosen(rules, documents, frozenset(disabled))


def folder_of(name: str) -> str:
    """Return the folder of a file, "" at the top."""
    return name.rpartition("/")[0]


def _switched_off(switch: Switch, found: Sequence[tuple[Document, Rule]], homes: Collection[str]) -> set[str]:
    """Return the names of the files with the rule that is switched off."""
    own = folder_of(switch.document.name)
    others = {d.name: rule.id for d, rule in found if _home(d.name, homes) != own}
    names = {name for name, rule_id in others.items() if rule_id == switch.rule_id}
    # A pack that is looked at alone cannot know the rules of others.
    if not names and len(homes) > 1:
        near = get_close_matches(switch.rule_id, list(others.values()), 1, 0.6)
        hint = f"; did you mean {near[0]}?" if near else ""
        where = ("disable", switch.index)
        message = f"there is no rule {switch.rule_id} in another pack{hint}"
        switch.document.faults.append(switch.document.fault(where, message))
    return names


def _home(name: str, homes: Collection[str]) -> str:
    """Return the folder of the pack that a file belongs to, "" if none has a pack.yaml."""
    above = [home for home in homes if not home or name.startswith(home + "/")]
    return max(above, key=len, default="")
