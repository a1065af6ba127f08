"""The operator's build: a packaged file that makes a bare code enough.

`hotline_probe/operator.toml`:

    name = "Example Support"
    host = "hotline.example.org"
    port = 7443
    addresses = ["192.0.2.10", "2001:db8::10"]
    web = "https://help.example.org"     # the collector's pages for callers; a picture code leads there
    ca = '''-----BEGIN CERTIFICATE-----…'''
    table_key = "…"                      # hex; the decision table must be signed with it (Ed25519)
    anchors = ["192.0.2.20:443"]         # what a probe without a call may measure towards
    known_names = ["www.example.org"]
    ntp_servers = ["time.example.org"]
    portal_urls = ["http://portal.example.org/generate_204"]
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline_proto.joincode import DEFAULT_PORT, is_secure_page

from hotline_probe.errors import UsageError
from hotline_probe.reach import is_authority

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Preset:
    """Who the operator is; `ca` is PEM, empty for public CAs, `table_key` 32 bytes or none."""

    name: str
    host: str
    port: int = DEFAULT_PORT
    addresses: tuple[str, ...] = ()
    ca: str = ""
    table_key: bytes = b""
    anchors: tuple[str, ...] = ()
    known_names: tuple[str, ...] = ()
    ntp_servers: tuple[str, ...] = ()
    portal_urls: tuple[str, ...] = ()
    web: str = ""


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
    ca = table.get("ca", "")
    if not (isinstance(name, str) and isinstance(host, str) and host and isinstance(ca, str)):
        raise TypeError("name, host and ca are texts")
    if not (isinstance(port, int) and 0 < port < 65536):
        raise ValueError("port is a number from 1 to 65535")
    if ca and not is_authority(ca):
        raise ValueError("ca is not a certificate in PEM")
    web = table.get("web", "")
    if web and not (isinstance(web, str) and is_secure_page(web)):
        raise ValueError("web is the address of a page that begins with https://")
    key = bytes.fromhex(table.get("table_key", ""))
    if len(key) not in (0, _KEY_BYTES):
        raise ValueError(f"table_key has {_KEY_BYTES} bytes in hex")
    return Preset(
        name,
        host,
        port,
        _texts(table, "addresses"),
        ca,
        key,
        _texts(table, "anchors"),
        _texts(table, "known_names"),
        _texts(table, "ntp_servers"),
        _texts(table, "portal_urls"),
        web,
    )


def _texts(table: dict[str, Any], name: str) -> tuple[str, ...]:
    values = table.get(name, [])
    if not (isinstance(values, list) and all(isinstance(item, str) for item in values)):
        raise TypeError(f"{name} is a list of texts")
    return tuple(values)
