"""The parts of a check by themselves."""

from __future__ import annotations

import contextlib
import datetime
import errno

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hotline_probe.checks import CheckTarget, parse_check
from hotline_probe.checks.der import parse_issuer, parse_not_after
from hotline_probe.checks.http import parse_status, request
from hotline_probe.checks.tcp import error_word
from hotline_probe.checks.tls import Certificate
from hotline_probe.errors import SourceFailed, UsageError
from hypothesis import given
from hypothesis import strategies as st

KEY = ec.generate_private_key(ec.SECP256R1())
BEGIN = datetime.datetime(1960, 1, 1)


def certificate(end: datetime.datetime, issuer: dict[x509.ObjectIdentifier, str] | None = None) -> bytes:
    parts = issuer or {NameOID.COMMON_NAME: "x"}
    name = x509.Name([x509.NameAttribute(kind, text) for kind, text in parts.items()])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 7, BEGIN, end)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@given(st.datetimes(datetime.datetime(1961, 1, 1), datetime.datetime(9999, 12, 31)))
def test_the_end_of_every_certificate_is_found(end: datetime.datetime) -> None:
    end = end.replace(microsecond=0)
    assert parse_not_after(certificate(end)) == end.replace(tzinfo=datetime.UTC).timestamp()


names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20)


@given(names, names, st.booleans())
def test_the_issuer_of_every_certificate_is_found(name: str, organisation: str, whole: bool) -> None:
    parts = {NameOID.COUNTRY_NAME: "DE", NameOID.COMMON_NAME: name}
    if whole:
        parts[NameOID.ORGANIZATION_NAME] = organisation
    wanted = ", ".join(dict.fromkeys([organisation, name])) if whole else name
    assert parse_issuer(certificate(datetime.datetime(2030, 1, 1), parts)) == wanted


@pytest.mark.parametrize(
    ("issuer", "intercepts"),
    [("ESET, spol. s r. o., ESET SSL Filter CA", True), ("Let's Encrypt, R11", False), (None, None)],
)
def test_who_looks_into_connections(issuer: str | None, intercepts: bool | None) -> None:
    assert Certificate(1.0, issuer).intercepts is intercepts


GOOD = certificate(datetime.datetime(2030, 1, 1))


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=8))
def test_broken_certificates_are_refused_or_read(place: int, junk: bytes) -> None:
    with contextlib.suppress(SourceFailed):
        parse_not_after(GOOD[:place] + junk + GOOD[place + len(junk) :])
    with contextlib.suppress(SourceFailed):
        assert isinstance(parse_issuer(GOOD[:place] + junk + GOOD[place + len(junk) :]), str)
    with pytest.raises(SourceFailed):
        parse_not_after(GOOD[:place])


@given(st.binary(max_size=200))
def test_anything_may_come_instead_of_http(junk: bytes) -> None:
    for received in (junk, b"HTTP/1.1 " + junk, b"HTTP/1.1 100 \r\n\r\n" + junk):
        with contextlib.suppress(SourceFailed):
            status = parse_status(received)
            assert status is None or 200 <= status <= 599


@pytest.mark.parametrize(
    ("text", "kind", "host", "port", "path"),
    [
        ("mail.example.org:993", "imaps", "mail.example.org", 993, "/"),
        ("[::1]:25", "smtp", "::1", 25, "/"),
        ("mail.example.org:143", "imap", "mail.example.org", 143, "/"),
        ("imap://mail.example.org:993", "imap", "mail.example.org", 993, "/"),
        ("pop3s://mail.example.org/", "pop3s", "mail.example.org", 995, "/"),
        ("POP://mail.example.org", "pop3", "mail.example.org", 110, "/"),
        ("submission://mail.example.org", "smtp", "mail.example.org", 587, "/"),
        ("submissions://[::1]", "smtps", "::1", 465, "/"),
        ("mail.example.org:22", "tcp", "mail.example.org", 22, "/"),
        ("broker.example.org:8883", "tls", "broker.example.org", 8883, "/"),
        ("http://intranet", "http", "intranet", 80, "/"),
        (
            "https://ex.example:8443/ä b?q=ü#f".replace(" ", ""),
            "https",
            "ex.example",
            8443,
            "/%C3%A4b?q=%C3%BC",
        ),
        ("http://x.example:443/%41", "http", "x.example", 443, "/%41"),
        ("bücher.example:443", "tls", "xn--bcher-kva.example", 443, "/"),
    ],
)
def test_targets(text: str, kind: str, host: str, port: int, path: str) -> None:
    target = parse_check(text)
    assert (target.text, target.kind, target.host, target.port, target.path) == (text, kind, host, port, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host",
        "host:0",
        "host:99999",
        "http://",
        "a b:1",
        "http://u:p@x/",
        "imap://user@x/",
        "imap://x/INBOX",
        "smtp://x?y",
        "mailto:a@x.example",
        "ldap://x",
        "10.0.0.0/8:80",
        "169.254.169.254:80",
    ],
)
def test_no_targets(text: str) -> None:
    with pytest.raises(UsageError):
        parse_check(text)


@given(
    st.text(max_size=60)
    | st.from_regex(
        r"((https?|imaps?|pop3s?|smtps?|submissions?)://)?[a-z0-9.\[\]:äß-]{1,30}(:[0-9]{1,5})?(/\S*)?",
        fullmatch=True,
    )
)
def test_any_text_is_a_target_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        target = parse_check(text)
        assert 0 < target.port < 65536 and target.host.isascii()
        assert request(target, "GET").count(b"\r\n\r\n") == 1


def test_the_host_header() -> None:
    assert b"\r\nHost: [::1]\r\n" in request(CheckTarget("", "http", "::1", 80), "HEAD")
    assert b"\r\nHost: a.example:8443\r\n" in request(CheckTarget("", "https", "a.example", 8443), "HEAD")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.ETIMEDOUT, "timeout"),
        (errno.ECONNRESET, "reset"),
        (errno.EPERM, "other"),
    ],
)
def test_words_for_errors(code: int, word: str) -> None:
    assert error_word(OSError(code, "")) == word
