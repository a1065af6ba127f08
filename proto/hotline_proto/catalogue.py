"""The fact catalogue: every source, entity kind, fact and action that Hotline knows.

One TOML file a source lies in `catalogue/sources/`, all actions in `catalogue/actions.toml`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from hotline_proto.errors import CatalogueError
from hotline_proto.operator_list import KINDS
from hotline_proto.wording import NO_VALUES, NO_WORDS, Words, in_both, of_values

FactType = Literal["double", "int", "bool", "text", "events"]
Sensitivity = Literal["public", "personal", "secret"]
Cost = Literal["cheap", "moderate", "expensive"]
Devices = Literal["", "also", "only"]

FACT_TYPES: tuple[FactType, ...] = ("double", "int", "bool", "text", "events")
# UCUM units a fact may have: 1 is a share of a whole (0 to 1), annotations in braces are numbers of things.
UNITS = ("", "1", "s", "By", "bit/s", "By/s", "1/s", "Cel", "dB", "dBm", "Hz")
# In `depends_on`: two views of one thing, such as a disk's work and its health, have one key.
OWN_KEY = "key"


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of thing that several facts are about.

    `list_name` is how rules name all of them (`resolvers`), `prefix` what their facts' names begin with.
    `depends_on` maps a kind to the fact (short name) that holds the key of the entity it depends on, or to
    OWN_KEY if both have the same key.
    """

    name: str
    list_name: str
    prefix: str
    source: str
    meaning: Words
    depends_on: Mapping[str, str]

    @property
    def what(self) -> Words:
        """What each of them is: the meaning without what it says of the key, behind a semicolon."""
        return Words(*(text.partition(";")[0] for text in self.meaning))


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What the catalogue says about one fact.

    `short` is the part of the name behind the entity's prefix; `path` is true for facts that hold
    only for the network path on which they were measured. `words` are those of its `values`.
    """

    name: str
    type: FactType
    unit: str
    source: str
    entity: str
    short: str
    platforms: tuple[str, ...]
    sensitivity: Sensitivity
    values: tuple[str, ...]
    words: Mapping[str, Words]
    meaning: Words
    path: bool


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What the catalogue says about one source; times in seconds.

    An `interval` of 0 means: only on demand. `fresh` is how long its facts may be believed.
    `lookback` is how far the first run reads back in a log. `devices` says whether a device over SSH has it:
    not at all (empty), as a computer has it (`also`), or nothing else has (`only`).
    """

    name: str
    title: Mapping[str, str]
    interval: float
    timeout: float
    fresh: float
    cost: Cost
    platforms: tuple[str, ...]
    path: bool
    lookback: float
    devices: Devices = ""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What the catalogue says about one action; `parameters` maps a name to an entity kind.

    One that is `armed` may cut the connection, and is taken back unless the collector is heard again.
    `rights` says whose are needed (caller, owner of what is changed, administrator), `needs` what must hold
    before it is done, `proof` how the probe knows that it had its effect. `operator` maps the names of
    further parameters to kinds of values that must stand in a list which the operator has signed. `devices`
    says whether it can also be done on a device over SSH, `by_hand` how a human sets it back there.
    """

    name: str
    parameters: Mapping[str, str]
    risk: str
    undo: bool
    platforms: tuple[str, ...]
    title: Mapping[str, str]
    effect: Mapping[str, str]
    armed: bool = False
    rights: str = "administrator"
    needs: str = ""
    proof: str = ""
    operator: Mapping[str, str] = field(default_factory=dict)
    devices: bool = False
    by_hand: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All sources, entity kinds, facts and actions, by name."""

    sources: Mapping[str, SourceSpec]
    entities: Mapping[str, EntityKind]
    facts: Mapping[str, FactSpec]
    actions: Mapping[str, ActionSpec]
    digest: str
    facts_of_source: Mapping[str, tuple[FactSpec, ...]] = field(init=False)
    facts_of_entity: Mapping[str, tuple[FactSpec, ...]] = field(init=False)
    entity_of_list: Mapping[str, EntityKind] = field(init=False)
    kinds_of_source: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_source: dict[str, list[FactSpec]] = {name: [] for name in self.sources}
        by_entity: dict[str, list[FactSpec]] = {name: [] for name in self.entities}
        for fact in self.facts.values():
            by_source[fact.source].append(fact)
            if fact.entity:
                by_entity[fact.entity].append(fact)
        entities = self.entities.values()
        kinds = {name: tuple(k.name for k in entities if k.source == name) for name in self.sources}
        freeze = object.__setattr__
        freeze(self, "kinds_of_source", kinds)
        freeze(self, "facts_of_source", {k: tuple(v) for k, v in by_source.items()})
        freeze(self, "facts_of_entity", {k: tuple(v) for k, v in by_entity.items()})
        freeze(self, "entity_of_list", {kind.list_name: kind for kind in self.entities.values()})


# Not importlib.resources: it costs the caller's machine a megabyte.
_SHIPPED = Path(__file__).parent / "catalogue"


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that ships with this version.

    Raises:
        CatalogueError: a catalogue file is wrong.
    """
    return read_catalogue(_SHIPPED)


@cache
def load_wordless_catalogue() -> Catalogue:
    """Return the same without the words that only an agent reads: the caller's machine holds this one.

    Raises:
        CatalogueError: a catalogue file is wrong.
    """
    return read_catalogue(_SHIPPED, words=False)


def read_catalogue(root: Path, *, words: bool = True) -> Catalogue:
    """Read a catalogue from a folder with `sources/*.toml` and `actions.toml`.

    Without `words`, what facts and kinds mean is checked and then left empty.

    Raises:
        CatalogueError: a file is wrong; the message names file and key.
    """
    digest = hashlib.sha256()
    sources: dict[str, SourceSpec] = {}
    entities: dict[str, EntityKind] = {}
    facts: dict[str, FactSpec] = {}
    for file in sorted((root / "sources").iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        table = _parse(file, digest)
        source = _source(file.name.removesuffix(".toml"), table)
        sources[source.name] = source
        for name, entry in table.get("entity", {}).items():
            if name in entities:
                raise CatalogueError(f"{file.name}: entity {name} is also in {entities[name].source}.toml")
            entities[name] = _entity(name, source.name, entry, words)
        of_file = _File(file.name, source, entities, table.get("words", {}), words)
        for name, entry in table.get("facts", {}).items():
            if name in facts:
                raise CatalogueError(f"{file.name}: fact {name} is also in {facts[name].source}.toml")
            facts[name] = _fact(of_file, name, entry)
        for name in of_file.of_values:
            if name not in table.get("facts", {}):
                raise CatalogueError(f"{file.name}: words.{name}: there is no such fact in this file")
    actions = {
        name: _action(name, entry, entities) for name, entry in _parse(root / "actions.toml", digest).items()
    }
    return Catalogue(
        MappingProxyType(sources),
        MappingProxyType(entities),
        MappingProxyType(facts),
        MappingProxyType(actions),
        digest.hexdigest(),
    )


def _parse(file: Path, digest: hashlib._Hash) -> dict[str, Any]:
    raw = file.read_bytes()
    digest.update(file.name.encode() + b"\0" + raw + b"\0")
    try:
        return tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}") from error


def _source(name: str, table: dict[str, Any]) -> SourceSpec:
    try:
        return SourceSpec(
            name=name,
            title=table["title"],
            interval=float(table["interval"]),
            timeout=float(table["timeout"]),
            fresh=float(table["fresh"]),
            cost=table["cost"],
            platforms=tuple(table["platforms"]),
            path=bool(table.get("path", False)),
            lookback=float(table.get("lookback", 0.0)),
            devices=_devices(table.get("devices", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{name}.toml: {error!r}") from error


def _devices(word: str) -> Devices:
    match word:
        case "" | "also" | "only":
            return word
        case _:
            raise ValueError(f"devices is also or only, not {word!r}")


def _entity(name: str, source: str, entry: dict[str, Any], words: bool) -> EntityKind:
    meaning = in_both(f"{source}.toml: entity {name}: meaning", entry.get("meaning"))
    try:
        return EntityKind(
            name,
            entry["list"],
            entry["prefix"],
            source,
            meaning if words else NO_WORDS,
            entry.get("depends_on", {}),
        )
    except KeyError as error:
        raise CatalogueError(f"{source}.toml: entity {name} lacks {error}") from error


class _File(NamedTuple):
    """What the facts of a file have in common; `of_values` has words of their values, not read yet."""

    name: str
    source: SourceSpec
    entities: Mapping[str, EntityKind]
    of_values: Mapping[str, Any]
    words: bool


def _fact(of_file: _File, name: str, entry: dict[str, Any]) -> FactSpec:
    file, source, entities, said, words = of_file
    kind = next(
        (k for k in entities.values() if k.source == source.name and name.startswith(k.prefix + ".")), None
    )
    type_, unit = entry.get("type"), entry.get("unit", "")
    if type_ not in FACT_TYPES:
        raise CatalogueError(f"{file}: {name}: type must be one of {', '.join(FACT_TYPES)}, not {type_!r}")
    if not (unit.startswith("{") and unit.endswith("}")) and unit not in UNITS:
        raise CatalogueError(f"{file}: {name}: unit {unit!r} is not one of {', '.join(UNITS[1:])}")
    meaning = in_both(f"{file}: {name}: meaning", entry.get("meaning"))
    values = tuple(entry.get("values", ()))
    of_each = of_values(f"{file}: words.{name}", values, said.get(name))
    return FactSpec(
        name=name,
        type=type_,
        unit=unit,
        source=source.name,
        entity=kind.name if kind else "",
        short=name.removeprefix(kind.prefix + ".") if kind else name,
        platforms=tuple(entry.get("platforms", source.platforms)),
        sensitivity=entry.get("sensitivity", "public"),
        values=values,
        words=of_each if words and values else NO_VALUES,
        meaning=meaning if words else NO_WORDS,
        path=source.path or bool(entry.get("path", False)),
    )


def _action(name: str, entry: dict[str, Any], entities: Mapping[str, EntityKind]) -> ActionSpec:
    for parameter, kind in entry["parameters"].items():
        if kind not in entities:
            raise CatalogueError(f"actions.toml: {name}: parameter {parameter} has unknown kind {kind}")
    for parameter, kind in entry.get("operator", {}).items():
        if kind not in KINDS or parameter in entry["parameters"]:
            raise CatalogueError(
                f"actions.toml: {name}: operator's value {parameter} has unknown kind {kind}"
            )
    devices, armed = bool(entry.get("devices", False)), bool(entry.get("armed", False))
    if devices and armed:
        # What has cut the connection to a device could not be taken back over it.
        raise CatalogueError(f"actions.toml: {name}: an armed action cannot be one for devices")
    by_hand = entry.get("by_hand", "")
    if (devices and entry["undo"]) != bool(by_hand):
        raise CatalogueError(
            f"actions.toml: {name}: by_hand says how to set back what is done on devices and can be undone"
        )
    return ActionSpec(
        name,
        entry["parameters"],
        entry["risk"],
        bool(entry["undo"]),
        tuple(entry["platforms"]),
        entry["title"],
        entry["effect"],
        armed,
        entry["rights"],
        entry["needs"],
        entry["proof"],
        entry.get("operator", {}),
        devices,
        by_hand,
    )
