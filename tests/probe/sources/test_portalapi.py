"""The Captive Portal API (RFC 8908) of a real network: a lease that announces it, a server that speaks it."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hotline_probe.checks.fetch import Page
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.adapters import AdapterKinds
from hotline_probe.sources.portalapi import announced, parse_answer
from hypothesis import given
from hypothesis import strategies as st

SERVER = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
answer = sys.argv[2].encode()
with socket.create_server(("192.0.2.1", 443)) as server:
    print("ready", flush=True)
    while True:
        channel, _ = server.accept()
        try:
            with context.wrap_socket(channel, server_side=True) as secured:
                asked = secured.recv(4096)
                wanted = asked.startswith(b"GET /api HTTP/1.1") and b"application/captive+json" in asked
                status = b"200 OK" if wanted else b"400 Bad Request"
                secured.sendall(b"HTTP/1.1 " + status + b"\\r\\n\\r\\n" + answer)
        except OSError:
            pass
"""
LOOK = """
import json, sys
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources.portal import Portal
facts = Portal().read(Context(LocalMachine(sys.argv[1]), Settings()))
print(json.dumps({fact.name: getattr(fact.value, "word", fact.value) for fact in facts}))
"""
LEASE = "ADDRESS=192.0.2.2\nNETMASK=255.255.255.0\nCAPTIVE_PORTAL={}\n"
NAMES = st.sampled_from("captive user-portal-url seconds-remaining".split())
VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.just("https://[x")


@given(st.dictionaries(NAMES, VALUES))
def test_odd_answers_are_no_crash(told: dict[str, object]) -> None:
    page = Page(200, json.dumps(told).encode())
    if isinstance(told.get("captive"), bool):
        standing = parse_answer(page)
        assert standing.captive is told["captive"]
        assert standing.remaining is None or 0 <= standing.remaining < 4e7
    else:
        with pytest.raises(SourceFailed):
            parse_answer(page)


@given(st.binary(max_size=60), st.integers(200, 599))
def test_anything_else_is_no_answer(body: bytes, status: int) -> None:
    with pytest.raises(SourceFailed):
        parse_answer(Page(status, body))


@pytest.fixture
def hotel(captured: Any) -> Any:
    """A captured computer with a cable, before its lease."""
    captured.put({"/sys/devices/pci/net/eth0/type": "1\n", "/sys/devices/pci/net/eth0/device": ""})
    captured.put({"/sys/devices/pci/net/eth0/ifindex": "2\n"})
    captured.put_link("/sys/class/net/eth0", "../../devices/pci/net/eth0")
    return captured


@pytest.mark.parametrize(
    ("url", "found"),
    [("https://192.0.2.1/api", ["https://192.0.2.1/api"]), ("http://192.0.2.1/api", []), ("", [])],
)
def test_only_what_is_encrypted_counts(hotel: Any, url: str, found: list[str]) -> None:
    hotel.put({"/run/systemd/netif/leases/2": LEASE.format(url)})
    assert list(announced(hotel, AdapterKinds())) == found


def certificate(folder: Path) -> Path:
    """Write key and certificate of 192.0.2.1, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hotel")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("192.0.2.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def look(wire: Any, root: Path, trusted: Path) -> dict[str, object]:
    """Return what the source tells on the computer whose files lie in a folder."""
    argv = ["ip", "netns", "exec", wire.computer, sys.executable, "-c", LOOK, str(root)]
    variables = {**os.environ, "SSL_CERT_FILE": str(trusted)}
    done = subprocess.run(argv, check=True, capture_output=True, timeout=60, env=variables)
    told: dict[str, object] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (
            '{"captive":true,"user-portal-url":"https://login.hotel.example/in"}',
            ("portal", "login.hotel.example", True, "unsupported"),
        ),
        ('{"captive":false,"seconds-remaining":240}', ("none", "", False, 240.0)),
        ("<html>", ("unreachable", "unreachable", "unreachable", "unreachable")),
    ],
)
def test_a_network_that_speaks(
    wire: Any, hotel: Any, tmp_path: Path, answer: str, facts: tuple[object, ...]
) -> None:
    hotel.put({"/run/systemd/netif/leases/2": LEASE.format("https://192.0.2.1/api")})
    trusted = certificate(tmp_path)
    wire.serve(SERVER, str(trusted), answer)
    told = look(wire, hotel.root, trusted)
    names = ("status", "host", "captive", "remaining")
    assert tuple(told[f"net.portal.{name}"] for name in names) == facts


def test_a_stranger_with_a_certificate_of_its_own(wire: Any, hotel: Any, tmp_path: Path) -> None:
    hotel.put({"/run/systemd/netif/leases/2": LEASE.format("https://192.0.2.1/api")})
    wire.serve(SERVER, str(certificate(tmp_path)), '{"captive":true}')
    (tmp_path / "other").mkdir()
    told = look(wire, hotel.root, certificate(tmp_path / "other"))
    assert set(told.values()) == {"unreachable"}


def test_this_computer_is_not_asked(wire: Any, hotel: Any, tmp_path: Path) -> None:
    hotel.put({"/run/systemd/netif/leases/2": LEASE.format("https://127.0.0.1/api")})
    told = look(wire, hotel.root, certificate(tmp_path))
    assert set(told.values()) == {"unreachable"}


def test_a_network_without_one(wire: Any, hotel: Any, tmp_path: Path) -> None:
    hotel.put({"/run/systemd/netif/leases/2": LEASE.format("")})
    assert set(look(wire, hotel.root, certificate(tmp_path)).values()) == {"unsupported"}
