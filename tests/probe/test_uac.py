"""Windows' dialog for the rights of an administrator, with a stand-in for PowerShell that grants or refuses.

The stand-in takes its script apart as PowerShell does (about_Quoting_Rules) and the arguments in it as
Windows does (CommandLineToArgvW), and starts what is left.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hotline_probe.actions.elevate import OPTION, needs_rights, run_action
from hotline_probe.actions.uac import Meeting, asking, connected, literal
from hotline_probe.errors import ActionError, UsageError
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

APART = """
import re

LITERAL = "['\\u2018\\u2019\\u201a\\u201b]"
SCRIPT = re.compile(
    "try{Start-Process -FilePath (%(l)s(?:[^%(q)s]|%(l)s%(l)s)*%(l)s)"
    " -ArgumentList (%(l)s(?:[^%(q)s]|%(l)s%(l)s)*%(l)s)"
    " -Verb RunAs -WindowStyle Hidden -ErrorAction Stop}catch{exit 1}" % {"l": LITERAL, "q": LITERAL[1:-1]},
    re.DOTALL,
)


def plain(literal):
    return re.sub(LITERAL + "(" + LITERAL + ")", r"\\1", literal[1:-1])


def arguments(line):
    found, part, quoted, any_, i = [], "", False, False, 0
    while i < len(line):
        slashes = len(line[i:]) - len(line[i:].lstrip("\\\\"))
        if slashes and line[i + slashes : i + slashes + 1] == '"':
            part += "\\\\" * (slashes // 2)
            i += slashes
            if slashes % 2:
                part, i = part + '"', i + 1
            any_ = True
        elif slashes:
            part, i, any_ = part + "\\\\" * slashes, i + slashes, True
        elif line[i] == '"':
            quoted, any_, i = not quoted, True, i + 1
        elif line[i] in " \\t" and not quoted:
            if any_ or part:
                found.append(part)
            part, any_, i = "", False, i + 1
        else:
            part, i = part + line[i], i + 1
    return [*found, part] if any_ or part else found


def command(script):
    match = SCRIPT.fullmatch(script)
    return [plain(match[1]), *arguments(plain(match[2]))]
"""
apart: dict[str, object] = {}
exec(APART, apart)

GRANTS = """
import subprocess, sys
nothing = subprocess.DEVNULL
subprocess.Popen(command(sys.argv[-1]), stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
"""
SCRIPT = """
import sys
from hotline_probe.actions.elevate import OPTION, MetChild, perform_by
from hotline_probe.errors import ActionError
flags = lambda: int(open("/sys/class/net/hl0/flags").read(), 16) & 1
try:
    child = MetChild([sys.executable, "-m", "hotline_probe", OPTION, "interface.enable"])
    performed = perform_by(child, {"interface": sys.argv[1]})
except ActionError as error:
    print(error.code, flags())
    sys.exit()
print("done", flags())
performed.undo()
print("undone", flags())
"""


@pytest.fixture
def powershell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a PowerShell of our own first in PATH, a Python script."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))

    def put(script: str) -> None:
        (tmp_path / "powershell").write_text(f"#!{sys.executable}\n{script}")
        (tmp_path / "powershell").chmod(0o755)

    return put


def in_a_network_of_its_own(interface: str) -> list[str]:
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("needs root, unshare and ip(8)")
    cable = "ip link set lo up && ip link add hl0 type veth peer name hl1"
    inside = f'mount -t sysfs none /sys && {cable} && exec "$@"'
    words = ["unshare", "--net", "--mount", "sh", "-c", inside, "sh", sys.executable, "-c", SCRIPT, interface]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_is_granted_is_done_and_taken_back(powershell) -> None:
    powershell(APART + GRANTS)
    assert in_a_network_of_its_own("hl0") == ["done 1", "undone 0"]


def test_what_the_child_refuses_is_told(powershell) -> None:
    powershell(APART + GRANTS)
    assert in_a_network_of_its_own("; rm -rf /") == ["bad_parameter 0"]


def test_what_is_refused_is_a_permission(powershell) -> None:
    powershell("raise SystemExit(1)")
    with contextlib.closing(Meeting()) as meeting, pytest.raises(ActionError) as caught:
        meeting.start(["nothing"])
    assert caught.value.code == "permission"


def test_without_powershell_it_is_a_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with contextlib.closing(Meeting()) as meeting, pytest.raises(ActionError) as caught:
        meeting.start(["nothing"])
    assert caught.value.code == "permission"


def test_who_does_not_know_the_word_gets_no_answer(powershell) -> None:
    powershell("")
    with contextlib.closing(Meeting()) as meeting:
        port, word = meeting.words
        told: list[str] = []

        def child() -> None:
            with pytest.raises(UsageError), connected(port, "0" * 64):
                pass
            with connected(port, word) as (requests, answers):
                told.append(requests.readline())
                answers.write("answer\n")
                answers.flush()

        thread = threading.Thread(target=child, daemon=True)
        thread.start()
        with meeting.start(["nothing"]) as channel:
            channel.sendall(b"request\n")
            assert channel.recv(100) == b"answer\n"
        thread.join(30)
    assert told == ["request\n"]


def test_the_child_serves_nobody_who_only_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])

        def impostor() -> None:
            channel, _ = server.accept()
            with channel:
                channel.sendall(b"\0" * 64 + b'{"interface": "lo"}\n')
                channel.recv(1000)

        thread = threading.Thread(target=impostor, daemon=True)
        thread.start()
        with pytest.raises(UsageError, match="cannot prove"):
            run_action(["interface.enable", port, "1" * 64], sys.stdin, sys.stdout)
        thread.join(30)


@pytest.mark.parametrize("words", [("0", "1" * 64), ("99999", "1" * 64), ("x", "1" * 64), ("80", "short")])
def test_words_that_lead_nowhere(words: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        run_action(["interface.enable", *words], sys.stdin, sys.stdout)


def test_only_the_name_of_an_action_is_taken() -> None:
    with pytest.raises(UsageError, match=OPTION):
        run_action(["calc.exe", "80", "1" * 64], sys.stdin, sys.stdout)


TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("'\"\\ `$;&|{}()\u2018\u2019\u201a\u201b%"), st.characters())
)


@given(st.lists(TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_nothing_gets_out_of_its_quotes(words: list[str]) -> None:
    take_apart = apart["command"]
    assert callable(take_apart)
    assert take_apart(asking(words)[-1]) == words


@given(TEXTS)
def test_a_literal_ends_where_it_should(text: str) -> None:
    quoted = literal(text)
    inner = quoted[1:-1]
    for quote in "'\u2018\u2019\u201a\u201b":
        inner = inner.replace(quote * 2, "")
    assert not set(inner) & set("'\u2018\u2019\u201a\u201b")


def test_what_needs_the_rights_is_an_action_of_windows() -> None:
    specs = load_catalogue().actions
    needing = {name for name in specs if needs_rights("windows", name)}
    assert needing and all("windows" in specs[name].platforms for name in needing)
    assert "proxy.disable" not in needing  # an administrator's settings are not the caller's
    assert not any(needs_rights("linux", name) for name in specs)
