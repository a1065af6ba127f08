"""Reads validity and issuer of an X.509 certificate, as far as the standard library does not."""

from __future__ import annotations

import datetime
import re

from hotline_probe.errors import SourceFailed

_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_BMP_STRING = 0x1E
# id-at-organizationName and id-at-commonName.
_NAMES = (bytes((0x55, 4, 10)), bytes((0x55, 4, 3)))
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_TIMES = {
    _UTC_TIME: re.compile(rb"\d{12}Z"),
    _GENERALIZED_TIME: re.compile(rb"\d{14}Z"),
}


def parse_not_after(certificate: bytes) -> float:
    """Return when a certificate in DER expires, in seconds since 1970 (RFC 5280, section 4.1).

    Raises:
        SourceFailed: it is no certificate.
    """
    _, validity = _issuer_and_validity(certificate)
    _, _, rest = _element(validity)
    kind, text, _ = _element(rest)
    return _time(kind, text)


def parse_issuer(certificate: bytes) -> str:
    """Return organisation and common name of who issued a certificate in DER, empty if it names neither.

    A name is a sequence of sets of sequences of an identifier and a text (RFC 5280, section 4.1.2.4).

    Raises:
        SourceFailed: it is no certificate.
    """
    rest, _ = _issuer_and_validity(certificate)
    found = {}
    while rest:
        _, group, rest = _element(rest)
        while group:
            _, attribute, group = _element(group)
            _, identifier, text = _element(attribute)
            kind, raw, _ = _element(text)
            if identifier in _NAMES:
                found[identifier] = raw.decode("utf-16-be" if kind == _BMP_STRING else "utf-8", "replace")
    return ", ".join(dict.fromkeys(found[name] for name in _NAMES if name in found))


def _issuer_and_validity(certificate: bytes) -> tuple[bytes, bytes]:
    """Return the contents of both.

    TBSCertificate is a sequence of [0] version, serial number, signature algorithm, issuer and validity,
    which is a sequence of two times.
    """
    tag, body, _ = _element(certificate)
    inner_tag, fields, _ = _element(body)
    if tag != _SEQUENCE or inner_tag != _SEQUENCE:
        raise SourceFailed("this is no certificate")
    first, _, rest = _element(fields)
    if first == _VERSION:
        first, _, rest = _element(rest)
    _, _, rest = _element(rest)
    _, issuer, rest = _element(rest)
    validity_tag, validity, _ = _element(rest)
    if first != _INTEGER or validity_tag != _SEQUENCE:
        raise SourceFailed("this is no certificate")
    return issuer, validity


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Return tag, content and what follows (X.690, section 8.1)."""
    if len(data) < 2:
        raise SourceFailed("the certificate is cut off")
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        count = length & 0x7F
        start += count
        length = int.from_bytes(data[2:start], "big")
        if not 0 < count <= 4:
            raise SourceFailed("this is no certificate")
    end = start + length
    if end > len(data):
        raise SourceFailed("the certificate is cut off")
    return tag, data[start:end], data[end:]


def _time(kind: int, text: bytes) -> float:
    pattern = _TIMES.get(kind)
    if pattern is None or not pattern.fullmatch(text):
        raise SourceFailed("the certificate has no proper date")
    digits = text[:-1].decode("ascii")
    if kind == _UTC_TIME:
        # RFC 5280, section 4.1.2.5.1: two digits up to 49 mean this century.
        digits = ("20" if digits < "50" else "19") + digits
    try:
        moment = datetime.datetime.strptime(digits + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise SourceFailed("the certificate has no proper date") from error
    return moment.timestamp()
