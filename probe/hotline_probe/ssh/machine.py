"""A machine behind SSH, seen through the same port as the probe's own: fixed commands, no shell's meaning."""

from __future__ import annotations

import re
import shlex
import threading
import time
from collections.abc import Callable, Sequence

import paramiko

from hotline_probe.errors import Denied, MachineLost, MissingTool, SourceFailed, Unsupported
from hotline_probe.machine import CommandResult, FilesystemUse
from hotline_probe.ssh.wire import allow

MAX_OUTPUT = 1024 * 1024
READ_S = 10.0
# Both streams of a command, and what stands around each of many short lines.
_ON_THE_WIRE = 8 * MAX_OUTPUT
# OpenSSH takes ten sessions a connection (sshd_config(5), MaxSessions), small servers fewer.
_AT_ONCE = 3
_FULL_S = 2.0
_PAUSE_S = 0.1
# paramiko wakes who waits for an answer a moment before it says that the connection is gone.
_ENDING_S = 1.0
_CHUNK = 32 * 1024
_NOT_FOUND = 127
_KIB = 1024
# Names of files come from the machine itself, so that only what no shell could misread is asked for.
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_:@+,=.-]{1,255}/?){0,40}", re.ASCII)
# Total, used, available, then the share in use, before the folder.
_USE = re.compile(r"\s([0-9]{1,18})\s+([0-9]{1,18})\s+([0-9]{1,18})\s+(?:[0-9]{1,3}%|-)\s", re.ASCII)
_WORDS = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)


class SshMachine:
    """Reads one machine over a connection that is logged in; `close` ends it.

    Every call may come from another thread.
    """

    def __init__(self, transport: paramiko.Transport) -> None:
        self._transport = transport
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._system = ""

    @property
    def system(self) -> str:
        """Which system runs there, as `uname -s` tells; `other` if it does not."""
        if not self._system:
            told = self.run(("uname", "-s"), READ_S).out.strip().lower()
            self._system = told if _WORDS.fullmatch(told) else "other"
        return self._system

    @property
    def alive(self) -> bool:
        """Whether the connection still stands."""
        return self._transport.is_active()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def read(self, path: str) -> str:
        """Return a text file."""
        return self._ask(("cat", _plain(path)), path).out

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; those with line breaks in them come apart."""
        return sorted(self._ask(("ls", "-1A", _plain(path)), path).out.splitlines())

    def link(self, path: str) -> str:
        """Return where a symbolic link points."""
        told = self._ask(("readlink", _plain(path)), path).out.strip("\n")
        if not told:
            raise Unsupported(f"{path} is no link")
        return told

    def filesystem(self, path: str) -> FilesystemUse:
        """Return the use of the filesystem mounted at a path, as df(1) tells it; inodes only if it does."""
        total, used, available = _df(self._ask(("df", "-kP", _plain(path)), path).out)
        inodes = self.run(("df", "-iP", path), READ_S)
        number, _, free = _df(inodes.out) if inodes.code == 0 else (0, 0, 0)
        return FilesystemUse(total * _KIB, (total - used) * _KIB, available * _KIB, number, free)

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """Run a program; its words never reach a shell unquoted, and it gets no input.

        Raises:
            MissingTool: it is not installed there.
            MachineLost: the connection has ended.
            SourceFailed: it took too long, printed too much, or was killed.
        """
        # An end of input sent by us may come after the channel is closed, for which OpenSSH hangs up.
        command = f"LC_ALL=C LANG=C {shlex.join(argv)} </dev/null"
        until = time.monotonic() + timeout
        if not self._turns.acquire(timeout=timeout):
            raise SourceFailed(f"{argv[0]} did not get its turn within {timeout:g} s")
        try:
            code, out, err = self._talk(command, until)
        except TimeoutError as error:
            raise SourceFailed(f"{argv[0]} took longer than {timeout:g} s") from error
        except _TooMuch as error:
            raise SourceFailed(f"{argv[0]} printed more than {MAX_OUTPUT} bytes") from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise self._broken(error) from error
        finally:
            self._turns.release()
        if code == _NOT_FOUND:
            raise MissingTool(f"{argv[0]} is not installed there")
        return CommandResult(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    def _broken(self, error: Exception) -> SourceFailed:
        self._transport.join(_ENDING_S)
        kind = SourceFailed if self._transport.is_active() else MachineLost
        return kind(f"the connection ended: {error or type(error).__name__}")

    def _talk(self, command: str, until: float) -> tuple[int, bytes, bytes]:
        allow(self._transport, _ON_THE_WIRE)
        with self._open(until) as channel:
            channel.settimeout(max(until - time.monotonic(), 0.1))
            channel.exec_command(command)
            out, err = _drain(channel, until)
            if not channel.status_event.wait(max(until - time.monotonic(), 0.1)):
                raise TimeoutError
            code = channel.recv_exit_status()
        if code < 0:
            raise EOFError("the other side hung up")
        return code, out, err

    def _open(self, until: float) -> paramiko.Channel:
        # The other side counts a session until it has heard that it is over.
        patience = min(time.monotonic() + _FULL_S, until)
        while True:
            try:
                return self._transport.open_session(timeout=max(until - time.monotonic(), 0.1))
            except paramiko.SSHException:
                # Of two refusals at once paramiko tells only one by its own name.
                if time.monotonic() >= patience or not self._transport.is_active():
                    raise
                time.sleep(_PAUSE_S)

    def _ask(self, argv: Sequence[str], path: str) -> CommandResult:
        result = self.run(argv, READ_S)
        if result.code == 0:
            return result
        why = result.err.strip()[:200]
        if "No such file" in why or "Not a directory" in why:
            raise Unsupported(f"{path} does not exist")
        if "ermission denied" in why or "not permitted" in why:
            raise Denied(f"{path} may not be read")
        if argv[0] == "readlink" and not why:
            raise Unsupported(f"{path} is no link, or does not exist")
        raise SourceFailed(f"{path}: {why or f'{argv[0]} ended with {result.code}'}")


class _TooMuch(Exception):
    """A program printed more than it may."""


def _drain(channel: paramiko.Channel, until: float) -> tuple[bytes, bytes]:
    # Both streams share a window of 2 MiB: a program that prints nothing but errors stops there, in time.
    return _all(channel, channel.recv, until), _all(channel, channel.recv_stderr, until)


def _all(channel: paramiko.Channel, receive: Callable[[int], bytes], until: float) -> bytes:
    printed = bytearray()
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        data = receive(_CHUNK)
        if not data:
            return bytes(printed)
        printed += data
        if len(printed) > MAX_OUTPUT:
            raise _TooMuch


def _plain(path: str) -> str:
    if not _PLAIN_PATH.fullmatch(path) or ".." in path.split("/"):
        raise Unsupported(f"{path!r} is no path that is asked for over SSH")
    return path


def _df(text: str) -> tuple[int, int, int]:
    """Return total, used and available of the last line that df -P prints (POSIX.1-2017, df)."""
    for line in reversed(text.splitlines()):
        if found := _USE.search(line):
            return int(found[1]), int(found[2]), int(found[3])
    raise SourceFailed("df printed nothing that can be read")
