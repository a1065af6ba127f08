"""One machine, one call, one set of pseudonyms."""

from pathlib import Path

import pytest
from hotline_probe.machine import LocalMachine
from hotline_probe.pseudonymkey import pseudonym_key

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def machine(tmp_path: Path) -> LocalMachine:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "machine-id").write_text(ID + "\n")
    return LocalMachine(str(tmp_path))


def test_joining_a_call_again_gives_the_same_key(machine: LocalMachine) -> None:
    assert pseudonym_key(machine, b"call") == pseudonym_key(machine, b"call")


def test_another_call_or_machine_has_another_key(machine: LocalMachine, tmp_path: Path) -> None:
    before = pseudonym_key(machine, b"call")
    assert pseudonym_key(machine, b"other") != before
    (tmp_path / "etc" / "machine-id").write_text(ID[::-1])
    assert pseudonym_key(machine, b"call") != before


@pytest.mark.parametrize("text", ["", "short"])
def test_without_a_machine_id_or_a_call_the_key_is_random(
    tmp_path: Path, machine: LocalMachine, text: str
) -> None:
    assert pseudonym_key(machine, b"") != pseudonym_key(machine, b"")
    (tmp_path / "etc" / "machine-id").write_text(text)
    assert pseudonym_key(machine, b"call") != pseudonym_key(machine, b"call")
