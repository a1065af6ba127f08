"""`hotline-collector`: what the operator does.

Each command imports what it needs when it runs: most need little of a collector.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline_collector import __version__
from hotline_collector.errors import CollectorError
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.help_group import HelpGroup
from hotline_collector.serve.user_commands import token, user

if TYPE_CHECKING:
    from hotline_collector.serve.config import Config
    from hotline_collector.serve.configload import Loaded

FAILED = 1


class _Group(HelpGroup):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (CollectorError, PackError) as error:
            click.echo(f"hotline-collector: {error}", err=True)
            ctx.exit(FAILED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--config", "file", type=click.Path(path_type=Path), envvar="HOTLINE_CONFIG", help="TOML file.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where everything is kept.")
@click.pass_context
def main(ctx: click.Context, file: Path | None, data_dir: Path | None) -> None:
    """Run and look after a Hotline collector.

    Settings come from flags, then HOTLINE_* variables, then the file, then defaults.

    \b
    Examples:
      hotline-collector serve
      HOTLINE_PUBLIC__NAMES=help.example.org hotline-collector serve
      hotline-collector config show --origin

    Exit codes: 0 all is well, 1 it failed (the message says why), 2 wrong usage.
    """
    ctx.obj = {"file": file, "flags": {"data_dir": data_dir}}


@main.command()
@click.option("--host", help="Numeric address to listen on.")
@click.option("--grpc-port", type=int, help="For probes and agents; 0 takes a free one.")
@click.option("--web-port", type=int, help="For health, metrics and the start page; 0 takes a free one.")
@click.option(
    "--rules",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a rule pack, beside those of the configuration; may be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Say on standard output where it listens, in JSON.")
@click.pass_context
def serve(
    ctx: click.Context,
    host: str | None,
    grpc_port: int | None,
    web_port: int | None,
    folders: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Run the collector until SIGTERM or Ctrl-C.

    Rules that change in a folder judge running calls within a second; broken ones are refused as a whole,
    and `hotline rules status` says why.
    """
    # gRPC's handlers of forks would write into the connections of all others from within a program that is
    # just being started to read a device, so that these end by a message that cannot be decrypted.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    # A third of the start was the garbage collector's, which found next to nothing; it works again once
    # everything runs.
    gc.disable()
    try:
        from hotline_collector.serve.starting import serve_until_told

        flags = {"listen.host": host, "listen.grpc_port": grpc_port, "listen.web_port": web_port}
        serve_until_told(_load(ctx, flags).config, folders, as_json=as_json)
    finally:
        gc.enable()


@main.command("bundle-key")
@click.pass_context
def bundle_key_command(ctx: click.Context) -> None:
    """Print the public key that callers encrypt offline bundles with.

    It is made at the first call. Its secret half is bundle.key in the data folder: keep a copy of it, for
    without it nobody can open what was encrypted.

    \b
    Example:
      hotline-probe --bundle fault.hlb --bundle-key "$(hotline-collector bundle-key)"
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from hotline_proto.sealed import key_text

    from hotline_collector.serve.call_settings import bundle_key

    config = _prepared(ctx)
    secret = X25519PrivateKey.from_private_bytes(bundle_key(config))
    click.echo(key_text(secret.public_key().public_bytes_raw()))


@main.group(cls=HelpGroup)
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
@click.pass_context
def db_upgrade(ctx: click.Context) -> None:
    """Bring the database to this version's schema; `serve` does so by itself."""
    from hotline_collector.store.migrate import upgrade

    config = _prepared(ctx)
    before, after = upgrade(config.database_path)
    click.echo(f"{config.database_path}: schema {before or 'none'} -> {after}")


def _keys_file(told: str) -> Callable[[Any], Any]:
    return click.option("--keys", "keys_file", type=click.Path(dir_okay=False, path_type=Path), help=told)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_keys_file("Copy the keys of calls into this file, in place of an older copy.")
@click.pass_context
def backup(ctx: click.Context, file: Path, keys_file: Path | None) -> None:
    """Copy the database into a new FILE while the collector runs or not.

    The copy has no keys, so an erased call cannot be read from it. Keep of --keys the newest copy only: an
    older one would open what has been erased since. Keep calls.key apart from both.

    \b
    Example:
      hotline-collector backup /backup/monday.db --keys /backup/call-keys.db
    """
    from hotline_collector.serve import upkeep

    upkeep.make_backup(_load(ctx).config, file, keys_file)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_keys_file("The copy of the keys of calls, if the data folder has none.")
@click.option("--replace", is_flag=True, help="Put it in the place of the database that is there.")
@click.pass_context
def restore(ctx: click.Context, file: Path, keys_file: Path | None, replace: bool) -> None:
    """Put a copy of the database in place; the collector must not run.

    Calls that were erased after the copy was made do not come back.

    \b
    Examples:
      hotline-collector restore /backup/monday.db --replace
      hotline-collector restore /backup/monday.db --keys /backup/call-keys.db   # on a new machine
    """
    from hotline_collector.serve import upkeep

    upkeep.put_back(_prepared(ctx), file, keys_file, replace=replace)


@main.command()
@click.argument("call_id", metavar="CALL", default="")
@click.option("--reason", default="", help="Why; stays in the audit trail, so name nobody in it.")
@click.option("--unreadable", is_flag=True, help="All calls whose keys are gone, instead of one.")
@click.pass_context
def erase(ctx: click.Context, call_id: str, reason: str, unreadable: bool) -> None:
    """Erase a call with everything that is kept of it; the collector must not run.

    While it runs, `hotline call erase` and the page of the call do the same.

    \b
    Example:
      hotline-collector erase 0197a3c2-7d1e-7c4a-9d5b-2f6e8a1b3c4d --reason "the caller asked for it"
    """
    if unreadable == bool(call_id):
        raise click.UsageError("name one call, or --unreadable")
    if call_id and not reason.strip():
        raise click.UsageError("say why with --reason")
    from hotline_collector.serve import upkeep

    upkeep.erase_calls(_load(ctx).config, call_id, reason.strip(), unreadable=unreadable)


main.add_command(user)
main.add_command(token)


@main.group(cls=HelpGroup)
def config() -> None:
    """Look at the configuration."""


@config.command("check")
@click.pass_context
def config_check(ctx: click.Context) -> None:
    """Say everything that is wrong with the configuration."""
    _load(ctx)
    click.echo("the configuration is well-formed")


@config.command("show")
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.pass_context
def config_show(ctx: click.Context, origin: bool) -> None:
    """Show every setting and its value."""
    for key, value, where in _load(ctx).entries():
        plain = list(value) if isinstance(value, tuple) else value
        line = f"{key} = {json.dumps(plain, default=str)}"
        click.echo(f"{line}    # {where}" if origin else line)


@main.group(cls=HelpGroup)
def ca() -> None:
    """Look at the collector's own certificate authority."""


@ca.command("fingerprint")
@click.pass_context
def ca_fingerprint(ctx: click.Context) -> None:
    """Print the SHA-256 of the CA certificate, which join links carry."""
    from hotline_collector.serve.app import identity_of

    fingerprint = identity_of(_load(ctx).config).fingerprint
    click.echo(fingerprint or "a public certificate is configured: no fingerprint")


@main.group(cls=HelpGroup)
def audit() -> None:
    """Look after the audit trail."""


@audit.command("verify")
@click.pass_context
def audit_verify(ctx: click.Context) -> None:
    """Check the hash chain; note the last hash elsewhere to notice later whether the end was cut off."""
    from hotline_collector.serve.offline import with_store

    report = with_store(ctx, lambda store: store.verify_chain())
    if report.broken_at:
        raise CollectorError(f"the audit trail is broken at entry {report.broken_at}: {report.reason}")
    click.echo(f"{report.entries} entries, unbroken; last hash {report.head.hex()}")


def _load(ctx: click.Context, flags: dict[str, Any] | None = None) -> Loaded:
    from hotline_collector.serve.offline import load

    return load(ctx, flags)


def _prepared(ctx: click.Context) -> Config:
    """Return the configuration once the folder of the database is there."""
    from hotline_collector.serve.offline import make_folder

    config = _load(ctx).config
    make_folder(config)
    return config
