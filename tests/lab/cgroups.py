"""A control group of each hierarchy for a customer's machine, so that its load and memory are its own."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
PREFIX = "hotline-lab-"


def hierarchies() -> list[Path]:
    """Return where the hierarchies are mounted, of version 1 and 2."""
    rows = [line.split() for line in _MOUNTS.read_text().splitlines()]
    return [Path(row[1]) for row in rows if row[2] in {"cgroup", "cgroup2"}]


class Group:
    """The control groups of one machine; `name` begins with `PREFIX`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places = [place / name for place in hierarchies()]
        for place in self.places:
            place.mkdir(exist_ok=True)
        self._inherit_cpus()

    def _inherit_cpus(self) -> None:
        """A group of the cpuset hierarchy takes nobody in before it has processors (cpuset(7))."""
        for place in self.places:
            for name in ("cpuset.cpus", "cpuset.mems"):
                if (place / name).exists() and not (place / name).read_text().strip():
                    (place / name).write_text((place.parent / name).read_text())

    def limit(self, file: str, value: str) -> None:
        """Set a limit in the hierarchy that has it.

        Raises:
            StopIteration: no hierarchy has it.
        """
        next(place / file for place in self.places if (place / file).exists()).write_text(value)

    def wrapped(self, argv: list[str]) -> list[str]:
        """Return a command line that starts a program inside the group."""
        files = [str(place / "cgroup.procs") for place in self.places]
        enter = "; ".join(f"echo 0 > {file}" for file in files)
        return ["sh", "-c", f'{enter}; exec "$@"', "sh", *argv]

    def delete(self) -> None:
        """Remove the groups once their last process is gone."""
        for place in self.places:
            remove(place)


def remove(place: Path) -> None:
    """Remove a group, and those below it; one that stays busy is left for the next start."""
    with contextlib.suppress(OSError):
        for below in place.iterdir():
            if below.is_dir():
                remove(below)
    for _ in range(50):
        try:
            place.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)
        else:
            return


def remove_left_over() -> None:
    """Remove empty groups of labs that were killed."""
    for hierarchy in hierarchies():
        for place in hierarchy.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                place.rmdir()
