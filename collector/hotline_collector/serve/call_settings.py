"""What the call layer needs of the configuration."""

from __future__ import annotations

from hotline_collector.calls.settings import CallSettings
from hotline_collector.calls.waits import Tariff
from hotline_collector.security.authority import Identity
from hotline_collector.security.tokens import load_key
from hotline_collector.serve.config import Config


def call_settings(config: Config, identity: Identity) -> CallSettings:
    """Return what the call layer needs of the configuration.

    Raises:
        SecurityError: a key cannot be read or made.
    """
    measuring = config.measuring
    return CallSettings(
        operator_name=config.operator_name,
        ca_fingerprint=identity.fingerprint,
        join_host=config.public.names[0],
        join_port=config.listen.grpc_port,
        numeric_addresses=config.public.addresses,
        intervals=measuring.intervals,
        anchors=measuring.anchors,
        known_names=measuring.known_names,
        ntp_servers=measuring.ntp_servers,
        portal_urls=measuring.portal_urls,
        ports=measuring.ports,
        load_url=measuring.load_url,
        active=measuring.active,
        ask_caller=config.asking.on_callers_screen,
        contact_key=_contact_key(config),
        repeat_days=config.repeat_contact.days,
        ticket_events=config.webhook.events if config.webhook.url else (),
        signed_list=config.actions.signed_list.read_bytes() if config.actions.signed_list else b"",
        max_waiting=config.waiting.max_callers,
        self_help=config.waiting.self_help,
        tariff=Tariff(
            config.waiting.charged,
            config.waiting.price_per_minute,
            config.waiting.currency,
            config.waiting.free_minutes,
        ),
        per_agent_figures=config.figures.per_agent,
        bundle_key=bundle_key(config),
    )


def bundle_key(config: Config) -> bytes:
    """Return the private key (X25519) that opens bundles, made at the first call.

    Raises:
        SecurityError: it cannot be read or made, or is damaged.
    """
    return load_key(config.data_dir / "bundle.key", "bundles that are encrypted for it stay closed")


def _contact_key(config: Config) -> bytes:
    if not config.repeat_contact.enabled:
        return b""
    return load_key(config.data_dir / "contacts.key", "customers who rang before are not recognised")
