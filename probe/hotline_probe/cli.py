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

from hotline_proto.catalogue import load_catalogue

from hotline_probe.actions.elevate import OPTION as RUN_ACTION
from hotline_probe.actions.elevate import run_action
from hotline_probe.assemble import assemble
from hotline_probe.consent import Consent, ask_consent
from hotline_probe.errors import JoinRefused, LinkError, ProbeError, Untrusted, UsageError
from hotline_probe.join import Joined, join
from hotline_probe.keyboard import Keyboard
from hotline_probe.link import LinkEnd
from hotline_probe.options import Options, read_options
from hotline_probe.preview import print_preview, take_preview
from hotline_probe.reach import find_way, plan_routes
from hotline_probe.session import Equipment, Session, probe_info
from hotline_probe.status import HumanScreen, JsonScreen, Screen

ENDED, FAILED, USAGE, NO_CALL, DENIED, INTERRUPTED = 0, 1, 2, 3, 4, 130


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
        sys.stderr.write(f"{error}\n")
        return USAGE
    logging.basicConfig(level=logging.INFO if options.verbose else logging.CRITICAL, format="%(message)s")
    screen = JsonScreen() if options.json else HumanScreen(options.texts, options.colour)
    try:
        return asyncio.run(_Visit(options, screen).run())
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (LinkError, JoinRefused) as error:
        screen.event("error", str(error))
        return NO_CALL
    except ProbeError as error:
        screen.event("error", str(error))
        return FAILED
    finally:
        options.transcript.close()


class _Visit:
    """One run of the program."""

    def __init__(self, options: Options, screen: Screen) -> None:
        self._options = options
        self._screen = screen
        self._texts = options.texts
        self._keyboard = Keyboard(sys.stdin)
        self._session: Session | None = None
        self._interrupted = False

    async def run(self) -> int:
        if self._options.preview:
            return await self._preview(assemble(self._options, self._screen, self._keyboard))
        if self._options.local:
            return await self._local(self._texts.local_intro, ENDED)
        main_task = asyncio.current_task()
        assert main_task is not None
        _on_signals(lambda reason: self._stop(main_task, reason))
        try:
            return await self._call()
        except asyncio.CancelledError:
            if not self._interrupted:
                raise
            self._screen.event("end", self._texts.ended_interrupted, by="caller", reason="interrupted")
            return INTERRUPTED

    async def _preview(self, kit: Equipment) -> int:
        granted = self._options.consent or Consent()
        kit.redactor.personal = granted.personal
        runs = await take_preview(kit)
        if not self._options.json:
            texts = self._texts
            how = texts.preview_in_clear if granted.personal else texts.preview_stand_ins
            self._screen.event("preview", texts.preview_intro.format(personal=how))
        print_preview(runs, kit.catalogue, sys.stdout, self._options.json)
        if not self._options.json:
            self._screen.event("preview", self._texts.preview_nothing_sent)
        return ENDED

    async def _call(self) -> int:
        texts, screen = self._texts, self._screen
        screen.event("warning", texts.did_you_call)
        screen.event("privacy", texts.cannot_see)
        if self._options.consent is None and not self._keyboard.interactive:
            screen.event("error", texts.consent_not_interactive)
            return DENIED
        try:
            joined = await self._join()
        except LinkError as error:
            proof = self._options.expected
            if isinstance(error, Untrusted) and not (proof.fingerprint or proof.ca):
                raise
            # Whoever answers in place of the call centre is a fault of the network: a sign-in page, a filter.
            screen.event("error", str(error))
            return await self._local(texts.local_unreachable, NO_CALL)
        kit = assemble(self._options, self._screen, self._keyboard, joined.salt)
        self._keyboard.start(self._command)
        consent = self._options.consent or await self._ask_consent()
        if consent is None or not consent.basic:
            screen.event("denied", texts.consent_silent if consent is None else texts.consent_denied)
            return DENIED
        layers = sorted(consent.granted)
        screen.event("consent", texts.consent_given.format(layers=", ".join(layers)), granted=layers)
        if self._keyboard.interactive:
            screen.event("keys", texts.keys)
        self._session = Session(kit, joined, consent)
        return self._farewell(await self._session.run())

    async def _local(self, intro: str, code: int) -> int:
        """Look for the fault without a call centre, as often as the caller wants."""
        from hotline_probe.local.face import again, show_diagnosis  # noqa: PLC0415 - seldom, and costs memory

        self._screen.event("local", intro)
        self._keyboard.start(lambda _line: False)
        while True:
            await show_diagnosis(assemble(self._options, self._screen, self._keyboard), self._options)
            if not await again(self._screen, self._keyboard, self._texts):
                return code

    async def _join(self) -> Joined:
        options, texts, screen = self._options, self._texts, self._screen
        target = options.target
        assert target is not None
        screen.event("connecting", texts.connecting)
        routes = plan_routes(target.host, target.port, target.addresses, options.proxy)
        way = await find_way(routes, options.expected, texts)
        joined = await join(
            way,
            target.code,
            probe_info(load_catalogue(), texts),
            texts=texts,
            on_busy=lambda wait: screen.event("busy", texts.busy.format(seconds=max(1, round(wait)))),
            on_sent=options.transcript.joining,
        )
        sentence = texts.joined if joined.agent else texts.joined_nameless
        operator = options.operator or joined.operator or target.host
        screen.event(
            "joined",
            sentence.format(operator=operator, agent=joined.agent),
            operator=operator,
            agent=joined.agent,
            session=joined.session_id,
        )
        screen.event("words", texts.read_words.format(words=joined.words), words=joined.words)
        return joined

    async def _ask_consent(self) -> Consent | None:
        screen, keyboard = self._screen, self._keyboard

        async def ask(question: str, patience: float) -> str | None:
            try:
                return await keyboard.ask(lambda: screen.prompt(question), patience)
            finally:
                screen.answered()

        return await ask_consent(ask, lambda text: screen.event("list", text), self._texts, load_catalogue())

    def _command(self, line: str) -> bool:
        return self._session is not None and self._session.command(line)

    def _stop(self, main_task: asyncio.Task[object], reason: str) -> None:
        if self._session is None or self._interrupted:
            self._interrupted = True
            main_task.cancel()
            return
        self._interrupted = reason == "caller_ended"
        self._session.end(reason)

    def _farewell(self, end: LinkEnd) -> int:
        texts, screen = self._texts, self._screen
        changed = self._session.still_changed() if self._session is not None else []
        if changed:
            screen.event("changed", texts.still_changed.format(titles=", ".join(changed)), titles=changed)
        if self._interrupted:
            sentence, code = texts.ended_interrupted, INTERRUPTED
        else:
            sentence, code = {
                "probe": (texts.ended_caller, ENDED),
                "collector": (texts.ended_agent, ENDED),
                "refused": (texts.link_refused, NO_CALL),
            }[end.by]
        screen.event("end", sentence, by=end.by, reason=end.reason)
        return code


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
