"""`make bench`: runs the benchmarks, or those named, and prints every figure with its goal."""

from __future__ import annotations

import importlib
import sys

SECTIONS = {
    "engine": "tests.bench.engine:engine_figures",
    "matching": "tests.bench.matching:matching_figures",
    "pipeline": "tests.bench.pipeline:pipeline_figures",
    "storm": "tests.bench.storm:storm_figures",
    "desks": "tests.bench.desks:desks_figures",
    "probe": "tests.bench.probe:probe_figures",
    "call": "tests.bench.call:call_figures",
    "reload": "tests.bench.reload:reload_figures",
    "start": "tests.bench.start:start_figures",
    "asking": "tests.bench.asking:asking_figures",
    "footprint": "tests.bench.footprint:footprint_figures",
    "cold": "tests.bench.cold:cold_figures",
}
# These take long and fetch packages; they run when they are named.
HEAD_TO_HEAD = {
    "prometheus": "tests.bench.prometheus:prometheus_figures",
    "insights": "tests.bench.insights:insights_figures",
}


def main() -> int:
    """Run the named sections, all by default; exit 1 if a goal was missed."""
    wanted = sys.argv[1:] or list(SECTIONS)
    known = SECTIONS | HEAD_TO_HEAD
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"there is no section {unknown[0]}; known are {', '.join(known)}", file=sys.stderr)
        return 2
    missed = 0
    for name in wanted:
        module, _, function = known[name].partition(":")
        print(f"{name}:", flush=True)
        for figure in getattr(importlib.import_module(module), function)():
            print(figure, flush=True)
            missed += not figure.met
    print(f"{missed} goals missed" if missed else "all goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
