"""Courses of events: what becomes of findings while the caller moves to another network, or the line goes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.json_format import MessageToDict
from hotline_collector.console.errors import ConsoleError
from hotline_collector.store.journal import SqliteJournal
from hotline_proto.record import EntryKind, unpack_entries
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import probe_pb2

from tests.bench.processes import Collector, Probe, Watch, call_of
from tests.lab.lab import Lab, Surroundings, laid_out
from tests.lab.namespaces import LabError, Namespace, run
from tests.lab.result import COURSE, Result

_TRANSCRIPT = "/dev/shm/transcript.jsonl"
_NAT = """
table ip nat {
  chain postrouting { type nat hook postrouting priority 100; oifname "out" masquerade; }
}
"""
_INVENTS = "net.dns.resolver_invents"
# The link is missed after 30 s at most, and its waits double up to 15 s.
_RECONNECT = 75.0
# The rule's own time for its proof, and some for a busy machine.
_PROOF = 150.0
_CUT = 20.0


class Failed(Exception):
    """What had to come did not; the message tells what there was instead."""


@dataclass(slots=True)
class Course:
    """A call that goes on while its surroundings change."""

    lab: Lab
    collector: Collector
    call_id: str
    watch: Watch
    probe: Probe

    def until(self, what: str, wanted: Callable[[pb.CallView], bool], patience: float) -> pb.CallView:
        """Wait for a view of the call.

        Raises:
            Failed: it did not come.
        """
        try:
            return self.watch.until(wanted, since=time.monotonic(), patience=patience)[1]
        except RuntimeError:
            view = self.collector.agent.get_call(self.call_id)
            if wanted(view):
                return view
            seen = [(f.rule, f.state, f.stale) for f in _every(view)]
            links = [(target.link, target.path) for target in view.targets]
            raise Failed(f"{what}: there is {seen}, {links}") from None

    def finding(self, rule: str, what: str, patience: float, *, stale: bool) -> pb.FindingView:
        """Wait until a finding is active, and stale or not."""

        def there(view: pb.CallView) -> bool:
            return any(f.rule == rule and f.state == "active" and f.stale == stale for f in _every(view))

        view = self.until(what, there, patience)
        return next(f for f in _every(view) if f.rule == rule)

    def connected(self) -> None:
        """Wait until the link is up, and words are confirmed."""
        self.probe.event(lambda body: body["event"] == "consent")
        words = self.probe.event(lambda body: body["event"] == "words").body["words"]
        self.until("connected", lambda view: _link(view) == "connected", 20)
        self.collector.agent.confirm_words(self.call_id, words)

    def could_not_verify(self, finding: pb.FindingView) -> None:
        """Let a fix be done, and see that nothing of this path proves anything about the other one."""
        agent = self.collector.agent
        steps = next(fix.index for fix in finding.fixes if not fix.action)
        fix = agent.propose_fix(self.call_id, finding.finding_id, steps)
        agent.update_fix(self.call_id, fix, "done")
        self.until(
            "could not verify",
            lambda view: any(one.fix_id == fix and one.state == "could_not_verify" for one in view.fixes),
            _PROOF,
        )

    def frames_are_whole(self) -> int:
        """See that every numbered frame is kept once, as it was sent; return how many."""
        folder = self.lab.around.folder / "data" / "hotline.db"
        record = asyncio.run(SqliteJournal(folder).read(self.call_id))
        entries = [entry for entry in unpack_entries(record) if entry.kind is EntryKind.PROBE_FRAME]
        kept = [frame for entry in entries if (frame := probe_pb2.ProbeFrame.FromString(entry.payload)).seq]
        numbers = [frame.seq for frame in kept]
        if numbers != list(range(1, len(numbers) + 1)):
            raise Failed(f"frames are missing or doubled: {numbers}")
        sent = {}
        for line in self.lab.customer.run(f"cat {_TRANSCRIPT}").splitlines():
            frame = json.loads(line).get("frame", {})
            if "seq" in frame:
                sent[int(frame["seq"])] = {**frame, "seq": int(frame["seq"])}
        for frame in kept:
            if sent.get(frame.seq) != {
                **MessageToDict(frame, preserving_proto_field_name=True),
                "seq": frame.seq,
            }:
                raise Failed(f"frame {frame.seq} is not kept as it was sent")
        return len(numbers)


def play_course(name: str, course: Callable[[Course], None], around: Surroundings, hub: Collector) -> Result:
    """Return what came of a course of events."""
    result, began = Result(name, COURSE, []), time.monotonic()
    try:
        with laid_out(around, "96m") as lab, call_of(hub, "The internet comes and goes") as (call_id, link):
            lab.customer.obtain_address()

            def wrap(argv: list[str]) -> list[str]:
                return lab.caller([*argv, "--transcript", _TRANSCRIPT])

            with Watch(hub.agent, call_id) as watch, Probe(link, lab.folder, wrap=wrap) as probe:
                course(Course(lab, hub, call_id, watch, probe))
    except (LabError, ConsoleError, Failed, RuntimeError, OSError) as error:
        result.troubles.append(f"{type(error).__name__}: {error}"[-2000:])
    result.took = time.monotonic() - began
    return result


def hotspot(course: Course) -> None:
    """A fault of the home's network is known; the caller takes the phone's hotspot, a card of its own."""
    course.connected()
    _invent_names(course)
    _other_network(course.lab, "eth1")
    finding = course.finding(_INVENTS, "stale on the hotspot", _RECONNECT, stale=True)
    course.until(
        "connected by the hotspot",
        lambda view: _link(view) == "connected" and view.targets[0].path.startswith("eth1"),
        _RECONNECT,
    )
    course.could_not_verify(finding)
    _still_there(course, finding)
    # The broken way is still looked at, as far as a machine can without its default route.
    facts = course.collector.agent.get_call(course.call_id, include_facts=True).facts
    if not any(f.fact == "net.interface.carrier" and f.entity == "eth0" and f.value for f in facts):
        raise Failed("nobody looks at eth0 any more")


def other_network(course: Course) -> None:
    """The same card joins another network, as a laptop does that takes the neighbour's Wi-Fi."""
    course.connected()
    _invent_names(course)
    _other_network(course.lab, "eth0")
    finding = course.finding(_INVENTS, "stale on the other network", _RECONNECT, stale=True)
    course.could_not_verify(finding)
    _still_there(course, finding)


def line_cut(course: Course) -> None:
    """The line is cut for a while and comes back; a fault that is there all the time keeps its name."""
    course.connected()
    course.lab.customer.sh("dd if=/dev/zero of=/home/kim/film bs=64k count=10000 2>/dev/null; true")
    before = course.finding("sto.fs.full", "disk full", 20, stale=False)
    port = course.lab.router.ns
    port.ip("link set port down")
    time.sleep(_CUT)
    port.ip("link set port up")
    course.until("connected again", lambda view: _link(view) == "connected", _RECONNECT)
    after = course.finding("sto.fs.full", "disk still full", _RECONNECT, stale=False)
    if (after.finding_id, after.onset_us) != (before.finding_id, before.onset_us):
        raise Failed("the finding began anew")
    if course.frames_are_whole() < 3:
        raise Failed("hardly anything was sent")


def _invent_names(course: Course) -> None:
    """Let the name server invent what it does not know; the link stays, so that the agent sees it."""
    course.lab.names.mode = "wildcard"
    course.finding(_INVENTS, "found", 30, stale=False)


def _other_network(lab: Lab, interface: str) -> None:
    """Join another router with a way out of its own, by a new card or by the one that is there."""
    n = lab.number
    other = Namespace(f"h{n}")
    lab.at_the_end(other.delete)
    customer = lab.customer.ns
    if interface == "eth0":
        customer.ip("link del eth0")
    run(f"ip link add {interface} netns {customer.name} type veth peer name home netns {other.name}")
    run(f"ip link add out netns {other.name} type veth peer name mobile netns {lab.internet.name}")
    for line in ("addr add 172.20.10.1/28 dev home", "link set home up", "addr add 100.65.0.2/30 dev out"):
        other.ip(line)
    lab.internet.ip("addr add 100.65.0.1/30 dev mobile")
    lab.internet.ip("link set mobile up")
    other.ip("link set out up")
    other.ip("route add default via 100.65.0.1")
    other.sysctl(net__ipv4__ip_forward=1)
    other.nft(_NAT)
    lab.customer.sh(
        f"ip addr add 172.20.10.2/28 dev {interface};"
        f"ip link set {interface} up;"
        f"ip route replace default via 172.20.10.1 dev {interface}"
    )


def _still_there(course: Course, finding: pb.FindingView) -> None:
    view = course.collector.agent.get_call(course.call_id)
    if any(one.finding_id == finding.finding_id for one in view.cleared):
        raise Failed("the finding of the other path was cleared")


def _every(view: pb.CallView) -> list[pb.FindingView]:
    found = [*view.causes, *view.also_noticed]
    return [*found, *(symptom for cause in found for symptom in cause.explains)]


def _link(view: pb.CallView) -> str:
    return view.targets[0].link if view.targets else ""


COURSES = {"move-to-hotspot": hotspot, "move-to-other-network": other_network, "line-cut-and-back": line_cut}
