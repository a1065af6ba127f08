"""insights-core's side of `insights`: runs in an environment of its own that holds nothing of ours.

    python insights_side.py FOLDER ROUNDS

`FOLDER/rules.json` holds the rules, `FOLDER/machines/NAME` each machine as insights-archive. Prints one JSON
line for each round: CPU seconds a machine and what was found on each.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from insights import combiners, parsers  # noqa: F401 - components register themselves when imported
from insights.core import dr
from insights.core.context import HostArchiveContext
from insights.core.plugins import make_fail, rule
from insights.parsers.df import DiskFree_ALP
from insights.parsers.meminfo import MemInfo
from insights.parsers.uptime import Uptime
from insights.specs import default, insights_archive  # noqa: F401 - as above


def main(folder: Path, rounds: int) -> None:
    """Run every round and print it."""
    rules = [build(spec) for spec in json.loads((folder / "rules.json").read_text())]
    graph: dict[Any, Any] = {}
    for item in rules:
        graph.update(dr.get_dependency_graph(item))
    machines = sorted((folder / "machines").iterdir())
    for _ in range(rounds):
        begin = time.process_time()
        found = {machine.name: judge(machine, rules, graph) for machine in machines}
        cost = (time.process_time() - begin) / len(machines)
        print(json.dumps({"cpu": cost, "found": found}), flush=True)


def judge(machine: Path, rules: list[Any], graph: dict[Any, Any]) -> list[str]:
    """Return the ids of the rules that a machine breaks."""
    broker = dr.Broker()
    broker[HostArchiveContext] = HostArchiveContext(root=str(machine))
    broker = dr.run(graph, broker=broker)
    return sorted(r.hotline_id for r in rules if (broker.get(r) or {}).get("type") == "rule")


def build(spec: dict[str, Any]) -> Any:
    """Return the rule that a line of the rule file describes."""
    memory, used, days = spec["memory"], spec["used"], spec["days"]

    def check(meminfo: Any, disks: Any, uptime: Any) -> Any:
        full = [d.mounted_on for d in disks if int(d.capacity.rstrip("%") or 0) / 100 > used]
        if meminfo.available / meminfo.total < memory and full and uptime.uptime.days > days:
            return make_fail("BROKEN", disks=full)
        return None

    check.__name__ = spec["id"].replace(".", "_")
    made = rule(MemInfo, DiskFree_ALP, Uptime)(check)
    made.hotline_id = spec["id"]
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
