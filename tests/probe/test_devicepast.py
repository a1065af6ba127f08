"""What was done on a device over earlier connections: kept for the same machine, never for another."""

from __future__ import annotations

from typing import Any

from hotline_probe.actions.base import Performed
from hotline_probe.devicepast import Past, Pasts
from hotline_probe.machine import CommandResult
from hotline_probe.proposals import Known
from hotline_proto.v1 import probe_pb2 as pb

ADDRESS = "ssh://root@192.168.1.1"
TITLE = {"en": "Make the disk writable again", "de": "Den Datenträger wieder beschreibbar machen"}


class Connection:
    """A connection to a machine, as root; notes what is run."""

    system = "linux"

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []

    def run(self, argv: tuple[str, ...], _timeout: float) -> CommandResult:
        self.ran.append(argv)
        return CommandResult(0, "0\n", "")


def done_on(past: Past) -> Known:
    """Return something that was done there and is undone by a command."""

    def undo() -> None:
        past.remote.act(("mount", "-o", "remount,ro", "/srv"), 1.0)

    known = Known(pb.ActionReport(proposal_id="p"), TITLE, Performed("done", undo))
    past.known["p"] = known
    return known


def test_the_next_connection_to_the_same_machine_takes_it_back() -> None:
    pasts, first, second = Pasts(), Connection(), Connection()
    machine: Any = first
    known = done_on(pasts.of(ADDRESS, "SHA256:a", machine))
    machine = second
    assert pasts.of(ADDRESS, "SHA256:a", machine).known == {"p": known}
    assert pasts.still_changed() == [{lang: f"{words} ({ADDRESS})" for lang, words in TITLE.items()}]
    assert known.performed is not None
    known.performed.undo()
    assert first.ran == []
    assert second.ran == [("id", "-u"), ("mount", "-o", "remount,ro", "/srv")]
    known.performed = None
    assert pasts.still_changed() == []


def test_a_machine_with_another_key_has_no_past() -> None:
    pasts, machine = Pasts(), Connection()
    done_on(pasts.of(ADDRESS, "SHA256:a", machine))  # type: ignore[arg-type]
    assert pasts.of(ADDRESS, "SHA256:b", machine).known == {}  # type: ignore[arg-type]
    assert pasts.of("ssh://root@192.168.1.2", "SHA256:a", machine).known == {}  # type: ignore[arg-type]
    # The caller hears all the same what is still changed.
    assert len(pasts.still_changed()) == 1
    assert machine.ran == []
