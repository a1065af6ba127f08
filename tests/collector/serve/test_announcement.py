"""What `serve` prints at its start is a command that exists, with what its certificate asks for."""

from __future__ import annotations

import re
import shlex

import pytest
from hotline_collector.console.login_commands import login
from hotline_collector.serve.app import Started
from hotline_collector.serve.config import Config
from hotline_collector.serve.starting import announce


def announced(
    capsys: pytest.CaptureFixture[str], fingerprint: str = "", calls: int = 0, link: str = ""
) -> str:
    started = Started(
        grpc_port=7443, web_port=8443, fingerprint=fingerprint, rules=3, calls=calls, set_up_link=link
    )
    announce(started, Config())
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("fingerprint", "trust"), [("ab" * 32, "--web-port 8443"), ("", "--public")], ids=["own", "public"]
)
def test_the_next_command_is_one_that_login_takes(
    capsys: pytest.CaptureFixture[str], fingerprint: str, trust: str
) -> None:
    found = re.search(r"Next: (.*)", announced(capsys, fingerprint=fingerprint))
    assert found and found[1] == f"hotline login --server localhost:7443 {trust}"
    context = login.make_context("login", shlex.split(found[1])[2:])
    assert context.params["public"] == (not fingerprint)


def test_the_set_up_link_is_said_only_while_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    link = "http://localhost:8443/desk/set-up/x"
    said = announced(capsys, link=link)
    assert f"Make the first account at\n  {link}\n" in said and "works once" in said
    assert "first account" not in announced(capsys)


@pytest.mark.parametrize(("calls", "said"), [(0, "0 open calls;"), (1, "1 open call;"), (2, "2 open calls;")])
def test_calls_are_counted_in_words_that_fit(
    capsys: pytest.CaptureFixture[str], calls: int, said: str
) -> None:
    assert said in announced(capsys, calls=calls)
