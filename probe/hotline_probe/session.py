"""One session: what the sources find goes out, what the agent asks comes in, the caller stays in charge."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

from hotline_proto.facts import SourceRun
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.backoff import Backoff
from hotline_probe.consent import Consent, Layer, says_granted
from hotline_probe.equipment import Equipment
from hotline_probe.face import Status
from hotline_probe.hello import boot_pseudonym, probe_info
from hotline_probe.join import Joined
from hotline_probe.link import Link, LinkEnd, LinkState
from hotline_probe.measuring import Readings
from hotline_probe.proposals import Proposals
from hotline_probe.questions import Questions
from hotline_probe.requests import Requests
from hotline_probe.spool import Spool
from hotline_probe.terminal import harmless
from hotline_probe.waiting import Waiting


class Session:
    """Lives from consent to goodbye, over any number of connections."""

    def __init__(
        self,
        equipment: Equipment,
        joined: Joined,
        consent: Consent,
        spool: Spool | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._kit = equipment
        self._joined = joined
        self._consent = consent
        self._confirmed = False
        self._status = Status(agent=joined.agent, words=joined.words)
        self._seen: set[str] = set()
        self._first_look = True
        self._waiting = Waiting()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._spool = spool or Spool()
        self._link = Link(joined.way, joined.token, self._spool, self, backoff)
        self._readings = Readings(equipment.catalogue, equipment.redactor, self._spool, self._spooled)
        self._runner = equipment.runner(self._run_finished)
        specs = [equipment.catalogue.sources[name] for name in equipment.sources]
        self._planned = {spec.name: spec.interval for spec in specs if spec.interval}
        kit = equipment
        self._proposals = Proposals(
            kit.performer, self, kit.face, kit.accepted, lists=kit.lists, known=kit.known
        )
        self._requests = Requests(kit.catalogue, kit.context, self._runner, host=self, face=kit.face)
        self._questions = Questions(kit.face, lambda answer: self.post(pb.ProbeFrame(answer=answer)))
        self._devices = kit.devices(self, joined) if kit.devices is not None else None
        self._apply_consent()

    async def run(self) -> LinkEnd:
        """Measure and send until one side ends the call.

        Raises:
            ProbeError: the transcript cannot be kept, so nothing may be sent any more.
        """
        for check in self._kit.checks:
            self._requests.named_by_caller(check)
        self._proposals.tell_what_stays()
        self._runner.plan(self._planned)
        self._runner.start()
        try:
            return await self._link.run()
        finally:
            self._readings.stop()
            self._runner.stop()
            if self._devices is not None:
                await self._devices.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._spool.close()

    @property
    def in_call(self) -> bool:
        """Whether the caller is in a call: as long as there is a session."""
        return True

    def end(self, reason: str = "caller_ended") -> None:
        """End the call: nothing is sent any more but the goodbye."""
        self._readings.stop()
        if self._devices is not None:
            self._devices.end(reason)
        self._link.close(reason)

    def still_changed(self) -> list[Mapping[str, str]]:
        """Return the titles, by language, of actions that were done and not taken back."""
        elsewhere = self._devices.still_changed() if self._devices is not None else []
        return [*self._proposals.still_changed(), *elsewhere]

    def revoke_personal(self) -> None:
        """From this moment send no personal value, not even one that waits in the spool."""
        if not self._consent.personal:
            return
        self._consent.decline(Layer.PERSONAL)
        self._apply_consent()
        self._spool.drop_readings()
        self.tell_consent()
        self._readings.catch_up()
        granted = sorted(self._consent.granted)
        self._kit.face.event("consent", lambda t: t.personal_revoked, granted=granted)

    def decide_personal(self, allowed: bool) -> None:
        """Take up the caller's answer about personal facts."""
        if allowed:
            self._consent.grant(Layer.PERSONAL)
        else:
            self._consent.decline(Layer.PERSONAL)
        self.tell_consent()
        if allowed:
            self._apply_consent()
            self._readings.send_again()
        say = says_granted(self._consent) if allowed else (lambda t: t.personal_declined)
        self._kit.face.event("consent", say, granted=sorted(self._consent.granted))

    def tell_consent(self) -> None:
        """Tell the collector what the caller allows."""
        self.post(pb.ProbeFrame(consent=self._consent.state()))

    @property
    def consent(self) -> Consent:
        """What the caller allows right now."""
        return self._consent

    # What the link needs.

    def hello(self) -> pb.Hello:
        """Return the first frame of a connection."""
        return pb.Hello(
            probe=probe_info(self._kit.catalogue, self._kit.face.texts, self._kit.platform),
            boot_id=boot_pseudonym(self._kit.own or self._kit.context.machine, self._kit.key),
            nonce=self._joined.nonce,
            consent=self._consent.state(),
            wall_us=int(time.time() * 1e6),
        )

    def sending(self, frame: bytes) -> None:
        """Keep the caller's copy of what leaves."""
        self._kit.transcript.sending(frame)

    def welcomed(self, welcome: pb.Welcome, round_trip: float) -> None:
        """Compare clocks, and send the full state if the spool gave up readings."""
        theirs = welcome.wall_us / 1e6
        if theirs > 0:
            offset = time.time() - round_trip / 2 - theirs
            self._kit.context.settings = replace(self._kit.context.settings, collector_offset=offset)
        self._readings.catch_up()

    def link_changed(self, state: LinkState, retry_in: float) -> None:
        """Show it."""
        self._show(link=state, retry_in=retry_in)

    def received(self, frame: pb.CollectorFrame) -> None:
        """Do what the collector asks for, within limits."""
        match frame.WhichOneof("body"):
            case "plan":
                self._requests.plan(frame.plan)
            case "follow_up":
                self._requests.follow_up(frame.follow_up)
            case "question":
                self._spawn(self._questions.ask(frame.question))
            case "question_gone":
                self._questions.gone(frame.question_gone.id)
            case "check":
                self._spawn(self._requests.check(frame.check))
            case "advice":
                self._requests.advice(frame.advice)
            case "action":
                self._spawn(self._proposals.propose(frame.action))
            case "undo":
                self._spawn(self._proposals.undo(frame.undo))
            case "call":
                self._call_changed(frame.call)
            case "consent":
                self._spawn(self._requests.consent(frame.consent))
            case "device" if self._devices is not None:
                self._spawn(self._devices.request(frame.device))

    # What requests and proposals need.

    def report(self, report: pb.ActionReport) -> int:
        """Tell the collector how an action stands; return the number of the frame."""
        return self.post(pb.ProbeFrame(action=report))

    def is_heard(self, number: int) -> bool:
        """Whether the collector keeps the frame of a number."""
        return self._spool.first_seq > number

    def local_key(self, kind: str, key: str) -> str | None:
        """Return the real key of an announced entity."""
        return self._readings.local_key(kind, key)

    def words_confirmed(self) -> bool:
        """Whether the agent has entered the two words."""
        return self._confirmed

    def post(self, frame: pb.ProbeFrame) -> int:
        """Number a frame, send it and return the number."""
        frame.mono_us = self._requests.now_us()
        number = self._spool.append(frame)
        self._link.wake()
        return number

    def _run_finished(self, run: SourceRun) -> None:
        # Called from the sources' threads; the loop may have ended meanwhile.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._readings.add, run)

    def _spooled(self, runs: list[SourceRun]) -> None:
        self._link.wake()
        kit = self._kit
        for run in runs:
            kit.face.event("run", source=run.source, status=run.status.word, note=run.note)
        self._seen.update(run.source for run in runs)
        self._show(measured=tuple(kit.catalogue.sources[run.source].title for run in runs))
        if self._first_look and self._seen >= self._planned.keys():
            self._first_look = False
            count = len(self._seen)
            kit.face.event("first_look", lambda t: t.first_look_done.format(count=count))

    def _call_changed(self, call: pb.CallState) -> None:
        kit, agent = self._kit, harmless(call.agent_name, 80)
        if agent and agent != self._status.agent:
            kit.face.event("agent", lambda t: t.agent_named.format(agent=agent), agent=agent)
            self._show(agent=agent)
        if (say := self._waiting.news(call)) is not None:
            kit.face.event("waiting", say, place=call.place)
        if call.words_confirmed != self._confirmed:
            self._confirmed = call.words_confirmed
            self._apply_consent()
            self._readings.send_again()
            if self._confirmed:
                kit.face.event("words_confirmed", lambda t: t.words_confirmed)

    def _apply_consent(self) -> None:
        self._kit.redactor.personal = self._consent.personal and self._confirmed

    def _show(self, **changes: Any) -> None:
        self._status = replace(self._status, **changes)
        self._kit.face.update(self._status)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= 50:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
