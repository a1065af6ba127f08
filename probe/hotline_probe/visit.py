"""One run of the program: the way into a call, the call, and how it ended."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence

from hotline_proto.catalogue import load_wordless_catalogue

from hotline_probe.aim import Aim
from hotline_probe.assemble import assemble
from hotline_probe.consent import Consent, ask_basic, says_granted
from hotline_probe.errors import JoinRefused, LinkError, ProbeError, Untrusted, UsageError
from hotline_probe.face import Face, Sentence, plain
from hotline_probe.hello import probe_info
from hotline_probe.join import Joined, join
from hotline_probe.link import LinkEnd
from hotline_probe.options import BundleOrder, Options
from hotline_probe.preview import print_preview, take_preview
from hotline_probe.reach import find_way, plan_routes
from hotline_probe.session import Session

ENDED, FAILED, USAGE, NO_CALL, DENIED, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Visit:
    """What the program does, whatever face the caller sees; the caller can end it at any time."""

    def __init__(self, options: Options, face: Face) -> None:
        self._options = options
        self._face = face
        self._session: Session | None = None
        self._task: asyncio.Task[object] | None = None
        self._interrupted = False
        self._stopped = False

    async def run(self) -> int:
        """Return the exit code; the caller has been told everything then."""
        self._task = asyncio.current_task()
        face = self._face
        try:
            code = await self._purpose()
        except asyncio.CancelledError:
            if not self._interrupted:
                raise
            face.event("end", lambda t: t.ended_interrupted, by="caller", reason="interrupted")
            return INTERRUPTED
        except UsageError as error:
            face.event("error", plain(str(error)))
            code = USAGE
        except (LinkError, JoinRefused) as error:
            face.event("error", plain(str(error)))
            code = NO_CALL
        except ProbeError as error:
            face.event("error", plain(str(error)))
            code = FAILED
        if not self._stopped:
            await face.ended()
        return code

    @property
    def in_call(self) -> bool:
        """Whether there is a session."""
        return self._session is not None

    def end(self) -> None:
        """End the call as its caller wants it; before the call, end the program."""
        if self._session is None:
            self.stop("caller_ended")
        else:
            self._session.end()

    def revoke_personal(self) -> None:
        """Take back the consent to personal facts."""
        if self._session is not None:
            self._session.revoke_personal()

    def stop(self, reason: str) -> None:
        """End for a reason from outside; asked for twice, do not even wait for the goodbye."""
        self._stopped = True
        if self._task is not None and (self._session is None or self._interrupted):
            self._interrupted = True
            self._task.cancel()
            return
        self._interrupted = reason == "caller_ended"
        if self._session is not None:
            self._session.end(reason)

    async def _purpose(self) -> int:
        if self._options.preview:
            return await self._preview()
        self._face.start(self)
        if self._options.bundle is not None:
            return await self._bundle(self._options.bundle)
        if self._options.local:
            return await self._local(lambda t: t.local_intro, ENDED)
        return await self._call()

    async def _preview(self) -> int:
        options, face = self._options, self._face
        kit = assemble(options, face)
        granted = options.consent or Consent()
        kit.redactor.personal = granted.personal
        runs = await take_preview(kit)
        if not options.json:
            texts = face.texts
            how = texts.preview_in_clear if granted.personal else texts.preview_stand_ins
            face.event("preview", lambda t: t.preview_intro.format(personal=how))
        print_preview(runs, kit.catalogue, sys.stdout, options.json)
        if not options.json:
            face.event("preview", lambda t: t.preview_nothing_sent)
        return ENDED

    async def _call(self) -> int:
        options, face = self._options, self._face
        face.event("warning", lambda t: t.did_you_call)
        face.event("privacy", lambda t: t.cannot_see)
        if options.consent is None and not face.interactive:
            face.event("error", lambda t: t.consent_not_interactive)
            return DENIED
        code = await face.ask_code(options.aiming.read, options.code)
        if code is None:
            raise UsageError(face.texts.code_length)
        options.aim = aim = options.aiming.read(code, face.texts)
        try:
            joined = await self._join(aim)
        except LinkError as error:
            proof = aim.expected
            if isinstance(error, Untrusted) and not (proof.fingerprint or proof.ca):
                raise
            # Whoever answers in place of the call centre is a fault of the network: a sign-in page, a filter.
            face.event("error", plain(str(error)))
            return await self._local(lambda t: t.local_unreachable, NO_CALL)
        kit = assemble(options, face, joined.salt)
        consent = options.consent or await ask_basic(face, kit.catalogue)
        if consent is None or not consent.basic:
            face.event("denied", (lambda t: t.consent_denied) if consent else (lambda t: t.consent_silent))
            return DENIED
        layers = sorted(consent.granted)
        face.event("consent", says_granted(consent), granted=layers)
        if face.interactive:
            face.event("keys", lambda t: t.keys)
        self._session = Session(kit, joined, consent)
        return self._farewell(await self._session.run())

    async def _local(self, intro: Sentence, code: int) -> int:
        """Look for the fault without a call centre, as often as the caller wants."""
        from hotline_probe.local.face import again, show_diagnosis  # noqa: PLC0415 - seldom, and costs memory

        self._face.event("local", intro)
        while True:
            await show_diagnosis(assemble(self._options, self._face), self._options)
            if not await again(self._face):
                return code

    async def _bundle(self, order: BundleOrder) -> int:
        """Write what would be sent into a file."""
        from hotline_probe.bundling import make_bundle  # noqa: PLC0415 - seldom, and costs memory

        options, face = self._options, self._face
        if options.consent is None and not face.interactive:
            face.event("error", lambda t: t.consent_not_interactive)
            return DENIED
        return ENDED if await make_bundle(assemble(options, face), options, order) else DENIED

    async def _join(self, aim: Aim) -> Joined:
        face, target = self._face, aim.target
        face.event("connecting", lambda t: t.connecting)
        routes = plan_routes(target.host, target.port, target.addresses, self._options.proxy)
        way = await find_way(routes, aim.expected, face.texts)
        joined = await join(
            way,
            target.code,
            probe_info(load_wordless_catalogue(), face.texts),
            texts=face.texts,
            on_busy=self._busy,
            on_sent=self._options.transcript.joining,
        )
        operator = aim.operator or joined.operator or target.host
        face.event(
            "joined",
            lambda t: (t.joined if joined.agent else t.joined_nameless).format(
                operator=operator, agent=joined.agent
            ),
            operator=operator,
            agent=joined.agent,
            session=joined.session_id,
        )
        face.event("words", lambda t: t.read_words.format(words=joined.words), words=joined.words)
        return joined

    def _busy(self, wait: float) -> None:
        self._face.event("busy", lambda t: t.busy.format(seconds=max(1, round(wait))))

    def _farewell(self, end: LinkEnd) -> int:
        face = self._face
        changed = self._session.still_changed() if self._session is not None else []
        if changed:
            say = _still_changed(changed)
            face.event("changed", say, titles=[title[face.texts.language] for title in changed])
        sentence: Sentence
        if self._interrupted:
            sentence, code = (lambda t: t.ended_interrupted), INTERRUPTED
        elif end.by == "probe":
            sentence, code = (lambda t: t.ended_caller), ENDED
        elif end.by == "collector":
            sentence, code = (lambda t: t.ended_agent), ENDED
        else:
            sentence, code = (lambda t: t.link_refused), NO_CALL
        face.event("end", sentence, by=end.by, reason=end.reason)
        return code


def _still_changed(changed: Sequence[Mapping[str, str]]) -> Sentence:
    return lambda t: t.still_changed.format(titles=", ".join(title[t.language] for title in changed))
