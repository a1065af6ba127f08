"""Which entities depend on which, and so how far a cause reaches: one rule for collector and probe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from hotline_proto.catalogue import OWN_KEY, Catalogue

_NETWORK_PREFIX = "net."


class EntityRef(NamedTuple):
    """An entity by kind and key, for instance ("interface", "eth0")."""

    kind: str
    key: str


class World(Protocol):
    """What is known of a machine's entities; `interface` is the one in use, None without a network path."""

    @property
    def interface(self) -> str | None:
        """The interface of the network path in use."""
        ...

    def keys(self, kind: str) -> Iterable[str]:
        """Return the keys of all entities of a kind."""
        ...

    def field(self, kind: str, key: str, short: str) -> Any:
        """Return a fact of an entity; anything but a text, number or truth if it is not known."""
        ...


def reaches(cause: EntityRef | None, symptom: EntityRef | None, world: World, catalogue: Catalogue) -> bool:
    """Tell whether a fault of one thing can show as a fault of another; None is the machine itself.

    It can if both are about the same entity, if the symptom's entity depends on the cause's, or if one is
    the machine and the other belongs to the network path in use, or to no network at all.
    """
    if cause is None:
        return symptom is None or _on_path(symptom, world, catalogue)
    if symptom is None:
        return _carries_path(cause, world, catalogue)
    return cause == symptom or cause in _bases(symptom, world, catalogue)


def _bases(entity: EntityRef, world: World, catalogue: Catalogue) -> list[EntityRef]:
    """Return the entities that an entity depends on, directly or through others."""
    out: list[EntityRef] = []
    waiting = [entity]
    while waiting:
        for base in _direct_bases(waiting.pop(), world, catalogue):
            if base not in out and base != entity:
                out.append(base)
                waiting.append(base)
    return out


def _direct_bases(entity: EntityRef, world: World, catalogue: Catalogue) -> list[EntityRef]:
    if entity.key not in world.keys(entity.kind):
        return []
    if world.field(entity.kind, entity.key, "local") is True:
        # A check of this computer or a name server on it needs no network.
        return []
    if entity.kind == "check":
        # A check depends on the path in use: on its interface, its name servers and what it lets pass.
        resolvers = [EntityRef("resolver", key) for key in world.keys("resolver")]
        path = [EntityRef("interface", world.interface)] if world.interface else []
        return resolvers + _measured_ports(entity, world) + path
    bases = []
    for kind, short in catalogue.entities[entity.kind].depends_on.items():
        key = entity.key if short == OWN_KEY else world.field(entity.kind, entity.key, short)
        if isinstance(key, str) and key:
            bases.append(EntityRef(kind, key))
    return bases


def _measured_ports(check: EntityRef, world: World) -> list[EntityRef]:
    """Return the operator's places that listen on the same port as what is checked."""
    number = world.field("check", check.key, "port")
    if not isinstance(number, int):
        return []
    places = world.keys("port")
    return [EntityRef("port", key) for key in places if world.field("port", key, "number") == number]


def _on_path(entity: EntityRef, world: World, catalogue: Catalogue) -> bool:
    """Tell whether a fault of the whole machine reaches an entity.

    Things outside the network always; an interface only if it is the one in use; what depends on an
    interface only if that is; a check only if it leaves the machine.
    """
    if entity.kind == "check":
        return world.field("check", entity.key, "local") is not True
    return _belongs(entity, world, catalogue)


def _carries_path(entity: EntityRef, world: World, catalogue: Catalogue) -> bool:
    """Tell whether a fault of an entity reaches the whole machine.

    An interface does when it is in use, or when nothing is and it should be; a resolver when it belongs to
    the interface in use or runs on this computer. Disks, filesystems, processes and services always do.
    """
    if not catalogue.entities[entity.kind].prefix.startswith(_NETWORK_PREFIX):
        return True
    return _belongs(entity, world, catalogue)


def _belongs(entity: EntityRef, world: World, catalogue: Catalogue) -> bool:
    """Tell whether an entity has to do with no interface, or with the one in use if there is one."""
    refs = (entity, *_bases(entity, world, catalogue))
    interfaces = [ref.key for ref in refs if ref.kind == "interface"]
    return not interfaces or world.interface is None or world.interface in interfaces
