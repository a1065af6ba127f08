"""The collector's own certificate authority and server certificate, made at the first start.

Both have P-256 keys. The server's certificate is renewed when the names change or 30 days before its
end; the authority stays, because join links and kept logins carry its fingerprint.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hotline_collector.errors import SecurityError
from hotline_collector.security.tokens import write_private

_CA_DAYS = 3650
# Platform limit of Apple and Chromium for server certificates: 825 days (support.apple.com/103769).
_SERVER_DAYS = 397
_RENEW_BEFORE = dt.timedelta(days=30)
# Clocks of callers' machines may be behind; a certificate from "the future" would be refused.
_BACKDATED = dt.timedelta(days=2)
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Identity:
    """What the servers show: key, certificate chain (PEM) and the authority (PEM, SHA-256 in hex).

    With a public certificate `ca_pem` and `fingerprint` are empty.
    """

    key_pem: bytes
    chain_pem: bytes
    ca_pem: bytes
    fingerprint: str


def own_identity(folder: Path, names: Sequence[str], now: dt.datetime | None = None) -> Identity:
    """Return the identity kept in a folder for host names and numeric addresses, made or renewed if need be.

    Raises:
        SecurityError: a file cannot be read or written, or is damaged.
    """
    now = now or dt.datetime.now(dt.UTC)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ca_key, ca = _authority(folder, now)
        key_pem, chain_pem = _server(folder, names, ca_key, ca, now)
    except OSError as error:
        raise SecurityError(f"certificates in {folder} cannot be read or made: {error}") from error
    except (ValueError, TypeError) as error:
        raise SecurityError(
            f"a certificate or key in {folder} is damaged ({error}); restore it, or remove the folder "
            "to have new ones made (agents then log in again)"
        ) from error
    return Identity(key_pem, chain_pem, ca.public_bytes(_PEM), fingerprint_of(ca))


def public_identity(cert_file: Path, key_file: Path) -> Identity:
    """Return the identity of a configured certificate (chain in PEM) that clients trust by themselves.

    Raises:
        SecurityError: a file cannot be read, is damaged, or key and certificate do not belong together.
    """
    try:
        chain, key = cert_file.read_bytes(), key_file.read_bytes()
        leaf = x509.load_pem_x509_certificates(chain)[0]
        if _public(serialization.load_pem_private_key(key, None).public_key()) != _public(leaf.public_key()):
            raise SecurityError(f"the key {key_file} does not belong to the certificate {cert_file}")
    except OSError as error:
        raise SecurityError(f"{error.filename} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise SecurityError(f"{cert_file} or {key_file} is no certificate or key in PEM: {error}") from error
    return Identity(key, chain, b"", "")


def ends_us(identity: Identity) -> int:
    """Return when the server's certificate ends, in µs since the epoch."""
    leaf = x509.load_pem_x509_certificates(identity.chain_pem)[0]
    return round(leaf.not_valid_after_utc.timestamp() * 1e6)


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate (DER) in hex."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _authority(folder: Path, now: dt.datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, cert_file = folder / "ca.key", folder / "ca.pem"
    if cert_file.exists() and key_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(cert_file.read_bytes())
        if not isinstance(key, ec.EllipticCurvePrivateKey) or _public(key.public_key()) != _public(
            certificate.public_key()
        ):
            raise ValueError("ca.key does not belong to ca.pem")
        return key, certificate
    if cert_file.exists() or key_file.exists():
        raise ValueError("only one of ca.key and ca.pem is there")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hotline collector CA")])
    certificate = (
        _draft(name, name, key, now, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _private(key))
    write_private(cert_file, certificate.public_bytes(_PEM))
    return key, certificate


def _server(
    folder: Path,
    names: Sequence[str],
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    now: dt.datetime,
) -> tuple[bytes, bytes]:
    # Key and chain in one file: a crash between two writes must not leave a pair that does not match.
    file = folder / "server.pem"
    wanted = [_san(name) for name in dict.fromkeys(names)]
    if file.exists():
        kept = file.read_bytes()
        leaf = x509.load_pem_x509_certificates(kept)[0]
        if _still_good(leaf, wanted, ca, now):
            key = serialization.load_pem_private_key(kept, None)
            return _private(key), _chain(leaf, ca)  # type: ignore[arg-type]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hotline collector")])
    leaf = (
        _draft(subject, ca.subject, key, now, _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    write_private(file, _private(key) + _chain(leaf, ca))
    return _private(key), _chain(leaf, ca)


def _still_good(
    leaf: x509.Certificate, wanted: list[x509.GeneralName], ca: x509.Certificate, now: dt.datetime
) -> bool:
    if leaf.not_valid_after_utc - now < _RENEW_BEFORE:
        return False
    try:
        leaf.verify_directly_issued_by(ca)
        have = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:
        return False
    return set(have) == set(wanted)


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _san(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode("ascii") if not name.isascii() else name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _chain(leaf: x509.Certificate, ca: x509.Certificate) -> bytes:
    # The authority goes along: the probe compares its fingerprint with the join link.
    return leaf.public_bytes(_PEM) + ca.public_bytes(_PEM)


def _public(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
