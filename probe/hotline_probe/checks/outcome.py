"""What a check tells: the names of its facts, and how a step says that it did not pass."""

from __future__ import annotations

from hotline_proto.facts import FactValue, UnknownReason

from hotline_probe.checks.tls import Certificate

TLS_FACTS = ("tls_ok", "tls_error", "tls_expires_in", "tls_issuer", "tls_intercepted")
HTTP_FACTS = ("http_ok", "http_status", "http_time")
MAIL_FACTS = (
    *("mail_ok", "mail_answer", "mail_code", "mail_greeting_time", "mail_listed", "mail_starttls"),
    *("mail_speaks", "mail_other_port", "mail_plain_login", "mail_password_login", "mail_methods"),
)
SHORT_NAMES = (
    *("kind", "port", "local", "name_ok", "name_time", "address_count", "route_ok"),
    *("tcp_ok", "tcp_time", "tcp_error", *TLS_FACTS, *HTTP_FACTS, *MAIL_FACTS, "ok", "failed_at"),
)


class Failed(Exception):
    """A step did not pass; its argument names it as `check.failed_at` does."""


def shown(certificate: Certificate) -> dict[str, FactValue]:
    """Return the facts that a server's certificate tells."""
    told = (certificate.expires_in, certificate.issuer, certificate.intercepts)
    values = (UnknownReason.UNSUPPORTED if value is None else value for value in told)
    return dict(zip(TLS_FACTS[2:], values, strict=True))
