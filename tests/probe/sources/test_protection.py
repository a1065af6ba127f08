"""Firewall, SSH server, authorities and programs: real ones where root may make them, else captured ones."""

from __future__ import annotations

import datetime
import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hotline_probe.errors import SourceFailed
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context
from hotline_probe.sources.authorities import parse_issuers
from hotline_probe.sources.fileages import ages, parse_stat
from hotline_probe.sources.firewall import parse_ruleset, parse_ufw
from hotline_probe.sources.listening import listening, parse_listening
from hotline_probe.sources.protection import Protection, parse_periodic
from hotline_probe.sources.sshserver import parse_lines
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

# Four lines of /proc/net/tcp: port 22 and 6379 everywhere, 631 on this computer only, and a connection.
TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 19
   1: 00000000:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20
   2: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21
   3: 0701A8C0:0050 0101A8C0:8AE2 01 00000000:00000000 00:00000000 00000000     0        0 22
"""
WORDS = st.sampled_from("nftables chain rule hook input policy drop accept expr reject name".split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=14,
)
UFW = "# /etc/ufw/ufw.conf\nENABLED=yes\nLOGLEVEL=low\n"


@given(st.text(max_size=300))
def test_parsers_survive_anything(text: str) -> None:
    assert parse_ufw(text) in (True, False, None) and parse_periodic(text) in (True, False, None)
    assert isinstance(parse_listening(text), set) and isinstance(list(parse_lines(text)), list)
    assert isinstance(parse_issuers(f"-----BEGIN CERTIFICATE-----{text}-----END CERTIFICATE-----"), list)
    for parse in (parse_ruleset, parse_stat):
        with pytest.raises(SourceFailed):
            parse(text)


@given(JSON)
def test_odd_rules_are_no_crash(value: object) -> None:
    try:
        assert parse_ruleset(json.dumps({"nftables": value})) in (True, False)
    except SourceFailed:
        assert not isinstance(value, list)


@pytest.fixture
def server(captured: Any) -> Any:
    """A captured server: sshd as Debian delivers it, and no firewall."""
    captured.put(
        {
            "/proc/1/comm": "systemd\n",
            "/proc/7/comm": "sshd\n",
            "/proc/net/tcp": TCP,
            "/proc/net/tcp6": "",
            "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\n"
            "Match User backup\n PermitRootLogin yes\n",
            "/etc/apt/apt.conf.d/70debconf": "// nothing about it\n",
        }
    )
    captured.prints("stat -c", "1700000000 /proc/self/stat\n")
    captured.prints("nft -j list ruleset", '{"nftables":[{"metainfo":{"json_schema_version":1}}]}')
    return captured


def test_an_ordinary_server(server: Any, read: Any) -> None:
    assert read(Protection()) == {
        "security.firewall.manager": "none",
        "security.firewall.expected": False,
        "security.firewall.enabled": False,
        "security.antivirus.database_age": UnknownReason.UNSUPPORTED,
        "security.authority.added": 0,
        "security.authority.intercepting": 0,
        "security.authority.debugging": 0,
        "security.remote.running": 0,
        "security.remote.programs": "",
        "security.updates.automatic": UnknownReason.UNSUPPORTED,
        "security.listening.count": 2,
        "security.listening.unprotected": 1,
        "security.ssh.everywhere": True,
        "security.ssh.password": True,
        "security.ssh.root_password": False,
    }


@pytest.mark.parametrize(
    ("settings", "password", "root"),
    [
        ("PermitRootLogin yes\n", True, True),
        ("permitrootlogin yes\nPasswordAuthentication no\n", False, False),
        ("PasswordAuthentication no\nPasswordAuthentication yes\n", False, False),
        ("PermitRootLogin yes\nAllowUsers anna\n", True, False),
        ("PermitRootLogin yes\nAuthenticationMethods publickey\n", False, False),
        ('PermitRootLogin "yes"\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\n', True, True),
    ],
)
def test_whom_ssh_lets_in(server: Any, read: Any, settings: str, password: bool, root: bool) -> None:
    # What is included first counts first, as sshd_config(5) has it.
    server.put({"/etc/ssh/sshd_config.d/10-own.conf": settings})
    facts = read(Protection())
    assert (facts["security.ssh.password"], facts["security.ssh.root_password"]) == (password, root)


def test_ssh_on_another_port_and_none_at_all(server: Any, read: Any) -> None:
    server.put({"/etc/ssh/sshd_config": "Port 2222\n"})
    assert read(Protection())["security.ssh.everywhere"] is False
    server.path("/etc/ssh/sshd_config").unlink()
    assert read(Protection())["security.ssh.everywhere"] is UnknownReason.UNSUPPORTED


def test_firewalls_that_are_set_up(server: Any, read: Any) -> None:
    server.put({"/etc/ufw/ufw.conf": UFW})
    facts = read(Protection())
    assert facts["security.firewall.manager"] == "ufw" and facts["security.firewall.expected"] is True
    assert facts["security.firewall.enabled"] is False
    server.prints("nft -j list ruleset", "", "Operation not permitted (you must be root)", 1)
    assert read(Protection())["security.firewall.enabled"] is UnknownReason.PERMISSION
    server.put({"/etc/systemd/system/multi-user.target.wants/firewalld.service": ""})
    facts = read(Protection())
    assert facts["security.firewall.manager"] == "firewalld" and facts["security.firewall.enabled"] is False
    server.put({"/proc/8/comm": "firewalld\n"})
    assert read(Protection())["security.firewall.enabled"] is True
    server.put({"/etc/ufw/ufw.conf": UFW.replace("yes", "no")})
    server.programs.clear()
    assert read(Protection())["security.firewall.enabled"] is True


def test_rules_of_the_older_kind_may_be_there(server: Any, read: Any) -> None:
    server.put({"/proc/net/ip_tables_names": "filter\n"})
    assert read(Protection())["security.firewall.enabled"] is UnknownReason.UNSUPPORTED


def test_what_updates_and_virus_scanner_say(server: Any, read: Any) -> None:
    server.put(
        {
            "/etc/apt/apt.conf.d/10periodic": 'APT::Periodic::Unattended-Upgrade "1";\n',
            "/etc/apt/apt.conf.d/20auto-upgrades": 'APT::Periodic::Unattended-Upgrade "0";\n',
        }
    )
    databases = "1699000000 /var/lib/clamav/daily.cvd\n1699999000 /var/lib/clamav/daily.cld\n"
    server.prints("stat -c", f"{databases}1700000000 /proc/self/stat\n")
    facts = read(Protection())
    assert facts["security.updates.automatic"] is False
    assert facts["security.antivirus.database_age"] == 1000.0


def authority(name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_authorities_that_were_added(server: Any, read: Any) -> None:
    server.put(
        {
            "/usr/local/share/ca-certificates/own.crt": authority("Example Ltd Root"),
            "/usr/local/share/ca-certificates/notes.txt": authority("Fiddler"),
            "/etc/pki/ca-trust/source/anchors/two.pem": authority("mitmproxy") + authority("Zscaler Root CA"),
        }
    )
    facts = read(Protection())
    numbers = [facts[f"security.authority.{word}"] for word in ("added", "intercepting", "debugging")]
    assert numbers == [3, 2, 1]


def test_a_real_program_that_lets_others_in(tmp_path: Path) -> None:
    cat = shutil.which("cat")
    assert cat is not None
    program = Path(shutil.copy(cat, tmp_path / "rustdesk"))
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("there\n")
        process.stdin.flush()
        assert process.stdout.readline() == "there\n"  # it runs, and under its own name
        told = {fact.name: fact.value for fact in Protection().read(Context(LocalMachine()))}
        process.stdin.close()
    assert "rustdesk" in str(told["security.remote.programs"])


def test_real_ports() -> None:
    machine = LocalMachine()
    with socket.create_server(("0.0.0.0", 0)) as everywhere, socket.create_server(("127.0.0.1", 0)) as here:
        ports = listening(machine)
        assert everywhere.getsockname()[1] in ports
        assert here.getsockname()[1] not in ports


def test_real_ages(tmp_path: Path) -> None:
    young, missing = tmp_path / "young", tmp_path / "missing"
    young.write_text("")
    told = ages(LocalMachine(), (str(young), str(missing)))
    assert set(told) == {str(young)} and told[str(young)] < 60


def test_a_real_firewall(wire: Any) -> None:
    if shutil.which("nft") is None:
        pytest.skip("needs nft(8)")
    assert wire.look(Protection)["security.firewall.enabled"] is False
    wire.run(wire.computer, "nft add table inet t")
    wire.run(wire.computer, "nft add chain inet t c { type filter hook input priority 0 ; policy accept ; }")
    assert wire.look(Protection)["security.firewall.enabled"] is False
    wire.run(wire.computer, "nft add rule inet t c tcp dport 23 reject")
    assert wire.look(Protection)["security.firewall.enabled"] is True
    wire.run(wire.computer, "nft flush chain inet t c")
    wire.run(wire.computer, "nft chain inet t c { policy drop ; }")
    assert wire.look(Protection)["security.firewall.enabled"] is True
