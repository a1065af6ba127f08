"""An operator signs values once; collectors hand them on, and only the operator's own probes believe them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from hotline_collector.calls import frames
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.proposing import listed
from hotline_collector.calls.settings import CallSettings
from hotline_collector.model.rows import FixRow
from hotline_collector.rulepack.cli import rules
from hotline_collector.rulepack.signing import read_private_key
from hotline_collector.serve.config import ActionSettings
from hotline_probe.errors import ActionError
from hotline_probe.operatorlist import OperatorLists
from hotline_proto.catalogue import load_catalogue
from pydantic import ValidationError

VALUES = """
operator = "help.example.org"
[values]
resolver = ["198.51.100.53", "2001:db8::53"]
time_server = ["time.example.org"]
"""
ACTION = load_catalogue().actions["dns.use_operator"]


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(rules, [str(word) for word in words])
    return done.exit_code, done.output


def a_fix(action: str, **parameters: str) -> FixRow:
    return FixRow("f", "c", "", "r", 0, 1, "", action, "", "low", "proposed", 0, parameters=parameters)


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    (tmp_path / "values.toml").write_text(VALUES)
    assert run("keygen", tmp_path / "key")[0] == 0
    output = tmp_path / "operator.list"
    code, said = run("sign-list", tmp_path / "values.toml", "--key", tmp_path / "key", "--output", output)
    assert (code, "actions.signed_list" in said) == (0, True), said
    return output


def test_what_was_signed_is_proposed_and_believed(signed: Path, tmp_path: Path) -> None:
    raw = signed.read_bytes()
    assert ActionSettings(signed_list=signed).signed_list == signed
    chosen = listed(raw, ACTION)
    assert chosen == {"server": "198.51.100.53"}
    settings = CallSettings(signed_list=raw)
    frame = frames.proposal(a_fix(ACTION.name, **chosen), 0, load_catalogue(), settings)
    public = read_private_key(tmp_path / "key").public_key()
    key = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    lists = OperatorLists(key, "help.example.org", b"")
    assert lists.choose(ACTION, chosen, frame.action.signed_list) == chosen
    with pytest.raises(ActionError, match="not signed by the operator"):
        OperatorLists(bytes([key[0] ^ 1]) + key[1:], "help.example.org", b"").choose(ACTION, chosen, raw)
    other = frames.proposal(a_fix("dns.flush_cache"), 0, load_catalogue(), settings)
    assert other.action.signed_list == b""


def test_without_a_list_the_agent_is_told_to_offer_the_steps() -> None:
    with pytest.raises(CallError, match="signed list; offer the steps instead"):
        listed(b"", ACTION)


@pytest.mark.parametrize(
    "values",
    ["", "operator = 1", VALUES.replace("198.51.100.53", "not an address"), "[values]\nresolver = 7"],
)
def test_wrong_values_are_not_signed(values: str, tmp_path: Path) -> None:
    (tmp_path / "values.toml").write_text(values)
    run("keygen", tmp_path / "key")
    output = tmp_path / "operator.list"
    code, said = run("sign-list", tmp_path / "values.toml", "--key", tmp_path / "key", "--output", output)
    assert code == 1
    assert said.startswith("Error: ")
    assert not output.exists()


def test_a_damaged_list_stops_the_start(signed: Path) -> None:
    signed.write_bytes(signed.read_bytes()[:80])
    with pytest.raises(ValidationError, match="signed_list"):
        ActionSettings(signed_list=signed)
