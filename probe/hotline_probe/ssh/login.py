"""How somebody proves who they are: an agent, a key file, a password, or questions of the machine.

What is typed stays in this process and goes to that machine alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import paramiko
from hotline_proto.ssh_address import SshAddress

from hotline_probe.ssh.errors import SshError, SshTrouble
from hotline_probe.ssh.keyfile import load_key

_MAX_PROMPTS = 4
# OpenSSH hangs up at the sixth refusal (sshd_config(5), MaxAuthTries).
_MAX_KEYS = 5

Attempt = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Login:
    """What may be tried, in this order: a key file, keys of the agent, the password.

    `password` answers one hidden question of keyboard-interactive logins, too (RFC 4256); machines that ask
    for more cannot be read. Secrets never show when this is printed.
    """

    agent: bool = False
    key_file: Path | None = None
    passphrase: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


def log_in(transport: paramiko.Transport, address: SshAddress, login: Login) -> None:
    """Log in.

    Raises:
        SshError: refused, or the key file cannot be used.
    """
    tried: list[str] = []
    own = load_key(login.key_file, login.passphrase) if login.key_file is not None else None
    with contextlib.closing(paramiko.Agent()) if login.agent else contextlib.nullcontext() as agent:
        most = _MAX_KEYS - (own is not None)
        keys = agent.get_keys()[:most] if agent is not None else ()
        for name, attempt in _attempts(transport, address.user, keys, own, login.password):
            tried.append(name)
            if _succeeds(transport, address, attempt):
                return
    means = ", ".join(tried) or "nothing: no key and no password was given"
    raise SshError(SshTrouble.LOGIN_REFUSED, f"{address.host} refused {address.user!r} (tried {means})")


def _succeeds(transport: paramiko.Transport, address: SshAddress, attempt: Attempt) -> bool:
    try:
        missing = attempt()
    except paramiko.AuthenticationException:
        return False
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise SshError(
            SshTrouble.ENDED, f"{address.host} ended the connection during the login: {error}"
        ) from error
    return not missing and transport.is_authenticated()


def _attempts(
    transport: paramiko.Transport,
    user: str,
    agent: Sequence[paramiko.PKey],
    own: paramiko.PKey | None,
    password: str | None,
) -> Iterator[tuple[str, Attempt]]:
    if own is not None:
        yield "the key file", partial(transport.auth_publickey, user, own)
    for key in agent:
        yield "a key of the agent", partial(transport.auth_publickey, user, key)
    if password is not None:
        yield "the password", partial(transport.auth_password, user, password, fallback=False)
        yield "the machine's questions", partial(transport.auth_interactive, user, _answering(password))


def _answering(secret: str) -> Callable[[str, str, list[tuple[str, bool]]], list[str]]:
    def answer(_title: str, _instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
        # A password that shows on the other side, or answers a second question, is given away; some machines
        # ask nothing in a last round (RFC 4256, section 3.4).
        if len(prompts) == 1 and not prompts[0][1]:
            return [secret]
        return [""] * min(len(prompts), _MAX_PROMPTS)

    return answer
