"""`hotline-collector user …` and `token …`: what an admin does in the console, from the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hotline_collector.model.accounts import ROLES, TOKEN_DAYS, UserRow
from hotline_collector.rulepack.help_group import HelpGroup

if TYPE_CHECKING:
    from hotline_collector.security.administration import Administration
    from hotline_collector.store.store import SqlStore

_ACTOR = "operator"
_Result = TypeVar("_Result")
_PASSWORD_FILE = click.option(
    "--password-file", type=click.File("r"), metavar="FILE", help="Read the password from here; - is stdin."
)


@click.group(cls=HelpGroup)
def user() -> None:
    """Look after local accounts; a running collector follows at once."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True)
@click.option("--no-password", is_flag=True, help="For a program with tokens, or a person who gets a link.")
@_PASSWORD_FILE
@click.pass_context
def user_add(ctx: click.Context, name: str, role: str, no_password: bool, password_file: Any) -> None:
    """Make an account."""
    password = None if no_password else _password(password_file)
    _administer(ctx, lambda administration: administration.add(_ACTOR, name, role, password))
    click.echo(f"{name} may log in as {role}" if password is not None else f"{name} has no password yet")


@user.command("list")
@click.pass_context
def user_list(ctx: click.Context) -> None:
    """Show all accounts: name, role, and what keeps them from signing in."""
    for row in _administer(ctx, lambda administration: administration.users()):
        click.echo("\t".join(part for part in (row.name, row.role, _state(row)) if part))


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@click.pass_context
def user_role(ctx: click.Context, name: str, role: str) -> None:
    """Give an account another role."""
    _administer(ctx, lambda administration: administration.set_role(_ACTOR, name, role))
    click.echo(f"{name} is {role} now")


@user.command("disable")
@click.argument("name")
@click.pass_context
def user_disable(ctx: click.Context, name: str) -> None:
    """Let nobody sign in with an account; its sessions, logins, tokens and links end."""
    _administer(ctx, lambda administration: administration.disable(_ACTOR, name))
    click.echo(f"{name} is disabled and signed out everywhere")


@user.command("enable")
@click.argument("name")
@click.pass_context
def user_enable(ctx: click.Context, name: str) -> None:
    """Let an account sign in again."""
    _administer(ctx, lambda administration: administration.enable(_ACTOR, name))
    click.echo(f"{name} is enabled")


@user.command("passwd")
@click.argument("name")
@_PASSWORD_FILE
@click.pass_context
def user_passwd(ctx: click.Context, name: str, password_file: Any) -> None:
    """Set a password and end all logins of the account."""
    password = _password(password_file)
    _administer(ctx, lambda administration: administration.set_password(_ACTOR, name, password))
    click.echo(f"the password of {name} is set; log in again")


@user.command("link")
@click.argument("name")
@click.pass_context
def user_link(ctx: click.Context, name: str) -> None:
    """Print a link behind which the owner of an account sets its password, once and for a day."""
    from hotline_collector.security.links import PATH
    from hotline_collector.serve.desk_parts import desk_place
    from hotline_collector.serve.offline import load

    token = _administer(ctx, lambda administration: administration.link(_ACTOR, name))
    config = load(ctx).config
    click.echo(f"{desk_place(config, config.listen.web_port)}{PATH}{token}")


@user.command("logout")
@click.argument("name")
@click.pass_context
def user_logout(ctx: click.Context, name: str) -> None:
    """End all sessions and logins of an account; tokens for programs stay."""
    _administer(ctx, lambda administration: administration.end_sessions(_ACTOR, name))
    click.echo(f"{name} is signed out everywhere")


@click.group(cls=HelpGroup)
def token() -> None:
    """Look after tokens with which programs use the HTTP API."""


@token.command("add")
@click.argument("name")
@click.option("--user", "account", required=True, metavar="NAME", help="The account that it acts as.")
@click.option(
    "--days", type=click.Choice([str(days) for days in TOKEN_DAYS]), default="90", show_default=True
)
@click.pass_context
def token_add(ctx: click.Context, name: str, account: str, days: str) -> None:
    """Make a token and print it; it is not shown again."""
    made = _administer(ctx, lambda administration: administration.add_token(_ACTOR, account, name, int(days)))
    click.echo(made)


@token.command("list")
@click.pass_context
def token_list(ctx: click.Context) -> None:
    """Show all tokens: name, account, last day (UTC), digest."""
    for row in _administer(ctx, lambda administration: administration.tokens()):
        ends = dt.datetime.fromtimestamp(row.expires / 1e6, dt.UTC).date()
        click.echo(f"{row.name}\t{row.user}\t{ends}\t{row.digest.hex()}")


@token.command("revoke")
@click.argument("name")
@click.pass_context
def token_revoke(ctx: click.Context, name: str) -> None:
    """End a token, told by its name or its digest."""
    _administer(ctx, lambda administration: administration.revoke_token(_ACTOR, name))
    click.echo("revoked")


def _administer(ctx: click.Context, work: Callable[[Administration], Awaitable[_Result]]) -> _Result:
    from hotline_collector.security.accounts import LocalAccounts
    from hotline_collector.security.administration import Administration
    from hotline_collector.security.links import OneTimeLinks
    from hotline_collector.serve.desk_parts import desk_key
    from hotline_collector.serve.offline import load, with_store

    config = load(ctx).config

    async def inside(store: SqlStore) -> _Result:
        local = LocalAccounts(store, operator=config.operator_name)
        links = OneTimeLinks(store, local, desk_key(config), store)
        return await work(Administration(store, local, links, store))

    return with_store(ctx, inside)


def _state(row: UserRow) -> str:
    if row.disabled:
        return "disabled"
    return "" if row.password_hash else "no password"


def _password(file: Any) -> str:
    if file is not None:
        return str(file.readline().rstrip("\r\n"))
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
