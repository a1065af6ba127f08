"""What the operator can set: names, types, defaults and what makes sense together."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from hotline_proto.catalogue import load_catalogue
from hotline_proto.errors import OperatorListError
from hotline_proto.operator_list import read_document, split_list
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hotline_collector.security.webhooks import read_secret
from hotline_collector.serve.config_values import Host, Numeric, Place, PlainPage, Port, WebAddress
from hotline_collector.serve.device_section import Devices
from hotline_collector.serve.named_files import must_be_file, must_be_folder
from hotline_collector.serve.webhook_target import fault_of

_SQLITE = "sqlite:///"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listen(_Section):
    """Where the collector listens; port 0 takes a free one."""

    host: Numeric = "0.0.0.0"  # noqa: S104 - callers come from anywhere
    grpc_port: Port = 7443
    web_port: Port = 7444


class Public(_Section):
    """How callers reach the collector: names, and numeric addresses for when names do not resolve.

    `web_url` is where the pages for callers are seen from outside, if not at the first name and the web port.
    `downloads` is a folder with builds of the probe, which the join page then offers.
    """

    names: tuple[Host, ...] = ("localhost",)
    addresses: tuple[Numeric, ...] = ()
    web_url: WebAddress = ""
    downloads: Path | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.names:
            raise ValueError("names one host name at least, because join links carry it")
        if self.downloads is not None:
            try:
                must_be_folder(self.downloads)
            except ValueError as error:
                raise ValueError(f"downloads: {error}") from error
        return self


class Tls(_Section):
    """A public certificate (chain) and its key, both in PEM; without them the collector makes its own."""

    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together; set both or none")
        for file in (self.cert_file, self.key_file):
            if file is not None:
                must_be_file(file)
        return self


class Measuring(_Section):
    """What probes measure: places to reach, names to resolve, time servers, intervals in seconds.

    `portal_urls` are pages of yours that answer 204 without content, `ports` places of yours that listen on
    ports which some networks block, `load_url` something big to download; all of them must be public. With
    `active` off a probe observes the network and sends no packet to measure it.
    """

    active: bool = True
    anchors: tuple[Place, ...] = ()
    known_names: tuple[Host, ...] = ()
    ntp_servers: tuple[Host, ...] = ()
    portal_urls: tuple[PlainPage, ...] = ()
    ports: tuple[Place, ...] = ()
    load_url: WebAddress = ""
    intervals: dict[str, Annotated[float, Field(ge=0, le=86400)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sources_exist(self) -> Self:
        known = load_catalogue().sources
        unknown = [name for name in self.intervals if name not in known]
        if unknown:
            raise ValueError(
                f"intervals: no source {', '.join(unknown)}; there are {', '.join(sorted(known))}"
            )
        return self


class ActionSettings(_Section):
    """What actions may use beyond what a probe finds: a list signed with `hotline rules sign-list`."""

    signed_list: Path | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.signed_list is not None:
            try:
                read_document(split_list(self.signed_list.read_bytes())[1])
            except (OSError, OperatorListError) as error:
                raise ValueError(f"signed_list: {self.signed_list}: {error}") from error
        return self


class Asking(_Section):
    """Whether the caller's own screen shows the question that the agent asks, to be answered there."""

    on_callers_screen: bool = True


class RepeatContact(_Section):
    """Whether a customer who rings again within some days is recognised, by a keyed hash of the reference."""

    enabled: bool = False
    days: Annotated[int, Field(ge=1, le=365)] = 14


class Waiting(_Section):
    """The waiting room on the start page, and what the line costs who waits there.

    With `enabled` callers queue up by themselves, at most `max_callers` at a time. With `self_help` they are
    offered what the first cause found lets them do alone, if its risk is none or low. Only with `charged` the
    page tells a cost: `price_per_minute` in `currency` (ISO 4217) after `free_minutes`.
    """

    enabled: bool = True
    max_callers: Annotated[int, Field(ge=1, le=2000)] = 100
    self_help: bool = False
    charged: bool = False
    price_per_minute: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=4)] = Decimal(0)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    free_minutes: Annotated[Decimal, Field(ge=0, le=1440, decimal_places=2)] = Decimal(0)

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.charged and not self.price_per_minute:
            raise ValueError("charged needs price_per_minute, such as 0.14")
        return self


class Webhook(_Section):
    """A ticket system that is told about calls (Standard Webhooks); off without a `url`.

    `secret_file` holds the key of the signatures, `ca_file` the CA of the receiver if it is not a public one.
    A name that leads to a private address needs `private_network`.
    """

    url: str = ""
    secret_file: Path | None = None
    ca_file: Path | None = None
    events: tuple[Literal["call.closed", "call.handed_over"], ...] = ("call.closed",)
    private_network: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.url:
            return self
        fault = fault_of(self.url)
        if fault:
            raise ValueError(f"url: {fault}")
        if self.secret_file is None:
            raise ValueError("secret_file is missing: messages are always signed")
        read_secret(self.secret_file)
        if self.ca_file is not None:
            must_be_file(self.ca_file)
        return self


class Figures(_Section):
    """Whether figures of groups so small are told that they may say something about a single agent.

    Off, they are told of groups of five calls or more; on, of every group.
    """

    per_agent: bool = False


class Rules(_Section):
    """Folders with rule packs of your own, beside the installed ones, and whose signature is trusted.

    With `require_signature` packs that none of the `trusted_keys` signed are refused, installed ones too.
    """

    folders: tuple[Path, ...] = ()
    trusted_keys: tuple[Path, ...] = ()
    require_signature: bool = False

    @model_validator(mode="after")
    def _signed_by_somebody(self) -> Self:
        if self.require_signature and not self.trusted_keys:
            raise ValueError("require_signature needs trusted_keys: files of public keys")
        for file in self.trusted_keys:
            must_be_file(file)
        return self


class Log(_Section):
    """How much is logged and how; `auto` is text on a terminal and JSON elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"


def _default_data_dir() -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state else Path.home() / ".local" / "state") / "hotline-collector"


class Config(_Section):
    """The collector's configuration; `database_url` empty means `hotline.db` in the data folder.

    `cache_dir` is for what can be made again, by default a folder of the data folder.
    """

    data_dir: Path = Field(default_factory=_default_data_dir)
    cache_dir: Path | None = None
    database_url: str = ""
    operator_name: Annotated[str, Field(min_length=1, max_length=64)] = "Hotline"
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    join_code_lifetime_s: Annotated[int, Field(ge=30, le=600)] = 600
    listen: Listen = Field(default_factory=Listen)
    public: Public = Field(default_factory=Public)
    tls: Tls = Field(default_factory=Tls)
    measuring: Measuring = Field(default_factory=Measuring)
    asking: Asking = Field(default_factory=Asking)
    repeat_contact: RepeatContact = Field(default_factory=RepeatContact)
    waiting: Waiting = Field(default_factory=Waiting)
    webhook: Webhook = Field(default_factory=Webhook)
    actions: ActionSettings = Field(default_factory=ActionSettings)
    devices: Devices = Field(default_factory=Devices)
    figures: Figures = Field(default_factory=Figures)
    rules: Rules = Field(default_factory=Rules)
    log: Log = Field(default_factory=Log)

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.database_url and not self.database_url.startswith(_SQLITE):
            raise ValueError(
                f"database_url begins with {_SQLITE} (then the path of a file); nothing else yet"
            )
        return self

    @model_validator(mode="after")
    def _remembered(self) -> Self:
        if self.repeat_contact.enabled and self.repeat_contact.days > self.retention_days:
            raise ValueError(
                f"repeat_contact.days is {self.repeat_contact.days}, but closed calls are kept for "
                f"{self.retention_days} days (retention_days); an earlier call would be gone"
            )
        return self

    @property
    def database_path(self) -> Path:
        """Where the SQLite file is."""
        if self.database_url:
            return Path(self.database_url.removeprefix(_SQLITE))
        return self.data_dir / "hotline.db"
