"""What all calls share."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from hotline_proto.catalogue import Catalogue

from hotline_collector.calls.clock import DeadlineClock, SteadyClock
from hotline_collector.calls.ports import Bus, DeviceReach, Journal, Store
from hotline_collector.calls.saver import RowSaver
from hotline_collector.calls.settings import CallSettings
from hotline_collector.engine.ruleset import RuleSet


@dataclass(slots=True)
class Surroundings:
    """The collector's parts that a call uses; `packs` holds every known rule set by digest.

    `reach` reads devices from here, if the operator has listed any.
    """

    catalogue: Catalogue
    settings: CallSettings
    store: Store
    journal: Journal
    bus: Bus
    saver: RowSaver
    clock: SteadyClock
    deadlines: DeadlineClock
    packs: MutableMapping[str, RuleSet]
    reach: DeviceReach | None = None
