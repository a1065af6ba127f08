"""What the pages for callers need of the collector that serves them."""

from __future__ import annotations

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.settings import CallSettings
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.phones import Phones
from hotline_collector.security.tokens import load_key
from hotline_collector.serve.caller_pages import CallerFacts
from hotline_collector.serve.config import Config
from hotline_collector.serve.desk_parts import web_url
from hotline_collector.serve.downloads import find_builds
from hotline_collector.serve.phone_pages import PhoneParts


def caller_facts(config: Config, settings: CallSettings) -> CallerFacts:
    """Return what the pages for callers tell of the operator and how to join."""
    return CallerFacts(
        operator=config.operator_name,
        host=settings.join_host,
        grpc_port=settings.join_port,
        ca_fingerprint=settings.ca_fingerprint,
        web_url=web_url(config, config.listen.web_port),
        addresses=settings.numeric_addresses,
        builds=find_builds(config.public.downloads),
    )


def phone_parts(config: Config, desk: Desk, codes: PacedCodes) -> PhoneParts:
    """Return what the pages for callers with only a phone need.

    Raises:
        SecurityError: their key cannot be read or made.
    """
    key = load_key(config.data_dir / "phone.key", "callers with only a phone need a new code")
    encrypted = web_url(config, config.listen.web_port).startswith("https:")
    return PhoneParts(desk, codes, Phones(key), encrypted)
