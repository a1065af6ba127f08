"""The collector's own certificates: made once, renewed when they must be, never left damaged in silence."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from hotline_collector.errors import SecurityError
from hotline_collector.security.authority import own_identity, public_identity

NAMES = ("help.example.org", "192.0.2.7", "2001:db8::7")


def leaf_of(chain: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificates(chain)[0]


def test_names_and_addresses_are_in_the_certificate(tmp_path: Path) -> None:
    identity = own_identity(tmp_path / "tls", NAMES)
    names = leaf_of(identity.chain_pem).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["help.example.org"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(name) for name in NAMES[1:]]
    assert identity.ca_pem in identity.chain_pem
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "tls").iterdir())


def test_it_stays_until_names_change_or_its_end_is_near(tmp_path: Path) -> None:
    first = own_identity(tmp_path, NAMES)
    assert own_identity(tmp_path, reversed(NAMES)) == first  # type: ignore[arg-type]
    renamed = own_identity(tmp_path, NAMES[:1])
    assert renamed.chain_pem != first.chain_pem
    late = dt.datetime.now(dt.UTC) + dt.timedelta(days=370)
    renewed = own_identity(tmp_path, NAMES[:1], late)
    assert renewed.chain_pem != renamed.chain_pem
    assert first.fingerprint == renamed.fingerprint == renewed.fingerprint


@pytest.mark.parametrize("name", ["ca.key", "ca.pem", "server.pem"])
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    own_identity(tmp_path, NAMES)
    (tmp_path / name).write_text("damaged")
    with pytest.raises(SecurityError, match="damaged"):
        own_identity(tmp_path, NAMES)


def test_a_lost_authority_key_is_not_replaced_in_silence(tmp_path: Path) -> None:
    own_identity(tmp_path, NAMES)
    (tmp_path / "ca.key").unlink()
    with pytest.raises(SecurityError, match="only one of"):
        own_identity(tmp_path, NAMES)


def test_a_configured_pair_must_belong_together(tmp_path: Path) -> None:
    for name in ("a", "b"):
        identity = own_identity(tmp_path / name, NAMES)
        (tmp_path / f"{name}.pem").write_bytes(identity.chain_pem)
        (tmp_path / f"{name}.key").write_bytes(identity.key_pem)
    assert public_identity(tmp_path / "a.pem", tmp_path / "a.key").fingerprint == ""
    with pytest.raises(SecurityError, match="does not belong"):
        public_identity(tmp_path / "a.pem", tmp_path / "b.key")
    with pytest.raises(SecurityError, match="cannot be read"):
        public_identity(tmp_path / "none.pem", tmp_path / "a.key")
