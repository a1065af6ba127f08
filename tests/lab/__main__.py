"""`make lab`: plays the scenarios of the fault lab and prints what was found, how soon, and what was wrong.

Exit codes: 0 all as expected, 1 a scenario failed or a goal was missed (with --goals only the latter),
2 wrong arguments, 3 the lab cannot run on this machine. How long it took decides nothing: machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time

from tests.lab.namespaces import LabError
from tests.lab.pool import play_all
from tests.lab.report import figures, heading, row, summary
from tests.lab.result import Result
from tests.lab.surroundings import enclose, enclosed, missing, surroundings
from tests.lab.trial import Trial
from tests.lab.trials import TRIALS

# Labs mostly wait; more than this on two processors, and they wait for each other.
JOBS = 8


def main(argv: list[str] | None = None) -> int:
    """Play the chosen scenarios; return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(arguments)
    chosen = _chosen(options.only, options.share)
    if isinstance(chosen, str):
        print(chosen, file=sys.stderr)
        return 2
    if lacking := missing():
        print(f"the lab cannot run: this machine {lacking}", file=sys.stderr)
        return 3
    if not enclosed():
        return enclose("tests.lab", arguments)
    try:
        return _play(chosen, options)
    except LabError as error:
        print(f"the lab cannot run: {error}", file=sys.stderr)
        return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="this scenario or family only"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object for each scenario")
    parser.add_argument(
        "--jobs", type=int, default=JOBS, metavar="N", help=f"labs side by side (default {JOBS})"
    )
    parser.add_argument(
        "--goals", action="store_true", help="let only the goals decide the exit code, not a single scenario"
    )
    parser.add_argument(
        "--share",
        default="1/1",
        metavar="K/N",
        help="only the K-th of N shares; 1/2 is every other one",
    )
    parser.add_argument("--list", action="store_true", help="print the names, one a line, and end")
    return parser


def _chosen(only: list[str], share: str) -> list[Trial] | str:
    """Return the trials that are named, all by default; a sentence if a name or the share makes no sense."""
    known = {trial.name for trial in TRIALS} | {trial.family for trial in TRIALS}
    unknown = [name for name in only if name not in known]
    if unknown:
        return f"there is no scenario or family {unknown[0]}; known are {', '.join(sorted(known))}"
    found = re.fullmatch(r"([1-9])/([1-9])", share)
    if found is None or int(found[1]) > int(found[2]):
        return f"{share} is no share; one is 1/2 or 2/2"
    named = [trial for trial in TRIALS if not only or {trial.name, trial.family} & set(only)]
    return named[int(found[1]) - 1 :: int(found[2])]


def _play(trials: list[Trial], options: argparse.Namespace) -> int:
    if options.list:
        print(*(trial.name for trial in trials), sep="\n")
        return 0
    began = time.monotonic()
    results: list[Result] = []
    with surroundings() as (around, collector):
        if not options.json:
            print(heading(), flush=True)
        for result in play_all(trials, around, collector, options.jobs):
            results.append(result)
            print(json.dumps(result.as_json()) if options.json else row(result), flush=True)
    if not options.json:
        print(f"{summary(results)}; {time.monotonic() - began:.0f} s in all")
    failed = [result for result in results if not result.passed and not options.goals]
    return 1 if failed or not figures(results).met else 0


if __name__ == "__main__":
    sys.exit(main())
