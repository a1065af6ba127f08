"""Echoes by iphlpapi, with a stand-in for the library that fills in its structures as documented."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from typing import Any

import pytest
from hotline_probe.errors import Denied
from hotline_probe.sources.windows.icmp import Options, Reply, describe, echo

ROUTER = "192.0.2.1"


class Library:
    """IcmpSendEcho as its documentation describes it, answered by one address with one status."""

    def __init__(self, replier: str, status: int = 0, replies: int = 1, handle: int | None = 7) -> None:
        self.closed: list[object] = []
        self.asked: list[tuple[object, ...]] = []

        def send(*words: Any) -> int:
            handle, place, request, size, options, room, room_size, patience = words
            self.asked.append((handle, struct.pack("=I", place), size, options, patience))
            assert room_size == len(room) >= ctypes.sizeof(Reply) + size + 8
            assert len(bytes(request)) == size
            reply = Reply.from_buffer(room)
            reply.address = struct.unpack("=I", socket.inet_aton(replier))[0]
            reply.status = status
            return replies

        self.IcmpCreateFile = lambda: handle
        self.IcmpCloseHandle = lambda handle: self.closed.append(handle)  # noqa: PLW0108 - takes attributes
        self.IcmpSendEcho = send


def test_an_answer() -> None:
    library = Library(ROUTER)
    describe(library)
    took = echo(ROUTER, 0.75, library)
    assert took is not None and took >= 0
    assert library.asked == [(7, socket.inet_aton(ROUTER), 16, None, 750)]
    assert library.closed == [7]


@pytest.mark.parametrize(
    "library",
    [
        Library(ROUTER, replies=0),
        Library(ROUTER, status=11010),  # IP_REQ_TIMED_OUT
        Library("192.0.2.254", status=11003),  # IP_DEST_HOST_UNREACHABLE, from a router on the way
        Library("192.0.2.254"),
    ],
)
def test_no_answer(library: Library) -> None:
    assert echo(ROUTER, 1.0, library) is None
    assert library.closed == [7]


@pytest.mark.parametrize("handle", [None, ctypes.c_void_p(-1).value])
def test_no_handle(handle: int | None) -> None:
    with pytest.raises(Denied):
        echo(ROUTER, 1.0, Library(ROUTER, handle=handle))


@pytest.mark.skipif(os.name == "nt", reason="there it is a real one")
def test_no_library() -> None:
    with pytest.raises(Denied):
        echo(ROUTER, 1.0)


def test_the_layout_is_that_of_the_header() -> None:
    if ctypes.sizeof(ctypes.c_void_p) == 8:
        assert (ctypes.sizeof(Options), ctypes.sizeof(Reply)) == (16, 40)
    assert Reply.status.offset == 4 and Reply.milliseconds.offset == 8 and Reply.data.offset == 16
