"""The commands with which an agent logs in to a collector and out again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from hotline_proto.joincode import DEFAULT_PORT
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console import credentials, trust
from hotline_collector.console.client import AgentClient
from hotline_collector.console.credentials import Login
from hotline_collector.console.errors import CannotReach, NotLoggedIn, Refused, UsageFault
from hotline_collector.console.options import Output, output_options

_TRIES = 3


@click.command()
@click.option("--server", metavar="HOST[:PORT]", envvar="HOTLINE_SERVER", help="The collector.")
@click.option("--ca", type=click.Path(path_type=Path), help="File with the collector's CA certificate.")
@click.option("--fingerprint", metavar="HEX", help="SHA-256 of the CA certificate; spares the question.")
@click.option("--public", is_flag=True, help="The collector's certificate is from a public authority.")
@click.option(
    "--web-port",
    type=click.IntRange(1, 65535),
    default=trust.DEFAULT_WEB_PORT,
    show_default=True,
    envvar="HOTLINE_WEB_PORT",
    help="Where the collector offers its CA certificate.",
)
@click.option("--user", metavar="NAME", envvar="HOTLINE_USER", help="Name of your account.")
@click.option("--password-file", metavar="FILE|-", help="Read the password from the first line of a file.")
@output_options
def login(
    output: Output,
    server: str | None,
    ca: Path | None,
    fingerprint: str | None,
    public: bool,
    web_port: int,
    user: str | None,
    password_file: str | None,
) -> None:
    """Log in to a collector and keep the login.

    \b
    Examples:
      hotline login --server hotline.example.org --user anna
      hotline login --ca ca.pem --user anna --password-file -

    The first time, the fingerprint of the collector's certificate authority is shown: compare it with
    the one that the collector printed at its start. The password is asked for, or taken from
    HOTLINE_PASSWORD or --password-file; never from the command line.
    """
    folder = credentials.state_dir()
    kept = _kept(folder)
    place = _place(server or (kept.server if kept else "localhost"))
    name = user or (kept.user if kept and not sys.stdin.isatty() else "")
    known = kept.ca_pem if kept and kept.server == place else ""
    pem = "" if public else _trusted(output, place, ca, fingerprint, web_port, known)
    name = name or _ask_name(kept)
    with AgentClient(place, pem) as client:
        answer = _log_in(client, name, password_file)
    granted = Login(place, name, answer.role, answer.token, answer.expires_us, pem, answer.language)
    path = credentials.save(folder, granted)
    said = f"Logged in to {place} as {name} ({answer.role}); kept in {path}."
    output.result("login", said, server=place, user=name, role=answer.role, expires_us=answer.expires_us)


@click.command()
@output_options
def logout(output: Output) -> None:
    """Forget the kept login.

    \b
    Example:
      hotline logout
    """
    there = credentials.forget(credentials.state_dir())
    output.result("logout", "Logged out." if there else "You were not logged in.", was_logged_in=there)


def _kept(folder: Path) -> Login | None:
    try:
        return credentials.load(folder)
    except NotLoggedIn:
        return None


def _place(server: str) -> str:
    """Return "host:port" of what was typed; IPv6 addresses need brackets."""
    host, colon, port = server.strip().rpartition(":")
    if not colon or server.endswith("]"):
        host, port = server.strip(), str(DEFAULT_PORT)
    bracketed = host.startswith("[") and host.endswith("]")
    if not host or (":" in host and not bracketed) or not port.isascii() or not port.isdigit():
        raise UsageFault(f"{server!r} is no collector; name it host or host:port, IPv6 as [address]:port")
    if not 0 < int(port) < 65536 or any(c.isspace() or c in "/@" for c in host):
        raise UsageFault(f"{server!r} is no collector; name it host or host:port")
    return f"{host}:{port}"


def _trusted(
    output: Output, place: str, ca: Path | None, fingerprint: str | None, web_port: int, known: str
) -> str:
    wanted = trust.normalise_fingerprint(fingerprint) if fingerprint else ""
    if ca is None and not wanted and known:
        return known
    host = place.rpartition(":")[0].strip("[]")
    pem = trust.read_ca(ca) if ca is not None else trust.fetch_ca(host, web_port)
    seen = trust.fingerprint(pem)
    if wanted and seen != wanted:
        raise CannotReach(f"{place} shows another certificate authority than the one named: {seen}")
    if ca is None and not wanted:
        _compare(output, place, seen)
    return pem


def _compare(output: Output, place: str, seen: str) -> None:
    output.say(f"First contact with {place}. The fingerprint of its certificate authority is\n")
    output.say(trust.grouped(seen) + "\n")
    if not sys.stdin.isatty():
        raise CannotReach("nobody is here to compare it; pass --fingerprint or --ca")
    if not click.confirm("Is it the one that the collector printed at its start?", err=True):
        raise CannotReach("not trusted; nothing was sent")


def _ask_name(kept: Login | None) -> str:
    if not sys.stdin.isatty():
        raise UsageFault("no name given; pass --user")
    name: str = click.prompt("User", default=kept.user if kept else None, err=True)
    return name


def _log_in(client: AgentClient, name: str, password_file: str | None) -> pb.LoginResponse:
    """Log in; who types the password may mistype it twice."""
    typed = password_file is None and not os.environ.get("HOTLINE_PASSWORD") and sys.stdin.isatty()
    for left in reversed(range(_TRIES if typed else 1)):
        try:
            return client.login(name, _password(password_file))
        except Refused as error:
            if not left:
                raise
            click.echo(f"{error}; please type it once more", err=True)
    raise AssertionError


def _password(file: str | None) -> str:
    if file == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if file is not None:
        try:
            with Path(file).open(encoding="utf-8") as stream:
                return stream.readline().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageFault(f"cannot read the password from {file}: {error}") from error
    if os.environ.get("HOTLINE_PASSWORD"):
        return os.environ["HOTLINE_PASSWORD"]
    if not sys.stdin.isatty():
        raise UsageFault("no password given; pass --password-file or set HOTLINE_PASSWORD")
    typed: str = click.prompt("Password", hide_input=True, err=True)
    return typed
