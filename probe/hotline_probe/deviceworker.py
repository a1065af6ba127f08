"""Reads one device for a collector, as a process of its own: `python -m hotline_probe.deviceworker`.

The order is one line of JSON on standard input. The input stays open as long as the device is to be read;
its end, however that comes about, ends this process. A line in between with the id of a proposal (`agreed`)
is the word of the device's owner for this one action. What happens goes to standard output, one line of JSON
each: `state` (connecting, reading, failed, ended), `trouble` and `fingerprint`. Nobody is asked anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from hotline_proto.catalogue import load_wordless_catalogue

from hotline_probe.actions.devices import DeviceActions
from hotline_probe.consent import Consent, Layer
from hotline_probe.devicekit import PLATFORM, NoPath, device_kit
from hotline_probe.deviceorder import LeadsAstray, Order, reached
from hotline_probe.devicereading import until_over
from hotline_probe.equipment import Equipment
from hotline_probe.errors import ProbeError
from hotline_probe.hello import probe_info
from hotline_probe.join import join
from hotline_probe.machine import LocalMachine, Machine
from hotline_probe.ownersface import OwnersFace
from hotline_probe.pseudonymkey import pseudonym_key
from hotline_probe.reach import Expectation, Route, find_way
from hotline_probe.redact import Redactor
from hotline_probe.runner import Runner
from hotline_probe.session import Session
from hotline_probe.source import Context, Settings, Source
from hotline_probe.ssh.address import parse_address
from hotline_probe.ssh.errors import HostKeyChanged, HostKeyUnknown, SshError, SshTrouble
from hotline_probe.targets import Reach, reach_of
from hotline_probe.texts import LANGUAGES
from hotline_probe.transcript import Transcript

# From the order until the device is being read; a collector that is busy may keep a join waiting.
BEGIN_S = 90.0
FAREWELL_S = 3.0
_MAX_ORDER = 64 * 1024
_MEBI = 1024 * 1024
# Measured: 180 MiB (mostly stacks of threads) while a device is read; more is a fault or an attack.
_MAX_MEMORY = 768 * _MEBI
_MAX_FILES = 128
# Words beside those of SshTrouble.
FORBIDDEN, FAILED = "forbidden", "reader_failed"
# Beside "reading": it has no SSH, and what it tells without a password is read instead.
FRITZBOX = "fritzbox_read"

Tell = Callable[..., None]


class Worker:
    """One device from order to end; `end` may come at any time."""

    def __init__(self, order: Order, tell: Tell) -> None:
        self._order = order
        self._tell = tell
        self._face = OwnersFace(LANGUAGES["en"])
        self._session: Session | None = None
        self._task: asyncio.Task[object] | None = None

    async def run(self) -> None:
        """Read the device until one side ends it, and tell how it went."""
        self._task = asyncio.current_task()
        try:
            await self._read()
        except (HostKeyUnknown, HostKeyChanged) as error:
            self._tell("failed", error.trouble.value, error.fingerprint)
        except SshError as error:
            self._tell("failed", error.trouble.value)
        except TimeoutError:
            self._tell("failed", SshTrouble.TOO_SLOW.value)
        except LeadsAstray:
            self._tell("failed", FORBIDDEN)
        except ProbeError:
            self._tell("failed", FAILED)

    def agree(self, proposal_id: str) -> None:
        """Take up that the device's owner agrees to an action."""
        self._face.agree(proposal_id)

    def end(self) -> None:
        """Say goodbye; without a session there is nothing to say it to."""
        if self._session is not None:
            self._session.end("shutdown")
        elif self._task is not None:
            self._task.cancel()

    async def _read(self) -> None:
        address = parse_address(self._order.address)
        self._tell("connecting")
        async with asyncio.timeout(BEGIN_S):
            if await reach_of(address.host) is Reach.FORBIDDEN:
                raise LeadsAstray
            machine, sources = await reached(address, self._order)
            self._session = await _begin(self._order, machine, self._face, sources)
        self._tell("reading", FRITZBOX if sources else "")
        lost = await until_over(self._session, machine)
        self._tell("ended", SshTrouble.ENDED.value if lost else "")


class _OwnersSession(Session):
    """A session in which nobody reads two words to anybody: its certificate proves who the collector is."""

    def words_confirmed(self) -> bool:
        """Whether actions may be proposed."""
        return True


async def _begin(order: Order, machine: Machine, face: OwnersFace, own_sources: Sequence[Source]) -> Session:
    texts, catalogue, own = face.texts, load_wordless_catalogue(), LocalMachine()
    route = Route(order.host, order.port, "" if order.at == order.host else order.at)
    joined = await join(
        await find_way([route], Expectation(order.proof), texts),
        order.code,
        probe_info(catalogue, texts, PLATFORM),
        texts=texts,
        on_busy=lambda _wait: None,
        on_sent=lambda _request: None,
    )
    key = pseudonym_key(own, joined.salt)
    context = Context(own, Settings(active=False))
    kit = Equipment(
        catalogue=catalogue,
        context=context,
        redactor=Redactor(catalogue, key, personal=False),
        performer=DeviceActions(machine, catalogue, lambda _kind: ()),
        runner=partial(Runner, (), context, NoPath()),
        face=face,
        transcript=Transcript(),
        key=key,
        sources=(),
    )
    consent = Consent({Layer.BASIC}, {Layer.PERSONAL})
    return _OwnersSession(device_kit(kit, machine, sources=own_sources), joined, consent)


def main() -> None:
    """Read the device that standard input names."""
    _bound()
    try:
        order = Order(**json.loads(sys.stdin.buffer.readline(_MAX_ORDER)))
    except (ValueError, TypeError):
        _tell("failed", FAILED)
        os._exit(2)
    try:
        asyncio.run(_serve(order))
    except ImportError:
        _tell("failed", FAILED)
    except asyncio.CancelledError:
        pass
    # Threads that hang at the device must not keep the process.
    os._exit(0)


async def _serve(order: Order) -> None:
    worker, loop = Worker(order, _tell), asyncio.get_running_loop()

    def listen() -> None:
        while line := sys.stdin.buffer.readline(_MAX_ORDER):
            with contextlib.suppress(ValueError, TypeError, KeyError, RuntimeError):
                loop.call_soon_threadsafe(worker.agree, str(json.loads(line)["agreed"]))
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(worker.end)
        time.sleep(FAREWELL_S)
        os._exit(0)

    threading.Thread(target=listen, name="orders", daemon=True).start()
    await worker.run()


def _tell(state: str, trouble: str = "", fingerprint: str = "") -> None:
    line = {"state": state, "trouble": trouble, "fingerprint": fingerprint}
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def _bound() -> None:
    """Limit what this process may use: it writes no file, and a dump of it would hold secrets.

    A device that has it compute all the time must not keep the collector waiting.
    """
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MAX_FILES),
        (resource.RLIMIT_DATA, _MAX_MEMORY),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
