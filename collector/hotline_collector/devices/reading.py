"""One device that is being read: a process in a group of its own, bounded in words and time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping

from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.devices.report import MAX_LINE, Nonsense, failed, is_last, read_report

# The process itself gives up after 90 s, and needs a moment to start on a busy machine.
START_S = 120.0
# A device that somebody forgot must not keep its call open for ever.
READING_S = 8 * 3600.0
# The process itself leaves 3 s after the end of its input.
GRACE_S = 6.0
READER = (sys.executable, "-P", "-m", "hotline_probe.deviceworker")
# What a process needs of its environment; nothing of the collector's own settings, some of which are secret.
_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "SYSTEMROOT", "TZ")
_CHUNK = 64 * 1024
_AGENT = "SSH_AUTH_SOCK"
_log = logging.getLogger(__name__)

Report = Callable[[pb.DeviceReport], None]


class Reading:
    """Reads a device from now on; `report` hears how it stands until `leave`."""

    def __init__(
        self, order: Mapping[str, object], target: int, report: Report, argv: tuple[str, ...] = READER
    ) -> None:
        self._order = order
        self._target = target
        self._report = report
        self._argv = argv
        self._state = pb.DEVICE_STATE_UNSPECIFIED
        self._left = False
        self._process: Process | None = None
        self.done = asyncio.create_task(self._run(), name="device")

    def agree(self, proposal_id: str) -> None:
        """Let one action be done there."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(json.dumps({"agreed": proposal_id}).encode() + b"\n")

    def leave(self) -> None:
        """Read no more: the device's session says goodbye, and nothing is reported."""
        self._left = True
        self._dismiss()

    # ---- inside -------------------------------------------------------------------------------
    async def _run(self) -> None:
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=MAX_LINE,
                cwd="/",
                env=_environment(agent=bool(self._order["agent"])),
                start_new_session=True,
            )
        except OSError as error:
            _log.error("no process can be started to read a device: %s", error)
            self._tell(failed(self._target))
            return
        try:
            await self._follow(process)
        except Nonsense as error:
            _log.warning("the process that reads a device is ended: %s", error)
        except TimeoutError:
            _log.warning("the process that reads a device is ended: its time is over")
        finally:
            self._kill()
            await _gone(process)
        if not is_last(self._state):
            self._tell(self._last_words())

    async def _follow(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        if self._left:
            self._dismiss()
        with contextlib.suppress(ConnectionError):
            process.stdin.write(json.dumps(self._order).encode() + b"\n")
            await process.stdin.drain()
        # Nothing here needs the secrets any more.
        self._order = {}
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(START_S) as limit:
            while line := await _line(process.stdout):
                report = read_report(line, self._target, self._state)
                self._state = report.state
                self._tell(report)
                if is_last(report.state):
                    break
                if report.state == pb.DEVICE_STATE_READING:
                    limit.reschedule(loop.time() + READING_S)

    def _tell(self, report: pb.DeviceReport) -> None:
        if not self._left:
            self._report(report)

    def _last_words(self) -> pb.DeviceReport:
        if self._state == pb.DEVICE_STATE_READING:
            return pb.DeviceReport(target=self._target, state=pb.DEVICE_STATE_ENDED)
        return failed(self._target)

    def _dismiss(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            asyncio.get_running_loop().call_later(GRACE_S, self._kill)

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


async def _line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line, empty at the end.

    Raises:
        Nonsense: it is too long, or not a whole one.
    """
    try:
        line = await stream.readline()
    except ValueError:
        raise Nonsense(f"a line has more than {MAX_LINE} bytes") from None
    if line and not line.endswith(b"\n"):
        raise Nonsense("it stopped within a line")
    return line


async def _gone(process: Process) -> None:
    """Return when a killed process is gone; asyncio notices that only once all it said has been taken in."""
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_S):
            while await process.stdout.read(_CHUNK):
                continue
            await process.wait()


def _environment(*, agent: bool) -> dict[str, str]:
    kept = (*_KEPT, _AGENT) if agent else _KEPT
    return {name: os.environ[name] for name in kept if name in os.environ}
