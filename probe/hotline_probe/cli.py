"""The command `hotline-probe`: from the arguments to the exit code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import TextIO

from hotline_probe.actions.elevate import OPTION as RUN_ACTION
from hotline_probe.actions.elevate import run_action
from hotline_probe.errors import UsageError
from hotline_probe.keyboard import Keyboard
from hotline_probe.options import Options, read_options
from hotline_probe.status import HumanScreen, JsonScreen
from hotline_probe.terminalface import TerminalFace
from hotline_probe.visit import FAILED, INTERRUPTED, USAGE, Visit


def main(argv: list[str] | None = None) -> int:
    """Run the probe and return its exit code."""
    # gRPC's core writes its own complaints to standard error; ours are for the caller.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    for stream in (sys.stdout, sys.stderr):
        _forgiving(stream)
    words = sys.argv[1:] if argv is None else argv
    try:
        if words[:1] == [RUN_ACTION]:
            return run_action(words[1:], sys.stdin, sys.stdout)
        options = read_options(argv)
        face = _terminal(options)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    logging.basicConfig(level=logging.INFO if options.verbose else logging.CRITICAL, format="%(message)s")
    try:
        return asyncio.run(_at_terminal(options, face))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    finally:
        options.transcript.close()


async def _at_terminal(options: Options, face: TerminalFace) -> int:
    visit = Visit(options, face)
    if not options.preview:
        _on_signals(visit.stop)
    return await visit.run()


def _terminal(options: Options) -> TerminalFace:
    """Return the face at the terminal.

    Raises:
        UsageError: there is no code, and nobody who could be asked for it.
    """
    keyboard = Keyboard(sys.stdin)
    if not (options.code or options.preview or options.local or keyboard.interactive):
        raise UsageError(options.texts.code_length)
    screen = JsonScreen() if options.json else HumanScreen(options.texts, options.colour)
    return TerminalFace(screen, keyboard, options.texts)


def _on_signals(stop: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    for name, reason in (("SIGINT", "caller_ended"), ("SIGTERM", "shutdown"), ("SIGHUP", "shutdown")):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stop, reason)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_, why=reason: loop.call_soon_threadsafe(stop, why))


def _forgiving(stream: TextIO) -> None:
    # A console that cannot show an umlaut shows a question mark rather than a traceback.
    with contextlib.suppress(AttributeError, ValueError):
        stream.reconfigure(errors="replace")  # type: ignore[attr-defined]
