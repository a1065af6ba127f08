"""What the caller says beforehand about devices that are read over SSH, checked before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline_probe.errors import UsageError
from hotline_probe.ssh.address import parse_address, parse_fingerprint
from hotline_probe.texts import Texts

KNOWN_HOSTS = (Path("~/.ssh/known_hosts"), Path("/etc/ssh/ssh_known_hosts"))


@dataclass(frozen=True, slots=True)
class Means:
    """What the caller has said beforehand about devices.

    `named` are addresses that the caller typed, which may be on this computer, and `fingerprints` those of
    their host keys; `key_file` is the caller's own key, `known` are files of host keys.
    """

    named: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    key_file: Path | None = None
    known: tuple[Path, ...] = KNOWN_HOSTS


def read_means(
    devices: Sequence[str], fingerprints: Sequence[str], key_file: Path | None, texts: Texts
) -> Means:
    """Return what a command line says about devices.

    Raises:
        UsageError: something is wrong; the message is one sentence in the caller's language.
    """
    named = tuple(_device(device, texts) for device in devices)
    if fingerprints and not named:
        raise UsageError(texts.fingerprint_alone)
    pinned = tuple(_fingerprint(each, texts) for each in fingerprints)
    if key_file is not None:
        key_file = key_file.expanduser()
        _check_key(key_file, texts)
    return Means(named, pinned, key_file)


def _device(device: str, texts: Texts) -> str:
    try:
        return str(parse_address(device))
    except UsageError as error:
        raise UsageError(texts.bad_device.format(value=device, detail=error)) from error


def _fingerprint(text: str, texts: Texts) -> str:
    try:
        return parse_fingerprint(text)
    except UsageError as error:
        raise UsageError(texts.bad_fingerprint.format(value=text)) from error


def _check_key(file: Path, texts: Texts) -> None:
    try:
        from hotline_probe.ssh.keyfile import KeyFault, KeyFileError, load_key  # noqa: PLC0415 - needs paramiko
    except ImportError as error:
        raise UsageError(texts.no_paramiko) from error
    try:
        load_key(file, None)
    except KeyFileError as error:
        if error.fault is KeyFault.LOCKED:
            return
        told = {KeyFault.PUBLIC: texts.key_public, KeyFault.UNKNOWN: texts.key_unknown}
        detail = told.get(error.fault, error.detail)
        raise UsageError(texts.bad_key.format(path=file, detail=detail)) from error
