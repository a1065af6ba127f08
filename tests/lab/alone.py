"""Plays a fault that the caller's line does not survive: the probe looks by itself, its digits are read out.

An operator's build knows what it may measure towards; it is laid over the probe's package on the customer's
machine. Where the probe reaches the collector all the same, the call is judged as any other.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from hotline_collector.console.errors import ConsoleError
from hotline_proto.v1 import agent_pb2 as pb

from tests.bench.processes import Collector, Probe, Watch, call_of
from tests.lab import judge
from tests.lab.lab import (
    ANCHORS,
    COLLECTOR,
    COLLECTOR_NAME,
    COLLECTOR_PORT,
    KNOWN_NAME,
    PORTAL_URL,
    TIME_SERVER,
    Lab,
    Surroundings,
)
from tests.lab.machine import ROOT
from tests.lab.namespaces import LabError
from tests.lab.play import prepared
from tests.lab.result import Result
from tests.lab.scenario import Scenario

_PACKAGE = ROOT / "probe" / "hotline_probe"
_PRESET = f"""\
name = "Lab"
host = "{COLLECTOR_NAME}"
port = {COLLECTOR_PORT}
addresses = ["{COLLECTOR}"]
anchors = ["{ANCHORS[0]}:443", "{ANCHORS[1]}:443"]
known_names = ["{KNOWN_NAME}"]
ntp_servers = ["{TIME_SERVER}"]
portal_urls = ["{PORTAL_URL}"]
"""
_LAY_OVER = """
mkdir -p /run/build
mount -t tmpfs build /run/build
cat > /run/build/operator.toml <<'END'
{preset}END
mount -t overlay -o lowerdir=/run/build:{package} overlay {package}
"""


def play_alone(
    scenario: Scenario, way: str, heard: bool, around: Surroundings, collector: Collector
) -> Result:
    """Return what came of a scenario without another line; `way` is "live" or "local".

    `heard` tells whether the digits can carry the cause to the agent.
    """
    result = Result(scenario.name, scenario.family, [cause.rule for cause in scenario.causes])
    began = time.monotonic()
    try:
        with prepared(scenario, around) as lab, call_of(collector, scenario.complaint) as (call_id, link):
            _lay_over(lab)
            _Alone(scenario, lab, collector, call_id, result).run(link, way, heard)
    except (LabError, ConsoleError, RuntimeError, OSError) as error:
        result.troubles.append(f"{type(error).__name__}: {error}"[-2000:])
    result.took = time.monotonic() - began
    return result


def _lay_over(lab: Lab) -> None:
    lab.customer.sh(_LAY_OVER.format(preset=_PRESET, package=_PACKAGE))


@dataclass(slots=True)
class _Alone:
    scenario: Scenario
    lab: Lab
    collector: Collector
    call_id: str
    result: Result

    def run(self, link: str, way: str, heard: bool) -> None:
        """Start the probe with the true link, and follow the way that it takes."""
        with (
            Watch(self.collector.agent, self.call_id) as watch,
            Probe(
                link,
                self.lab.folder,
                self.scenario.checks,
                wrap=lambda argv: self.lab.caller(argv, root=self.scenario.root),
            ) as probe,
        ):
            began = probe.started
            taken = probe.event(lambda body: body["event"] in ("consent", "local")).body["event"]
            if taken == "consent":
                self._agent_sees(watch, began)
            else:
                self._caller_sees(probe, began)
                digits = probe.event(lambda body: body["event"] == "local_digits").body["digits"]
                if heard:
                    self.collector.agent.enter_spoken(self.call_id, digits)
                    self._agent_sees(watch, began)
            if (taken == "consent") != (way == "live"):
                self.result.troubles.append(f"it went the {'live' if taken == 'consent' else 'local'} way")

    def _caller_sees(self, probe: Probe, began: float) -> None:
        """Judge what the caller's own screen names first."""
        event = probe.event(lambda body: body["event"] in ("local_cause", "local_none"))
        self.result.to_name = self.result.to_cause = event.at - began
        self._note(event.body)

    def _note(self, body: dict[str, Any]) -> None:
        [cause] = self.scenario.causes
        self.result.found = str(body.get("rule", ""))
        right = self.result.found == cause.rule and cause.entity in ("", body["entity"])
        self.result.rank = int(right)
        if not right:
            self.result.troubles.append(f"the caller reads {body}")

    def _agent_sees(self, watch: Watch, began: float) -> None:
        """Wait until the agent sees the cause first; entities that were read out have names of their own."""
        [cause] = self.scenario.causes
        last = pb.CallView()

        def right(view: pb.CallView) -> bool:
            last.CopyFrom(view)
            found = judge.active(self.scenario, view)
            return bool(found) and found[0].rule == cause.rule

        try:
            at, _ = watch.until(right, patience=self.scenario.patience)
        except RuntimeError:
            self.result.troubles.append("the agent sees " + judge.shown(last))
            return
        if not self.result.found:
            self.result.found, self.result.rank, self.result.to_cause = cause.rule, 1, at - began
        wrong = judge.unexpected(self.scenario, last)
        self.result.troubles += [f"the agent sees {judge.told(f)}" for f in wrong if f.rule != cause.rule]
