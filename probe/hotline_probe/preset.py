"""The operator's build: a packaged file that makes a bare code enough.

`hotline_probe/operator.toml`:

    name = "Example Support"
    host = "hotline.example.org"
    port = 7443
    addresses = ["192.0.2.10", "2001:db8::10"]
    ca = '''-----BEGIN CERTIFICATE-----…'''
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline_proto.joincode import DEFAULT_PORT

from hotline_probe.errors import UsageError
from hotline_probe.reach import is_authority


@dataclass(frozen=True, slots=True)
class Preset:
    """Who the operator is; `ca` is PEM, empty for public CAs."""

    name: str
    host: str
    port: int = DEFAULT_PORT
    addresses: tuple[str, ...] = ()
    ca: str = ""


def load_preset(folder: Path | None = None) -> Preset | None:
    """Return the preset of this build, None if it has none.

    Raises:
        UsageError: the file is damaged; the message says where.
    """
    file = (folder or Path(__file__).parent) / "operator.toml"
    if not file.is_file():
        return None
    try:
        table = tomllib.loads(file.read_text("utf-8"))
        return _preset(table)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"operator.toml: {error}") from error


def _preset(table: dict[str, Any]) -> Preset:
    name, host, port = table["name"], table["host"], table.get("port", DEFAULT_PORT)
    addresses, ca = table.get("addresses", []), table.get("ca", "")
    if not (isinstance(name, str) and isinstance(host, str) and host and isinstance(ca, str)):
        raise TypeError("name, host and ca are texts")
    if not (isinstance(port, int) and 0 < port < 65536):
        raise ValueError("port is a number from 1 to 65535")
    if not (isinstance(addresses, list) and all(isinstance(item, str) for item in addresses)):
        raise TypeError("addresses is a list of texts")
    if ca and not is_authority(ca):
        raise ValueError("ca is not a certificate in PEM")
    return Preset(name, host, port, tuple(addresses), ca)
