"""ICMP echoes on Windows: iphlpapi's IcmpSendEcho, which every user may call, unlike sockets for it."""

from __future__ import annotations

import ctypes
import secrets
import socket
import struct
import time
from typing import Any

from hotline_probe.errors import Denied

_COOKIE = 16
# An error of ICMP may follow the reply (IcmpSendEcho, "ReplySize").
_ERROR = 8
_SUCCESS = 0
_INVALID_HANDLE = ctypes.c_void_p(-1).value


class Options(ctypes.Structure):
    """IP_OPTION_INFORMATION of ipexport.h."""

    _fields_ = (
        ("ttl", ctypes.c_ubyte),
        ("tos", ctypes.c_ubyte),
        ("flags", ctypes.c_ubyte),
        ("size", ctypes.c_ubyte),
        ("data", ctypes.c_void_p),
    )


class Reply(ctypes.Structure):
    """ICMP_ECHO_REPLY of ipexport.h."""

    _fields_ = (
        ("address", ctypes.c_uint32),
        ("status", ctypes.c_uint32),
        ("milliseconds", ctypes.c_uint32),
        ("data_size", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16),
        ("data", ctypes.c_void_p),
        ("options", Options),
    )


def load() -> Any:
    """Return the library with its functions described.

    Raises:
        Denied: there is none.
    """
    try:
        library = getattr(ctypes, "WinDLL")("iphlpapi")  # noqa: B009 - mypy knows it on Windows only
        describe(library)
    except (AttributeError, OSError) as error:
        raise Denied("this system has no function for echoes") from error
    return library


def describe(library: Any) -> None:
    """Tell ctypes what the functions take and return (icmpapi.h)."""
    library.IcmpCreateFile.restype = ctypes.c_void_p
    library.IcmpCreateFile.argtypes = ()
    library.IcmpCloseHandle.argtypes = (ctypes.c_void_p,)
    library.IcmpSendEcho.restype = ctypes.c_uint32
    library.IcmpSendEcho.argtypes = (
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint16),
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32),
    )


def echo(address: str, timeout: float, library: Any = None) -> float | None:
    """Return the seconds until a numeric IPv4 address answered, None if it did not.

    Raises:
        Denied: the system does not offer it.
    """
    calls = load() if library is None else library
    handle = calls.IcmpCreateFile()
    if handle in (None, _INVALID_HANDLE):
        raise Denied("this user may not send echoes")
    try:
        return _exchange(calls, handle, address, timeout)
    finally:
        calls.IcmpCloseHandle(handle)


def _exchange(calls: Any, handle: Any, address: str, timeout: float) -> float | None:
    # The number is kept in memory as it goes over the wire (IPAddr).
    place = struct.unpack("=I", socket.inet_aton(address))[0]
    cookie = secrets.token_bytes(_COOKIE)
    request = ctypes.create_string_buffer(cookie, _COOKIE)
    room = ctypes.create_string_buffer(ctypes.sizeof(Reply) + _COOKIE + _ERROR)
    began = time.monotonic()
    count = calls.IcmpSendEcho(
        handle, place, request, _COOKIE, None, room, len(room), max(int(timeout * 1000), 1)
    )
    took = time.monotonic() - began
    if not count:
        return None
    reply = Reply.from_buffer(room)
    # A router that says "unreachable" replies as well.
    return took if reply.status == _SUCCESS and reply.address == place else None
