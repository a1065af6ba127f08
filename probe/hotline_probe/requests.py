"""What the collector may ask of a probe, within limits: plans, follow-ups, checks, advice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from hotline_proto.catalogue import Catalogue, Cost
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.consent import Consent, Layer, ask_personal
from hotline_probe.errors import UsageError
from hotline_probe.face import Face, Question, Sentence, Topic
from hotline_probe.limits import Budget
from hotline_probe.machine import monotonic
from hotline_probe.source import Context
from hotline_probe.targets import MAX_TARGET, Reach, check_host, forbidden, reach_of
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

ASK_TIMEOUT = 300.0
MAX_CHECKS = 32
# A caller who has refused personal facts is not worn down.
MAX_PERSONAL = 3
# A plan cannot turn the probe into a scanner: so many measuring points in all, however often it changes.
MAX_POINTS = 24
MAX_ADVICE = 5
# Shortest interval in seconds that a plan may ask for.
_SHORTEST: Mapping[Cost, float] = {"cheap": 0.25, "moderate": 1.0, "expensive": 5.0}


class Planner(Protocol):
    """The part of the runner that requests steer."""

    def run_now(self, names: list[str]) -> None:
        """Run these once, at once."""
        ...

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Run these every so many seconds from now on."""
        ...


class Host(Protocol):
    """What requests need of the session."""

    @property
    def consent(self) -> Consent:
        """What the caller allows right now."""
        ...

    def words_confirmed(self) -> bool:
        """Whether the agent has entered the two words."""
        ...

    def decide_personal(self, allowed: bool) -> None:
        """Take up the caller's answer about personal facts."""
        ...

    def tell_consent(self) -> None:
        """Tell the collector what the caller allows."""
        ...

    def post(self, frame: pb.ProbeFrame) -> int:
        """Send a durable frame."""
        ...


class Requests:
    """Answers the collector's requests of one session."""

    def __init__(
        self,
        catalogue: Catalogue,
        context: Context,
        planner: Planner,
        *,
        host: Host,
        face: Face,
    ) -> None:
        self._catalogue = catalogue
        self._context = context
        self._planner = planner
        self._host = host
        self._face = face
        self._decided: dict[str, bool] = {}
        self._own: set[str] = set()
        self._asking: set[str] = set()
        self._points: set[str] = set()
        self._advice: tuple[tuple[str, str], ...] = ()
        self._plans, self._follow_ups, self._advices = Budget(20), Budget(60), Budget(20)
        self._checks, self._consents = Budget(10), Budget(10)
        self._personal_asked = 0
        self._asking_personal = False

    @staticmethod
    def now_us() -> int:
        """Return the probe's monotonic clock in microseconds."""
        return int(monotonic() * 1e6)

    def named_by_caller(self, check: str) -> None:
        """Add a check that the caller named: that is their yes. The next run of the checks has it."""
        self._decided[check] = True
        self._host.post(
            pb.ProbeFrame(check=pb.CheckDecision(check=check, allowed=True, named_by_caller=True))
        )
        self._add_check(check, own=True)

    def plan(self, plan: pb.Plan) -> None:
        """Measure what the plan says, not more often than is good for the machine."""
        if not self._plans.take():
            return
        intervals: dict[str, float] = {}
        for entry in plan.entries:
            spec = self._catalogue.sources.get(entry.source)
            if spec is not None and entry.interval_ms:
                intervals[spec.name] = max(entry.interval_ms / 1e3, _SHORTEST[spec.cost])
        before = self._context.settings
        self._context.settings = replace(
            before,
            anchors=self._allowed(plan.anchors, _is_place),
            known_names=self._allowed(plan.known_names, _is_name),
            ntp_servers=self._allowed(plan.ntp_servers, _is_name),
            active=plan.active,
            portal_urls=self._allowed(plan.portal_urls, _is_plain_page),
            ports=self._allowed(plan.ports, _is_place),
            load_url="".join(self._allowed([plan.load_url], _is_page)),
        )
        self._planner.plan(intervals)
        if self._context.settings != before:
            self._planner.run_now([name for name in intervals if self._catalogue.sources[name].path])

    def follow_up(self, request: pb.FollowUp) -> None:
        """Run some sources at once."""
        names = [name for name in dict.fromkeys(request.sources) if name in self._catalogue.sources]
        if names and self._follow_ups.take():
            self._planner.run_now(names)

    async def check(self, request: pb.CheckRequest) -> None:
        """Check something: public places at once, the caller's own network after a yes, metadata never."""
        check = request.check
        if check in self._asking:
            return
        if len(check) > MAX_TARGET:
            self._refuse(check[:MAX_TARGET])
            return
        allowed = self._decided.get(check)
        if allowed is None:
            allowed = await self._decide(check)
        if not allowed:
            self._refuse(check)
            return
        self._host.post(pb.ProbeFrame(check=pb.CheckDecision(check=check, allowed=True)))
        self._add_check(check, own=check in self._own)
        self._planner.run_now(["checks"])

    async def consent(self, request: pb.ConsentRequest) -> None:
        """Ask for personal facts; for a cause once, for the agent a few times, and never before the words."""
        consent = self._host.consent
        if request.layer != pb.CONSENT_LAYER_PERSONAL or self._asking_personal or not self._consents.take():
            return
        again = request.reason == pb.CONSENT_REASON_AGENT and self._personal_asked < MAX_PERSONAL
        decided = consent.personal or (Layer.PERSONAL in consent.declined and not again)
        if decided or not self._host.words_confirmed():
            self._host.tell_consent()
            return
        self._personal_asked += 1
        self._asking_personal = True
        try:
            allowed = await ask_personal(self._face, request)
        finally:
            self._asking_personal = False
        self._host.decide_personal(allowed)

    def advice(self, advice: pb.Advice) -> None:
        """Show causes on the caller's own screen when they change."""
        lines = tuple((line.text_en, line.text_de) for line in list(advice.lines)[:MAX_ADVICE])
        if lines == self._advice or not self._advices.take():
            return
        self._advice = lines
        for english, german in lines:
            self._face.event("advice", _advises(english, german))

    async def _decide(self, check: str) -> bool:
        if not self._checks.take() or len(self._decided) + len(self._asking) >= MAX_CHECKS:
            return False
        self._asking.add(check)
        try:
            allowed = self._decided[check] = await self._may_check(check)
        finally:
            self._asking.discard(check)
        return allowed

    async def _may_check(self, check: str) -> bool:
        try:
            reach = await reach_of(check_host(check))
        except UsageError:
            return False
        if reach is Reach.OWN_NETWORK:
            shown = harmless(check)
            asked = (lambda t: t.check_asked.format(check=shown),)
            question = Question(Topic.CHECK, lambda t: t.check_ask, asked, data={"check": shown})
            allowed = await self._face.ask_yes(question, ASK_TIMEOUT) is True
            if allowed:
                self._own.add(check)
            return allowed
        return reach is Reach.PUBLIC

    def _refuse(self, check: str) -> None:
        self._host.post(pb.ProbeFrame(check=pb.CheckDecision(check=check, allowed=False)))
        shown = harmless(check)
        self._face.event("check", lambda t: t.check_refused.format(check=shown), check=shown, allowed=False)

    def _add_check(self, check: str, *, own: bool) -> None:
        settings = self._context.settings
        checks, owns = settings.checks, settings.own_checks
        if check not in checks:
            checks = (*checks, check)
        if own and check not in owns:
            owns = (*owns, check)
        self._context.settings = replace(settings, checks=checks, own_checks=owns)
        shown = harmless(check)
        self._face.event("check", lambda t: t.check_running.format(check=shown), check=shown, allowed=True)

    def _allowed(self, points: Iterable[str], valid: Callable[[str], bool]) -> tuple[str, ...]:
        kept: list[str] = []
        for point in points:
            if point in self._points or (len(self._points) < MAX_POINTS and valid(point)):
                self._points.add(point)
                kept.append(point)
        return tuple(dict.fromkeys(kept))


def _is_place(text: str) -> bool:
    try:
        return "://" not in text and not forbidden(check_host(text))
    except UsageError:
        return False


def _is_page(text: str) -> bool:
    try:
        return text.startswith(("http://", "https://")) and not forbidden(check_host(text))
    except UsageError:
        return False


def _is_plain_page(text: str) -> bool:
    return text.startswith("http://") and _is_page(text)


def _is_name(text: str) -> bool:
    try:
        return not forbidden(check_host(text if text.startswith("[") else f"{text}:1"))
    except UsageError:
        return False


def _advises(english: str, german: str) -> Sentence:
    return lambda t: t.advice.format(text=harmless(_by_language(english, german, t)))


def _by_language(english: str, german: str, texts: Texts) -> str:
    return german if texts.language == "de" else english
