"""Accounts and tokens from the operator's command line."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hotline_collector.serve.cli import main
from hotline_collector.store.store import SqlStore

PASSWORD = "correct horse battery\n"


class Operator:
    """Somebody at the machine of the collector."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runner = CliRunner()

    def run(self, *words: str, typed: str = "") -> Result:
        return self._runner.invoke(main, ["--data-dir", str(self.folder), *words], input=typed)

    def said(self, *words: str, typed: str = "") -> str:
        done = self.run(*words, typed=typed)
        assert done.exit_code == 0, done.output
        return done.output

    def refused(self, *words: str, typed: str = "") -> str:
        done = self.run(*words, typed=typed)
        assert done.exit_code == 1, done.output
        assert done.output.startswith("hotline-collector: ")
        return done.output

    def add(self, name: str, role: str) -> None:
        self.said("user", "add", name, "--role", role, "--password-file", "-", typed=PASSWORD)

    def trail(self) -> list[tuple[str, str, str | None]]:
        async def read() -> list[tuple[str, str, str | None]]:
            store = SqlStore(self.folder / "hotline.db")
            entries = await store.audit_trail()
            await store.close()
            return [(entry.actor, entry.action, entry.detail) for entry in entries]

        return asyncio.run(read())


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    return Operator(tmp_path / "data")


def test_accounts_from_the_command_line(operator: Operator) -> None:
    operator.add("ada", "admin")
    operator.add("mia", "agent")
    assert "exists" in operator.refused("user", "add", "mia", "--password-file", "-", typed=PASSWORD)
    assert "15 to 256" in operator.refused("user", "passwd", "mia", "--password-file", "-", typed="x\n")
    assert "15 to 256" in operator.refused("user", "add", "eva", "--password-file", "-", typed="\n")
    assert operator.said("user", "list") == "ada\tadmin\nmia\tagent\n"
    operator.said("user", "passwd", "mia", "--password-file", "-", typed="three unrelated words\n")
    operator.said("user", "role", "mia", "lead")
    operator.said("user", "disable", "mia")
    assert operator.said("user", "list") == "ada\tadmin\nmia\tlead\tdisabled\n"
    assert "is disabled" in operator.refused("user", "link", "mia")
    operator.said("user", "enable", "mia")
    operator.said("user", "logout", "mia")
    for words in (("user", "disable", "ada"), ("user", "role", "ada", "agent")):
        assert "last admin" in operator.refused(*words)
    for words in (
        ("role", "nobody", "agent"),
        ("disable", "nobody"),
        ("link", "nobody"),
        ("logout", "nobody"),
    ):
        assert "no account" in operator.refused("user", *words)
    assert re.fullmatch(
        r"http://localhost:7444/desk/set-up/[\w-]{43}\n", operator.said("user", "link", "mia")
    )
    assert operator.trail() == [
        ("operator", "user.add", "ada: admin"),
        ("operator", "user.add", "mia: agent"),
        ("operator", "user.passwd", "mia"),
        ("operator", "user.role", "mia: lead"),
        ("operator", "user.disable", "mia"),
        ("operator", "user.enable", "mia"),
        ("operator", "user.sessions_end", "mia"),
        ("operator", "user.link", "mia"),
    ]
    assert "8 entries, unbroken" in operator.said("audit", "verify")


def test_tokens_for_programs_from_the_command_line(operator: Operator) -> None:
    operator.said("user", "add", "tickets", "--no-password")
    assert operator.said("user", "list") == "tickets\tagent\tno password\n"
    made = operator.said("token", "add", "ticket system", "--user", "tickets", "--days", "30").strip()
    assert re.fullmatch(r"[\w-]{43}", made)
    [line] = operator.said("token", "list").splitlines()
    name, account, ends, digest = line.split("\t")
    assert (name, account) == ("ticket system", "tickets") and re.fullmatch(r"\d{4}-\d\d-\d\d", ends)
    operator.said("token", "add", "ticket system", "--user", "tickets")
    assert "several" in operator.refused("token", "revoke", "ticket system")
    operator.said("token", "revoke", digest)
    operator.said("token", "revoke", "ticket system")
    assert operator.said("token", "list") == ""
    assert "no token" in operator.refused("token", "revoke", "ticket system")
    assert "no account" in operator.refused("token", "add", "x", "--user", "nobody")
    assert operator.run("token", "add", "x", "--user", "tickets", "--days", "31").exit_code == 2
