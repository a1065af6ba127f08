"""The login that is kept between commands: server, token and trusted CA, in a file only its owner reads."""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hotline_collector.console.errors import NotLoggedIn

_FILE = "login.json"
_VERSION = 1
_LOG_IN = "run: hotline login"


@dataclass(frozen=True, slots=True)
class Login:
    """A valid login.

    `server` is "host:port", `expires_us` microseconds since the epoch. An empty `ca_pem` means that the
    collector's certificate comes from a public authority. `language` is that of the account when it logged
    in (de, en), empty if none was chosen there.
    """

    server: str
    user: str
    role: str
    token: str
    expires_us: int
    ca_pem: str = ""
    language: str = ""


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the login: HOTLINE_HOME, else `hotline` in the XDG state directory.

    Source: XDG Base Directory Specification 0.8 (relative paths are ignored).
    """
    own = environ.get("HOTLINE_HOME", "")
    if own:
        return Path(own).expanduser()
    xdg = environ.get("XDG_STATE_HOME", "")
    base = Path(xdg) if xdg and Path(xdg).is_absolute() else Path.home() / ".local" / "state"
    return base / "hotline"


def load(folder: Path) -> Login:
    """Return the kept login, also an expired one.

    Raises:
        NotLoggedIn: there is none, it is damaged, or others can read it.
    """
    path = folder / _FILE
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = json.load(file)
    except FileNotFoundError as error:
        raise NotLoggedIn(f"you are not logged in; {_LOG_IN}") from error
    except (OSError, ValueError) as error:
        raise NotLoggedIn(f"the login in {path} cannot be read ({error}); {_LOG_IN}") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise NotLoggedIn(f"others can read the token in {path}; make it yours (chmod 600), or {_LOG_IN}")
    return _parse(raw, path)


def load_valid(folder: Path) -> Login:
    """Return the kept login if it has not expired.

    Raises:
        NotLoggedIn: there is none that can be used.
    """
    login = load(folder)
    if login.expires_us and login.expires_us <= time.time_ns() // 1000:
        raise NotLoggedIn(f"your login to {login.server} has expired; {_LOG_IN}")
    return login


def save(folder: Path, login: Login) -> Path:
    """Keep a login, whole or not at all, and return its file.

    Raises:
        NotLoggedIn: the folder cannot be written.
    """
    path = folder / _FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp creates the file as 0600, so that the token is never readable, not even briefly.
        handle, name = tempfile.mkstemp(dir=folder, prefix=".login-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"version": _VERSION, **asdict(login)}, file)
        Path(name).replace(path)
    except OSError as error:
        raise NotLoggedIn(f"cannot keep the login in {path}: {error.strerror}; set HOTLINE_HOME") from error
    return path


def forget(folder: Path) -> bool:
    """Delete the kept login; tell whether there was one.

    Raises:
        NotLoggedIn: it cannot be deleted.
    """
    try:
        (folder / _FILE).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotLoggedIn(f"cannot delete {folder / _FILE}: {error.strerror}") from error
    return True


def _parse(raw: Any, path: Path) -> Login:
    if not isinstance(raw, dict) or raw.get("version") != _VERSION:
        raise NotLoggedIn(f"the login in {path} is of another version; {_LOG_IN}")
    values = {field.name: raw.get(field.name, field.default) for field in fields(Login)}
    expires = values.pop("expires_us")
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    if len(texts) != len(values) or isinstance(expires, bool) or not isinstance(expires, int):
        raise NotLoggedIn(f"the login in {path} is damaged; {_LOG_IN}")
    return Login(expires_us=expires, **texts)
