"""Every trial of the fault lab is a test of its own; one `python -m tests.lab` plays all side by side."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.lab.machine import ROOT
from tests.lab.report import figures, summary
from tests.lab.result import Result
from tests.lab.surroundings import missing
from tests.lab.trials import TRIALS

# All of it takes about eight minutes on two processors that others use as well.
PATIENCE = 1500.0

pytestmark = [
    pytest.mark.root,
    pytest.mark.slow,
    pytest.mark.timeout(PATIENCE + 60),
    # One process of a parallel run plays the lab; the others need not start it again.
    pytest.mark.xdist_group("lab"),
]


class Run:
    """A run of the lab whose results are taken as they come."""

    def __init__(self, names: list[str]) -> None:
        self.results: dict[str, Result] = {}
        self._news = threading.Condition()
        only = [word for name in names for word in ("--only", name)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.lab", "--json", *only], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def of(self, name: str) -> Result:
        """Wait for the result of a trial."""
        with self._news:
            self._news.wait_for(lambda: name in self.results or not self._reader.is_alive(), PATIENCE)
            assert name in self.results, "the lab ended, or hangs, before this; its own output says why"
            return self.results[name]

    def stop(self) -> None:
        """End it; whatever it started ends with it."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            result = Result(**json.loads(line))
            with self._news:
                self.results[result.name] = result
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Run]:
    if lacking := missing():
        pytest.skip(f"the fault lab cannot run: this machine {lacking}")
    chosen = {
        trial.name
        for trial in TRIALS
        if any(f"[{trial.name}]" in item.name for item in request.session.items)
    }
    run = Run(sorted(chosen))
    yield run
    run.stop()


@pytest.mark.parametrize("name", [trial.name for trial in TRIALS])
def test_trial(lab: Run, name: str) -> None:
    result = lab.of(name)
    assert result.passed, "\n".join([*result.troubles, *result.facts])


def test_goals(lab: Run) -> None:
    results = list(lab.results.values())
    assert figures(results).met, summary(results)
