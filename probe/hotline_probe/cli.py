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
from hotline_probe.errors import NoWindow, UsageError
from hotline_probe.keyboard import Keyboard
from hotline_probe.options import Options, read_options
from hotline_probe.status import HumanScreen, JsonScreen
from hotline_probe.terminal import HarmlessLog
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
    except UsageError as error:
        _complain(str(error))
        return USAGE
    handler = logging.StreamHandler()
    handler.setFormatter(HarmlessLog("%(message)s"))
    logging.basicConfig(level=logging.INFO if options.verbose else logging.CRITICAL, handlers=[handler])
    try:
        # A preview is text to keep, so it is printed whatever is asked for.
        if (options.window and not options.preview) or _opens_by_itself(options):
            try:
                return _in_window(options)
            except NoWindow as error:
                _complain(str(error))
        return asyncio.run(_at_terminal(options))
    except UsageError as error:
        _complain(str(error))
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    finally:
        options.transcript.close()


async def _at_terminal(options: Options) -> int:
    face = _terminal(options)
    visit = Visit(options, face)
    if not options.preview:
        _on_signals(visit.stop)
    try:
        return await visit.run()
    finally:
        face.close()


def _terminal(options: Options) -> TerminalFace:
    """Return the face at the terminal.

    Raises:
        UsageError: there is no code, and nobody who could be asked for it.
    """
    keyboard = Keyboard(sys.stdin)
    if not (options.code or options.preview or options.local or options.bundle or keyboard.interactive):
        raise UsageError(options.texts.code_length)
    screen = JsonScreen() if options.json else HumanScreen(options.texts, options.colour)
    return TerminalFace(screen, keyboard, options.texts)


def _in_window(options: Options) -> int:
    """Run in a window and return the exit code.

    Raises:
        NoWindow: none can be opened; the message is one sentence in the caller's language.
    """
    texts = options.texts
    try:
        from hotline_probe.window.start import run_in_window  # noqa: PLC0415 - Tk may be missing
    except ImportError as error:
        raise NoWindow(texts.no_tk) from error
    try:
        return run_in_window(options)
    except NoWindow as error:
        raise NoWindow(texts.no_window.format(detail=error)) from error


def _opens_by_itself(options: Options) -> bool:
    """Tell whether somebody must be asked and there is no terminal, as after a double click."""
    asks = options.consent is None and not (options.preview or options.json)
    if options.terminal or not asks:
        return False
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return not any(stream is not None and stream.isatty() for stream in streams) and _has_display()


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY"))


def _complain(sentence: str) -> None:
    # A program without a console has no standard error.
    if sys.stderr is not None:
        sys.stderr.write(sentence + "\n")


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
