"""What the operator decides about calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline_collector.calls.waits import Tariff


@dataclass(frozen=True, slots=True)
class CallSettings:
    """Settings of all calls; `serve` fills them from the configuration.

    `ca_fingerprint` is the SHA-256 of the CA certificate in hex, empty with a public certificate.
    `join_host`, `join_port` and `numeric_addresses` go into join links; pages for callers are at `web_url`,
    without a slash at its end. `intervals` overrides the
    catalogue's, in seconds by source. With `ask_caller` the question that is asked is shown on the caller's
    own screen too.
    With a `contact_key` a customer who rings again within `repeat_days` is recognised by the keyed hash of
    the customer reference. `ticket_events` are the events that a ticket system is told. `signed_list` holds
    the values that the operator allows actions to use (hotline_proto.operator_list), empty for none. At most
    `max_waiting` callers wait in the waiting room; `tariff` is what the line costs them meanwhile, and with
    `self_help` they are offered steps of little risk to try. With
    `per_agent_figures` figures are told of groups so small that they may say something about a single agent.
    Bundles that are encrypted for this collector are opened with `bundle_key` (32 bytes, X25519).
    """

    operator_name: str = "Hotline"
    ca_fingerprint: str = ""
    join_host: str = "localhost"
    join_port: int = 7443
    web_url: str = ""
    numeric_addresses: tuple[str, ...] = ()
    intervals: Mapping[str, float] = field(default_factory=dict)
    anchors: tuple[str, ...] = ()
    known_names: tuple[str, ...] = ()
    ntp_servers: tuple[str, ...] = ()
    portal_urls: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    load_url: str = ""
    active: bool = True
    ask_caller: bool = True
    contact_key: bytes = field(default=b"", repr=False)
    repeat_days: int = 14
    ticket_events: tuple[str, ...] = ()
    signed_list: bytes = field(default=b"", repr=False)
    max_waiting: int = 100
    self_help: bool = False
    tariff: Tariff = field(default_factory=Tariff)
    per_agent_figures: bool = False
    bundle_key: bytes = field(default=b"", repr=False)
