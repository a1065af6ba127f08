"""Certificates of every kind that a check can meet."""

from __future__ import annotations

import datetime
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.lab.namespaces import run

_DAY = datetime.timedelta(days=1)
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Kind:
    """What is right or wrong with a certificate; days are counted from today."""

    begins: int = -30
    ends: int = 300
    other_name: bool = False
    stranger: bool = False
    old_protocol: bool = False
    issuer: str = ""


GOOD = Kind()
EXPIRED = Kind(begins=-400, ends=-3)
NOT_YET = Kind(begins=40, ends=400)
EXPIRING = Kind(ends=5)
OTHER_NAME = Kind(other_name=True)
STRANGER = Kind(stranger=True)
OLD_PROTOCOL = Kind(old_protocol=True)
# As virus scanners and firewalls make them.
FILTER = Kind(issuer="Fortinet")


class Authority:
    """An authority that the customer's machine trusts, and one that nobody does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._issuers = {False: _issuer("Lab Authority"), True: _issuer("Unknown Authority")}
        self.pem = self._issuers[False][0].public_bytes(_PEM).decode()
        place = folder / "authority.pem"
        place.write_text(self.pem)
        self.hash = run(["openssl", "x509", "-noout", "-subject_hash", "-in", str(place)]).strip()
        self.context = cache(self._context)

    def _issuer_of(self, kind: Kind) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        return _issuer(kind.issuer) if kind.issuer else self._issuers[kind.stranger]

    def _context(self, name: str, kind: Kind) -> ssl.SSLContext:
        """Return a server's context for a name."""
        certificate, key = _leaf(
            "other.example.net" if kind.other_name else name, kind, *self._issuer_of(kind)
        )
        place = self._folder / f"{name}-{len(list(self._folder.iterdir()))}.pem"
        plain = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        place.write_bytes(certificate.public_bytes(_PEM) + plain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if kind.old_protocol:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
        context.load_cert_chain(place)
        return context


def _issuer(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    builder = _builder(subject, subject, key, -400, 4000).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return builder.sign(key, hashes.SHA256()), key


def _leaf(
    name: str, kind: Kind, issuer: x509.Certificate, issuer_key: ec.EllipticCurvePrivateKey
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name), issuer.subject, key, kind.begins, kind.ends).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
    )
    return builder.sign(issuer_key, hashes.SHA256()), key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: int, ends: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins * _DAY)
        .not_valid_after(now + ends * _DAY)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
