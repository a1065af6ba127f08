"""Values that a configuration may have: names, addresses, ports, pages."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

_HOST = re.compile(r"(?=.{1,253}\Z)[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63})*\.?\Z")


def _host(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not _HOST.match(value):
            raise ValueError(f"{value!r} is no host name or numeric address") from None
    return value


def _numeric(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f"{value!r} is no numeric address, such as 192.0.2.7 or 2001:db8::7") from None


def _place(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{value!r} is not host:port, such as anchor.example.net:443")
    _host(host.strip("[]"))
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment
    ):
        raise ValueError(f"{value!r} is no address of a web server, such as https://help.example.org")
    return value


def _plain_page(value: str) -> str:
    # A sign-in page can step in between only where nothing is encrypted.
    if not value.startswith("http://"):
        raise ValueError(f"{value!r} is no http:// address, such as http://portal.example.org/generate_204")
    return _web_address(value)


Host = Annotated[str, AfterValidator(_host)]
Numeric = Annotated[str, AfterValidator(_numeric)]
Place = Annotated[str, AfterValidator(_place)]
PlainPage = Annotated[str, AfterValidator(_plain_page)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Port = Annotated[int, Field(ge=0, le=65535)]
