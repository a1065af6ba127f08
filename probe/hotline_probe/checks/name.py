"""The name step: looks up addresses the way programs do, but not for longer than one can wait."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from dataclasses import dataclass, field

from hotline_probe.errors import SourceFailed

MAX_ADDRESSES = 64
SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class NameTimeout(SourceFailed):
    """The system's resolver takes too long."""


class NameFails(SourceFailed):
    """The name has no address; `gone` tells that the name system said so itself."""

    def __init__(self, message: str, gone: bool) -> None:
        super().__init__(message)
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to connect to, as socket functions want it."""

    family: socket.AddressFamily
    address: SocketAddress

    @property
    def host(self) -> str:
        """The address as text, without a zone."""
        return str(self.address[0]).partition("%")[0]

    def at(self, port: int) -> Endpoint:
        """Return another port of the same address."""
        host, _, *rest = self.address
        return Endpoint(self.family, (host, port, *rest))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Found:
    """The addresses of a name in the system's order of preference, and how long it took in seconds."""

    endpoints: tuple[Endpoint, ...]
    seconds: float


@dataclass(slots=True)
class _Pending:
    done: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.monotonic)
    result: Found | NameFails | None = None


class Names:
    """Looks up names through the system's resolver.

    With a dead name server getaddrinfo(3) takes ten seconds and more and cannot be stopped, so each runs
    in a thread that may be left behind; while it still runs, the same name is not asked for again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[tuple[str, int], _Pending] = {}

    def look_up(self, host: str, port: int, patience: float) -> Found:
        """Return the addresses of a name, waiting at most `patience` seconds.

        Raises:
            NameTimeout: there is no answer yet.
            NameFails: it has no address.
        """
        if _is_address(host):
            return _ask(host, port, time.monotonic())
        with self._lock:
            pending = self._pending.get((host, port))
            if pending is None:
                pending = self._pending[host, port] = _Pending()
                work = threading.Thread(
                    target=self._work, args=(host, port, pending), name="lookup", daemon=True
                )
                work.start()
        pending.done.wait(patience)
        if pending.result is None:
            raise NameTimeout(f"looking up {host} takes longer than {patience:g} s")
        if isinstance(pending.result, NameFails):
            raise pending.result
        return pending.result

    def _work(self, host: str, port: int, pending: _Pending) -> None:
        try:
            pending.result = _ask(host, port, pending.began)
        except NameFails as error:
            pending.result = error
        finally:
            with self._lock:
                del self._pending[host, port]
            pending.done.set()


def _ask(host: str, port: int, began: float) -> Found:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameFails(f"{host}: {error.strerror}", error.errno in _GONE) from error
    except (OSError, UnicodeError, ValueError) as error:
        raise NameFails(f"{host}: {error}", False) from error
    endpoints = dict.fromkeys(Endpoint(entry[0], entry[4]) for entry in entries)
    return Found(tuple(endpoints)[:MAX_ADDRESSES], time.monotonic() - began)


# EAI_NODATA (a name without addresses) is not in every C library.
_GONE = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
