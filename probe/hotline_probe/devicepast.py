"""What was done on a device over earlier connections, for as long as this program runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_probe.actions.remote import RemoteMachine
from hotline_probe.machine import Machine
from hotline_probe.proposals import KnownProposals

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Past:
    """What was done on one machine, known by the fingerprint of its host key, and how it is reached now."""

    host_key: str
    remote: RemoteMachine
    known: KnownProposals = field(default_factory=dict)


class Pasts:
    """The past of each device by its address; a machine with another host key has none."""

    def __init__(self) -> None:
        self._pasts: dict[str, Past] = {}
        self._other: list[Mapping[str, str]] = []

    def of(self, address: str, host_key: str, machine: Machine) -> Past:
        """Return what was done on a device, which is reached by a new connection from now on."""
        past = self._pasts.get(address)
        if past is None or past.host_key != host_key:
            self._other += [] if past is None else _titles(address, past)
            past = self._pasts[address] = Past(host_key, RemoteMachine(machine))
        else:
            past.remote.reached_by(machine)
        return past

    def still_changed(self) -> list[Mapping[str, str]]:
        """Return the titles, by language, of what was done and not taken back, with the addresses."""
        return [*self._other, *(title for one in self._pasts.items() for title in _titles(*one))]


def _titles(address: str, past: Past) -> list[Mapping[str, str]]:
    return [
        {language: f"{words} ({address})" for language, words in known.title.items()}
        for known in past.known.values()
        if known.performed is not None
    ]
