"""The help of the programs tells every command once, in a whole sentence."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner
from hotline_collector.console.call_commands import call
from hotline_collector.console.cli import hotline
from hotline_collector.rulepack.cli import rules
from hotline_collector.serve.cli import main


@pytest.mark.parametrize("group", [hotline, call, rules, main], ids=["hotline", "call", "rules", "collector"])
def test_every_command_is_told_once_and_whole(group: click.Group) -> None:
    done = CliRunner().invoke(group, ["--help"])
    assert done.exit_code == 0
    told = done.output.partition("\nCommands:\n")[2]
    listed = re.findall(r"^  (\S+)  ", told, re.MULTILINE)
    assert sorted(listed) == sorted(group.list_commands(click.Context(group)))
    sentences = re.split(r"^  \S+ +", told, flags=re.MULTILINE)[1:]
    assert all(sentence.strip().endswith(".") and "..." not in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("group", "typed", "right"),
    [
        (main, ["serve", "--config", "x.toml"], "main --config … serve"),
        (main, ["config", "check", "--data-dir", "x"], "main --data-dir … config check"),
        (call, ["show", "--reason", "ill"], "call --reason … show"),
    ],
)
def test_an_option_of_the_group_is_put_in_its_place(group: click.Group, typed: list[str], right: str) -> None:
    done = CliRunner().invoke(group, typed)
    assert done.exit_code == 2
    assert f"belongs in front of the command: {right}" in done.output


def test_an_option_that_does_not_exist_has_no_place() -> None:
    done = CliRunner().invoke(main, ["serve", "--confg", "x.toml"])
    assert done.exit_code == 2 and "No such option" in done.output
