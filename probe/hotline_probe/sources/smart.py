"""What disks say about their health: the output of smartctl(8) in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotline_probe.errors import Denied, SourceFailed, Unsupported

# Attributes of ATA disks, by id: the numbers are agreed among makers (smartctl(8), drivedb.h).
_REALLOCATED, _PENDING, _UNCORRECTABLE, _CRC = 5, 197, 198, 199
# The bit of NVMe's critical warning that tells of heat (NVM Express base specification, health log).
_HOT = 0x02
# Larger ones are several numbers packed into one.
_MAX_RAW = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Health:
    """What a disk says; None where it does not say so. Shares from 0 to 1, temperature in °C."""

    passed: bool | None = None
    bad_sectors: int | None = None
    reallocated: int | None = None
    crc_errors: int | None = None
    wear: float | None = None
    spare: float | None = None
    temperature: float | None = None


def parse_smartctl(text: str) -> Health:
    """Return what `smartctl --json` printed about a disk.

    >>> parse_smartctl('{"smart_status": {"passed": true}, "temperature": {"current": 32}}')
    Health(passed=True, bad_sectors=None, reallocated=None, crc_errors=None, wear=None, spare=None, \
temperature=32.0)

    Raises:
        Denied: it may not be asked.
        Unsupported: it has nothing to say.
        SourceFailed: it sleeps, or smartctl went wrong.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise SourceFailed("smartctl printed no JSON; it may be older than 7.0") from None
    nvme = _at(told, "nvme_smart_health_information_log")
    passed = _at(told, "smart_status", "passed")
    if not isinstance(passed, bool):
        raise _why_not(told)
    warning = _number(_at(nvme, "critical_warning"))
    if warning is not None:
        passed = not warning & ~_HOT
    attributes = _attributes(told)
    used = _number(_at(nvme, "percentage_used"))
    used = _number(_at(told, "endurance_used", "current_percent")) if used is None else used
    spare, current = _number(_at(nvme, "available_spare")), _number(_at(told, "temperature", "current"))
    return Health(
        passed,
        _bad_sectors(told, attributes),
        attributes.get(_REALLOCATED, _number(_at(told, "scsi_grown_defect_list"))),
        attributes.get(_CRC),
        None if used is None else min(used / 100, 1.0),
        None if spare is None else min(spare / 100, 1.0),
        # Zero is what disks say that do not measure it.
        float(current) if current and current < 150 else None,
    )


def _bad_sectors(told: Any, attributes: Mapping[int, int]) -> int | None:
    """Return the places that cannot be read; NVMe and SCSI disks count what ever went wrong."""
    found = [attributes[number] for number in (_PENDING, _UNCORRECTABLE) if number in attributes]
    if found:
        # Both count the same place once each.
        return max(found)
    errors = _number(_at(told, "nvme_smart_health_information_log", "media_errors"))
    if errors is not None:
        return errors
    log = [_number(_at(told, "scsi_error_counter_log", way, "total_uncorrected_errors")) for way in _WAYS]
    known = [errors for errors in log if errors is not None]
    return sum(known) if known else None


_WAYS = ("read", "write")


def _attributes(told: Any) -> dict[int, int]:
    table = _at(told, "ata_smart_attributes", "table")
    found = {}
    for row in table if isinstance(table, list) else ():
        number, raw = _number(_at(row, "id")), _number(_at(row, "raw", "value"))
        if number is not None and raw is not None:
            found[number] = raw
    return found


def _why_not(told: Any) -> Denied | Unsupported | SourceFailed:
    messages = _at(told, "smartctl", "messages")
    texts = [_at(message, "string") for message in messages] if isinstance(messages, list) else []
    said = " ".join(text for text in texts if isinstance(text, str))[:200]
    if "Permission denied" in said or "Operation not permitted" in said:
        return Denied("only the administrator may ask disks for their health")
    if "STANDBY" in said or "SLEEP" in said:
        return SourceFailed("the disk sleeps, and is not woken for this")
    return Unsupported(
        f"the disk does not tell its health: {said}" if said else "it does not tell its health"
    )


def _at(told: Any, *names: str) -> Any:
    for name in names:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _number(told: Any) -> int | None:
    return told if type(told) is int and 0 <= told <= _MAX_RAW else None
