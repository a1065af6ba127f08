"""What a home router tells without a password: UPnP Internet Gateway Device and TR-064.

The router is looked for at its own address only, and nothing leads away from it: a description or a service
at another address is passed over. Nothing is changed and no login is ever tried.
"""

from __future__ import annotations

import re
import socket
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from hotline_probe.checks.fetch import Page, fetch
from hotline_probe.checks.limits import Deadline
from hotline_probe.errors import Denied, SourceFailed
from hotline_probe.sources.plainxml import Element, parse_xml

PORT = 1900
MAX_DESCRIPTION = 256 * 1024
MAX_REPLY = 64 * 1024
# A router with several lines; more is a device that wants to keep us busy.
MAX_SERVICES = 8
# The better description first. TR-064 is the DSL Forum's form of it; its services mostly ask for a password.
DEVICES = (
    "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
    "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
    "urn:dslforum-org:device:InternetGatewayDevice:1",
)
_SERVICE = re.compile(
    r"urn:(?:schemas-upnp-org|dslforum-org):service:"
    r"(WANIPConnection|WANPPPConnection|WANCommonInterfaceConfig):\d",
    re.ASCII,
)
_PATH = re.compile(r"/[!-~]{0,500}", re.ASCII)
_ENVELOPE = (
    '<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
    '<s:Body><u:{action} xmlns:u="{kind}"/></s:Body></s:Envelope>'
)


@dataclass(frozen=True, slots=True)
class Place:
    """Something on the router: a port and the path to ask for."""

    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the router; `name` is the part of `kind` that tells what it does."""

    name: str
    kind: str
    place: Place


@dataclass(frozen=True, slots=True)
class Description:
    """A router's model, its services for the line, who made it, and how its software calls its version."""

    model: str
    services: tuple[Service, ...]
    maker: str = ""
    software: str = ""


def find(gateway: str, patience: float, port: int = PORT) -> Place | None:
    """Return where a router describes itself, None if it does not say so within `patience` seconds.

    The question goes to the router alone, as UPnP Device Architecture 1.1 (1.3.2) allows since 2008.

    Raises:
        Denied: a firewall of this computer does not let the question out.
    """
    found: dict[int, Place] = {}
    end = time.monotonic() + patience
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        try:
            for device in DEVICES * 2:  # a datagram may be lost
                channel.sendto(_search(gateway, device, port), (gateway, port))
            while 0 not in found and (left := end - time.monotonic()) > 0:
                channel.settimeout(left)
                reply, sender = channel.recvfrom(4096)
                rank, place = _rank(reply), parse_reply(reply, gateway)
                if sender[0] == gateway and rank is not None and place is not None:
                    # Another description may be better, but is not worth waiting for the whole time.
                    end = min(end, time.monotonic() + 0.3) if not found else end
                    found.setdefault(rank, place)
        except PermissionError as error:
            raise Denied("this computer lets no question to the router out") from error
        except OSError:  # no answer in time, or a router that refuses the port
            pass
    return found[min(found)] if found else None


def _search(gateway: str, device: str, port: int) -> bytes:
    lines = (
        "M-SEARCH * HTTP/1.1",
        f"HOST: {gateway}:{port}",
        'MAN: "ssdp:discover"',
        "MX: 1",
        f"ST: {device}",
    )
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _rank(reply: bytes) -> int | None:
    kind = _header(reply, "st")
    return DEVICES.index(kind) if kind in DEVICES else None


def parse_reply(reply: bytes, gateway: str) -> Place | None:
    r"""Return the place that an answer to the search names, None if it is none or not on the router.

    >>> parse_reply(b"HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.1:49000/igddesc.xml\r\n\r\n", "192.0.2.1")
    Place(port=49000, path='/igddesc.xml')
    >>> parse_reply(b"HTTP/1.1 200 OK\r\nLOCATION: http://203.0.113.9/d.xml\r\n\r\n", "192.0.2.1")
    """
    if not re.match(rb"HTTP/1\.[01] 200(?: |\r?\n)", reply):
        return None
    return _on_router(_header(reply, "location"), gateway)


def _header(reply: bytes, name: str) -> str:
    for line in reply.decode("latin-1").splitlines()[1:64]:
        told, colon, value = line.partition(":")
        if colon and told.strip().lower() == name:
            return value.strip()
    return ""


def _on_router(url: str, gateway: str, base: Place | None = None) -> Place | None:
    """Return the place of a URL, None if it is not HTTP on the router itself."""
    try:
        if base is not None:
            url = urllib.parse.urljoin(f"http://{gateway}:{base.port}{base.path}", url)
        parts = urllib.parse.urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme != "http" or parts.hostname != gateway or not _PATH.fullmatch(path):
        return None
    return Place(port, path)


def describe(gateway: str, place: Place, deadline: Deadline) -> Description:
    """Return what a router says it can do.

    Raises:
        SourceFailed: it does not answer like one; the message tells what is wrong.
        TimeoutError, OSError: it does not answer in time, or not at all.
    """
    page = _ask(gateway, place, deadline, MAX_DESCRIPTION)
    if page.status != 200:
        raise SourceFailed(f"the router's description has status {page.status}")
    return parse_description(page.body, gateway, place)


def parse_description(document: bytes, gateway: str, place: Place) -> Description:
    """Return model and services of a device description (UPnP Device Architecture 1.1, 2.3).

    The version of the software is none of UPnP's: AVM tells it beside the device.

    Raises:
        SourceFailed: it is no such description.
    """
    root = parse_xml(document)
    base = _on_router(root.says("URLBase"), gateway) or place
    device = next((child for child in root.children if child.name == "device"), None)
    if device is None:
        raise SourceFailed("the router's description names no device")
    listed = (_service(element, gateway, base) for element in root.walk() if element.name == "service")
    services = [service for service in listed if service is not None]
    version = next((child for child in root.children if child.name == "systemVersion"), None)
    return Description(
        device.says("modelName"),
        tuple(services[:MAX_SERVICES]),
        device.says("manufacturer"),
        version.says("Display") if version else "",
    )


def _service(element: Element, gateway: str, base: Place) -> Service | None:
    kind = element.says("serviceType")
    match = _SERVICE.fullmatch(kind)
    place = _on_router(element.says("controlURL"), gateway, base) if match else None
    return Service(match[1], kind, place) if match and place else None


def call(gateway: str, service: Service, action: str, deadline: Deadline) -> Mapping[str, str]:
    """Return what a service answers to an action without arguments; empty if it does not have the action.

    Raises:
        Denied: it wants a login first.
        SourceFailed: the answer makes no sense.
        TimeoutError, OSError: there is none.
    """
    headers = {"Content-Type": 'text/xml; charset="utf-8"', "SOAPACTION": f'"{service.kind}#{action}"'}
    body = _ENVELOPE.format(action=action, kind=service.kind).encode("ascii")
    page = _ask(gateway, service.place, deadline, MAX_REPLY, headers, body)
    if page.status in (401, 403):
        raise Denied(f"the router wants a login for {service.name}")
    return parse_answer(page.body, action) if page.status == 200 else {}


def parse_answer(document: bytes, action: str) -> Mapping[str, str]:
    """Return the values in a SOAP answer by name; empty if it holds no answer to this action.

    Raises:
        SourceFailed: it is not XML.
    """
    answers = (one for one in parse_xml(document).walk() if one.name == f"{action}Response")
    answer = next(answers, None)
    return {child.name: child.text.strip() for child in answer.children} if answer else {}


def _ask(
    gateway: str,
    place: Place,
    deadline: Deadline,
    most: int,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Page:
    with socket.create_connection((gateway, place.port), deadline.left(deadline.rest())) as channel:
        host = f"[{gateway}]:{place.port}" if ":" in gateway else f"{gateway}:{place.port}"
        return fetch(channel, place.path, host, deadline, most=most, headers=headers, body=body)
