"""A router that answers UPnP-IGD in a namespace of its own, and the parsers of what routers say."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.checks.fetch import parse_page
from hotline_probe.errors import SourceFailed
from hotline_probe.sources import fritzbox
from hotline_probe.sources.homerouter import HomeRouter, address_class, parse_error, parse_number
from hotline_probe.sources.igd import Description, Place, parse_answer, parse_description, parse_reply
from hotline_probe.sources.plainxml import MAX_DEPTH, MAX_ELEMENTS, Element, parse_xml
from hypothesis import given
from hypothesis import strategies as st

from tests.played.fritzbox import description

GATEWAY = "192.0.2.1"
LOCATION = Place(49000, "/igddesc.xml")
# In the shape of a DSL router's description: two ways to connect, of which only the second is used.
DESCRIPTION = b"""<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<friendlyName>Family Example's box</friendlyName><modelName>Example 7590</modelName>
<serviceList><service><serviceType>urn:schemas-any-com:service:Any:1</serviceType>
<controlURL>/igdupnp/control/any</controlURL></service></serviceList>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>
<controlURL>/igdupnp/control/WANCommonIFC1</controlURL></service></serviceList>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList>
<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<controlURL>/igdupnp/control/WANIPConn1</controlURL></service>
<service><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType>
<controlURL>http://192.0.2.1:49000/igdupnp/control/WANPPPConn1</controlURL></service>
<service><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType>
<controlURL>http://203.0.113.66/steal</controlURL></service>
</serviceList></device></deviceList></device></deviceList></device></root>"""

# Plays a router: answers the search, describes itself, and says of its line what the scenario tells.
ROUTER = """
import http.server, json, re, socket, sys, threading
scenario = json.loads(sys.argv[1])
answers = scenario["answers"]

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.give(*((200, sys.stdin_description) if self.path in PLACES else (404, b"")))
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        action = re.fullmatch(r'"(urn:[^#]+):1#(\\w+)"', self.headers["SOAPACTION"])
        told = answers.get(self.path.rpartition("/")[2] + "#" + action[2])
        if isinstance(told, int):
            return self.give(told, b"")
        if told is None:
            return self.give(500, b"<s:Envelope xmlns:s='x'><s:Body><s:Fault/></s:Body></s:Envelope>")
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
        text = f'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        text += f'<u:{action[2]}Response xmlns:u="{action[1]}:1">{inside}</u:{action[2]}Response></s:Body>'
        self.give(200, (text + "</s:Envelope>").encode())
    def give(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

PLACES = {location.removeprefix("http://192.0.2.1:49000") for location in scenario["locations"]}
sys.stdin_description = open(sys.argv[2], "rb").read()
server = http.server.ThreadingHTTPServer(("192.0.2.1", 49000), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
search = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
search.bind(("0.0.0.0", 1900))
print("ready", flush=True)
kind = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
while True:
    asked, sender = search.recvfrom(2048)
    if b'MAN: "ssdp:discover"' in asked and f"ST: {kind}".encode() in asked:
        for location in scenario["locations"]:
            reply = f"HTTP/1.1 200 OK\\r\\nLOCATION: {location}\\r\\nST: {kind}\\r\\n\\r\\n"
            search.sendto(reply.encode(), sender)
"""
CONNECTED = {"NewConnectionStatus": "Connected", "NewLastConnectionError": "ERROR_NONE", "NewUptime": "86400"}
LINK = {
    "NewWANAccessType": "DSL",
    "NewLayer1UpstreamMaxBitRate": "40000000",
    "NewLayer1DownstreamMaxBitRate": "100000000",
    "NewPhysicalLinkStatus": "Up",
}
HEALTHY: dict[str, object] = {
    "WANCommonIFC1#GetCommonLinkProperties": LINK,
    "WANIPConn1#GetStatusInfo": {"NewConnectionStatus": "Unconfigured", "NewUptime": "0"},
    "WANPPPConn1#GetStatusInfo": CONNECTED,
    "WANPPPConn1#GetExternalIPAddress": {"NewExternalIPAddress": "198.51.100.0"},
}
Play = Callable[..., dict[str, object]]


@pytest.fixture
def play(wire: Any, tmp_path: Path) -> Play:
    """Start a router that says these things, and return what the probe makes of it."""

    def run(
        answers: dict[str, object],
        locations: tuple[str, ...] = ("http://192.0.2.1:49000/igddesc.xml",),
        description: bytes = DESCRIPTION,
    ) -> dict[str, object]:
        (tmp_path / "description.xml").write_bytes(description)
        scenario = json.dumps({"answers": answers, "locations": locations})
        wire.serve(ROUTER, scenario, str(tmp_path / "description.xml"))
        told: dict[str, object] = wire.look(HomeRouter)
        return told

    return run


def test_a_router_that_is_online(play: Play) -> None:
    told = play({**HEALTHY, "WANPPPConn1#GetExternalIPAddress": {"NewExternalIPAddress": "93.184.215.14"}})
    assert told == {
        "router.tells": True,
        "router.model": "Example 7590",
        "router.wan.access": "dsl",
        "router.wan.link": "up",
        "router.wan.rate_down": 100e6,
        "router.wan.rate_up": 40e6,
        "router.wan.status": "connected",
        "router.wan.error": "none",
        "router.wan.uptime": 86400.0,
        "router.wan.reconnects": 0,
        "router.wan.address": "public",
        "router.software": "unsupported",
        "router.wan.ipv6": "unsupported",
        "router.wan.use_down": "unsupported",
        "router.wan.use_up": "unsupported",
    }


def test_a_line_without_signal(play: Play) -> None:
    away = {
        "NewConnectionStatus": "Disconnected",
        "NewLastConnectionError": "ERROR_NO_CARRIER",
        "NewUptime": "0",
    }
    told = play(
        {
            **HEALTHY,
            "WANCommonIFC1#GetCommonLinkProperties": {**LINK, "NewPhysicalLinkStatus": "Down"},
            "WANPPPConn1#GetStatusInfo": away,
            "WANPPPConn1#GetExternalIPAddress": {"NewExternalIPAddress": ""},
        }
    )
    assert (told["router.wan.link"], told["router.wan.status"]) == ("down", "disconnected")
    assert (told["router.wan.error"], told["router.wan.address"]) == ("no_carrier", "none")
    assert told["router.wan.uptime"] == "unsupported"


def test_services_behind_a_password_and_missing_ones(play: Play) -> None:
    told = play({"WANIPConn1#GetStatusInfo": 401, "WANPPPConn1#GetStatusInfo": 401})
    assert told["router.tells"] is True and told["router.wan.status"] == "permission"
    assert told["router.wan.link"] == "unsupported"


def test_nobody_is_lured_to_another_machine(play: Play) -> None:
    told = play(HEALTHY, locations=("http://127.0.0.1:49000/x", "http://192.0.2.2/x", "https://192.0.2.1/"))
    assert told["router.tells"] is False and told["router.wan.status"] == "unsupported"


def test_a_description_that_is_a_bomb(play: Play) -> None:
    layers = b"".join(b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10) for i in range(1, 12))
    bomb = b'<!DOCTYPE root [<!ENTITY e0 "x">' + layers + b"]><root><device>&e11;</device></root>"
    told = play(HEALTHY, description=bomb)
    assert "document type" in str(told["error"])


BOX = """
import runpy, sys
sys.argv = ["fritzbox", "192.0.2.1", sys.argv[1]]
runpy.run_module("tests.played.fritzbox", run_name="__main__")
"""
LINE_OF_A_BOX = {
    "router.wan.access": "dsl",
    "router.wan.link": "up",
    "router.wan.rate_down": 100e6,
    "router.wan.rate_up": 40e6,
    "router.wan.status": "connected",
    "router.wan.error": "none",
    "router.wan.uptime": 86400.0,
    "router.wan.reconnects": 0,
    "router.wan.address": "public",
    "router.wan.ipv6": True,
    "router.wan.use_down": 90e6,
    "router.wan.use_up": 1e6,
}


def test_a_fritzbox_tells_all_that_it_tells_without_a_password(wire: Any) -> None:
    wire.serve(BOX, "igd")
    about = {"router.tells": True, "router.model": "FRITZ!Box 7590", "router.software": "7.57"}
    assert wire.look(HomeRouter, times=2) == {**about, **LINE_OF_A_BOX}


def test_a_fritzbox_that_tells_nothing_of_its_line_without_a_password(wire: Any) -> None:
    wire.serve(BOX, "tr064")
    told = wire.look(HomeRouter)
    assert told.pop("router.tells") is True and told.pop("router.model") == "FRITZ!Box 7590"
    assert told.pop("router.software") == "7.57"
    assert told == dict.fromkeys(LINE_OF_A_BOX, "permission")


def test_who_made_a_router() -> None:
    own = parse_description(description("dslforum-org", igd=False).encode(), GATEWAY, fritzbox.TR064)
    assert fritzbox.is_made_by_avm(own) and own.software == "154.07.57"
    for maker, model, is_one in (
        ("FRITZ! GmbH", "5590 Fiber", True),
        ("1&1", "FRITZ!Box 7412", True),
        ("AVMax", "Router", False),
        ("Example", "not a FRITZ!Box", False),
        ("", "", False),
    ):
        assert fritzbox.is_made_by_avm(Description(model, (), maker)) is is_one


@pytest.mark.parametrize(
    ("reply", "is_one"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n" + description("dslforum-org", igd=False).encode(), True),
        (b"HTTP/1.1 200 OK\r\n\r\n" + description("dslforum-org", igd=False).encode()[:-20], False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"<a>" * 100_000, False),
        (b"HTTP/1.1 200 OK\r\n\r\n<!DOCTYPE a [<!ENTITY b 'AVM'>]><a><device>&b;</device></a>", False),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
        (b"SSH-2.0-dropbear\r\n", False),
        (b"", False),
    ],
)
def test_a_box_is_known_by_its_own_words_only(reply: bytes, is_one: bool) -> None:
    with socket.create_server(("127.0.0.7", fritzbox.TR064.port)) as server:

        def answer() -> None:
            channel, _ = server.accept()
            with channel:
                channel.recv(4096)
                # Whoever has read enough hangs up.
                with contextlib.suppress(OSError):
                    channel.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        assert fritzbox.is_fritzbox("127.0.0.7") is is_one
        thread.join()


def test_a_host_without_a_description_is_no_box() -> None:
    for nobody in ("127.0.0.8", "host.invalid", "x" * 300):
        assert not fritzbox.is_fritzbox(nobody)


@given(st.text(max_size=40))
def test_what_a_box_says_is_never_a_crash(text: str) -> None:
    told = {"NewByteSendRate": text, "NewIPv6Prefix": text}
    use = fritzbox.parse_use(told, "NewByteSendRate")
    assert use is None or 0 <= use <= 100e9
    assert fritzbox.parse_prefix(told) in (True, False)
    assert fritzbox.parse_version(text).isascii()


def test_services_on_other_machines_are_passed_over() -> None:
    described = parse_description(DESCRIPTION, GATEWAY, LOCATION)
    places = [service.place.path.rpartition("/")[2] for service in described.services]
    assert described.model == "Example 7590" and places == ["WANCommonIFC1", "WANIPConn1", "WANPPPConn1"]


def test_control_addresses_follow_the_base_if_it_is_on_the_router() -> None:
    based = DESCRIPTION.replace(b"<device>", b"<URLBase>http://192.0.2.1:5000</URLBase><device>", 1)
    assert {s.place.port for s in parse_description(based, GATEWAY, LOCATION).services} == {5000, 49000}
    away = DESCRIPTION.replace(b"<device>", b"<URLBase>http://203.0.113.1:5000</URLBase><device>", 1)
    assert {s.place.port for s in parse_description(away, GATEWAY, LOCATION).services} == {49000}


def test_reconnections_are_counted() -> None:
    source = HomeRouter()
    assert [source._count(uptime) for uptime in (500, 530, None, 10, 40, 2)] == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("text", ["", "ERROR_SOMETHING_NEW", "ERROR_ISP_DISCONNECT"])
def test_errors_of_the_connection(text: str) -> None:
    assert parse_error(text) == {"": "none", "ERROR_ISP_DISCONNECT": "provider"}.get(text, "other")


def test_xml_is_bounded() -> None:
    for bad in (
        b"<a>" * (MAX_DEPTH + 1),
        b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>",
        b"",
        b"<a>",
        b"\xff\xfe<",
    ):
        with pytest.raises(SourceFailed):
            parse_xml(bad)


names = st.sampled_from(["a", "b", "s:c", "service"])
trees: st.SearchStrategy[ET.Element] = st.deferred(
    lambda: st.builds(_element, names, st.text("x<&> \n", max_size=5), st.lists(trees, max_size=3))
)


def _element(name: str, text: str, children: list[ET.Element]) -> ET.Element:
    element = ET.Element(name, {"xmlns:s": "urn:x"} if ":" in name else {})
    element.text = text
    element.extend(children)
    return element


def _shape(element: ET.Element) -> Element:
    return Element(element.tag.rpartition(":")[2], element.text or "", [_shape(child) for child in element])


@given(trees)
def test_xml_reads_like_the_standard_library_writes(tree: ET.Element) -> None:
    assert parse_xml(ET.tostring(tree)) == _shape(tree)


@given(
    st.binary(max_size=300)
    | st.text(max_size=80).map(lambda t: f"<root><device>{t}".encode("utf-8", "replace"))
)
def test_no_document_of_a_stranger_is_a_crash(document: bytes) -> None:
    for parse in (
        lambda: parse_description(document, GATEWAY, LOCATION),
        lambda: parse_answer(document, "GetStatusInfo"),
    ):
        try:
            parse()
        except SourceFailed as error:
            assert str(error)
    head = b"HTTP/1.1 200 OK\r\nLOCATION: http://" + document
    place = parse_reply(head, GATEWAY)
    assert place is None or (0 < place.port < 65536 and place.path.isascii())


@given(st.binary(max_size=200), st.booleans())
def test_a_page_is_the_same_however_it_arrives(body: bytes, chunked: bool) -> None:
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\n"
    if chunked:
        parts = [body[i : i + 7] for i in range(0, len(body), 7)]
        sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        whole = head + b"Transfer-Encoding: chunked\r\n\r\n" + sent
    else:
        whole = head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    seen = [parse_page(whole[:length], False, 1000) for length in range(len(whole) + 1)]
    complete = [page for page in seen if page is not None]
    assert complete and {page.body for page in complete} == {body}
    page = parse_page(whole, False, 3)
    assert page is not None and page.body == body[:3] and page.headers["x-a"] == "b"


@given(st.binary(max_size=200), st.booleans())
def test_no_page_is_a_crash(received: bytes, closed: bool) -> None:
    for raw in (received, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + received):
        try:
            page = parse_page(raw, closed, 50)
        except SourceFailed:
            continue
        assert page is None or len(page.body) <= 50


@given(st.text(max_size=40))
def test_foreign_words_are_no_crash(text: str) -> None:
    assert address_class(text) in ("public", "shared", "private", "none")
    number = parse_number(text, 100)
    assert number is None or 0 <= number < 100
